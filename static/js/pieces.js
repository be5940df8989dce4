// Which piece of a long text has to be rendered anew, with what it needs of the rest: the links that are defined
// elsewhere, and the footnotes before it, so that its own have the right numbers.

const MOST_LINES = 400; // of a piece
const DEFINITION = /^ {0,3}\[([^\]\n]+)\]:/;
const NOTE = /\[\^([^\s[\]]{1,100})\](?!:)/g;

// `shown` are the lines and blocks that stand there; null where the whole will do better.
export function fragment(shown, lines) {
  const old = shown.lines;
  const blocks = shown.blocks.filter(({ line }) => line !== null);
  if (!old || !blocks.length) return null;
  const begin = common(old, lines, 0);
  const end = common(old, lines, Math.min(old.length, lines.length) - begin, true);
  const first = Math.max(0, lastBefore(blocks, begin) - 1);
  let last = Math.max(first, lastBefore(blocks, Math.max(begin, old.length - end))) + 1;
  last = Math.min(last + 1, blocks.length); // the block after what changed may have become part of it
  const from = first ? blocks[first].line : 0;
  const rest = last < blocks.length ? old.length - blocks[last].line : 0;
  const mine = lines.slice(from, lines.length - rest);
  if (rest > end && last < blocks.length) return null;
  if (mine.length > MOST_LINES) return null;
  const notes = notesBefore(lines.slice(0, from), lines);
  const defined = [...lines.slice(0, from), ...lines.slice(lines.length - rest)].filter((line) => DEFINITION.test(line));
  const text = [notes, "", ...mine, "", ...defined.map(shortened)].join("\n");
  return { text, first, last, from, size: mine.length, moved: lines.length - old.length };
}

// All blocks, with those of the piece in place of the old ones.
export function joined(shown, piece, rendered) {
  const placed = shown.blocks.filter(({ line }) => line !== null);
  const notes = shown.blocks.filter(({ line }) => line === null);
  const own = rendered.filter(({ line }) => line !== null && line >= 2 && line < 2 + piece.size);
  return [
    ...placed.slice(0, piece.first).map(({ line, html }) => ({ line, html })),
    ...own.map(({ line, html }) => ({ line: line - 2 + piece.from, html })),
    ...placed.slice(piece.last).map(({ line, html }) => ({ line: line + piece.moved, html })),
    ...notes.map(({ line, html }) => ({ line, html })),
  ];
}

// How many lines are the same from the beginning, or, at most `most` of them, from the end.
function common(old, lines, most, fromEnd = false) {
  const limit = fromEnd ? most : Math.min(old.length, lines.length);
  let same = 0;
  while (same < limit && (fromEnd ? old.at(-1 - same) === lines.at(-1 - same) : old[same] === lines[same])) same += 1;
  return same;
}

function lastBefore(blocks, line) {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].line <= line) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

// The first mark of each footnote before the piece, in the order that gives them their numbers.
function notesBefore(before, lines) {
  const defined = new Set(lines.flatMap((line) => DEFINITION.exec(line)?.[1] ?? []).filter((label) => label.startsWith("^")));
  const marks = [...before.join("\n").matchAll(NOTE)].map(([, label]) => label).filter((label) => defined.has(`^${label}`));
  return [...new Set(marks)].map((label) => `[^${label}]`).join("");
}

// A footnote's own words are not needed to know that it is there.
function shortened(line) {
  const [sign, label] = DEFINITION.exec(line);
  return label.startsWith("^") ? `${sign} .\n` : line;
}
