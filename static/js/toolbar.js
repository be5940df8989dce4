// The signs of Markdown, put in by buttons and keys. As typed text, so that the browser's own undo takes them back.

const LINES = {
  heading: { sign: "## ", any: /^#{1,6} /, words: "Heading" },
  quote: { sign: "> ", any: /^> ?/, words: "Quotation" },
  list: { sign: "- ", any: /^[-*+] (?!\[[ x]\] )/, words: "Item" },
  numbers: { sign: "1. ", any: /^\d+[.)] /, words: "Item" },
  tasks: { sign: "- [ ] ", any: /^[-*+] \[[ x]\] /, words: "Task" },
};
const AROUND = { bold: ["**", "bold"], italic: ["*", "italic"], code: ["`", "code"], struck: ["~~", "struck"] };
const KEYS = { b: "bold", i: "italic", k: "link", e: "code" };
const BLOCKS = {
  table: "| Column | Column |\n|--------|--------|\n| Cell   | Cell   |\n",
  rule: "***\n",
};

// `toolbar` holds buttons with `data-mark`, for the textarea that its `data-for` names.
export function enhance(toolbar) {
  const textarea = document.getElementById(toolbar.dataset.for);
  const buttons = [...toolbar.querySelectorAll("[data-mark]")];
  toolbar.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-mark]");
    if (button) put(textarea, button.dataset.mark);
  });
  textarea.addEventListener("keydown", (event) => {
    const mark = KEYS[event.key.toLowerCase()];
    if (!mark || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    put(textarea, mark);
  });
  textarea.addEventListener("keydown", goOn);
  rove(toolbar, buttons);
  toolbar.hidden = false;
}

// One stop for Tab; the arrows, Home and End go from button to button (WAI-ARIA, toolbar pattern).
function rove(toolbar, buttons) {
  const all = () => [...toolbar.querySelectorAll("button")].filter((button) => !button.hidden);
  buttons.forEach((button, number) => { button.tabIndex = number ? -1 : 0; });
  const stop = (button) => {
    for (const other of all()) other.tabIndex = other === button ? 0 : -1;
  };
  stop(all()[0]);
  toolbar.addEventListener("focusin", ({ target }) => { if (target.matches("button")) stop(target); });
  toolbar.addEventListener("keydown", (event) => {
    const places = all();
    const here = places.indexOf(event.target);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: -1 }[event.key];
    if (here < 0 || next === undefined) return;
    event.preventDefault();
    places.at(next % places.length).focus();
  });
}

export function put(textarea, mark) {
  textarea.focus();
  if (AROUND[mark]) around(textarea, ...AROUND[mark]);
  else if (LINES[mark]) lines(textarea, LINES[mark]);
  else if (BLOCKS[mark]) block(textarea, BLOCKS[mark]);
  else if (mark === "fence") fence(textarea);
  else if (mark === "note") note(textarea);
  else reference(textarea, mark === "image" ? "!" : "");
}

// Put `text` in place of what is between `start` and `end`, as if it had been typed; then select, counted from `start`.
export function replace(textarea, start, end, text, from = text.length, to = from) {
  textarea.focus();
  if (start === end && !text) return;
  textarea.setSelectionRange(start, end);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    textarea.setRangeText(text, start, end);
    textarea.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  textarea.setSelectionRange(start + from, start + to);
}

function selected({ value, selectionStart: start, selectionEnd: end }) {
  return { value, start, end, words: value.slice(start, end) };
}

// Around what is selected, or taken away again where it is there already.
function around(textarea, sign, example) {
  const { value, start, end, words } = selected(textarea);
  const size = sign.length;
  const outside = value.slice(start - size, start) === sign && value.slice(end, end + size) === sign;
  if (outside && !(size === 1 && value.slice(start - 2, start) === sign.repeat(2))) {
    return replace(textarea, start - size, end + size, words, 0, words.length);
  }
  const inner = words || example;
  replace(textarea, start, end, sign + inner + sign, size, size + inner.length);
}

// Before each line that the selection touches, or taken away where all have it.
function lines(textarea, { sign, any, words }) {
  const { value, start, end } = selected(textarea);
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const until = value.indexOf("\n", end);
  const to = until < 0 ? value.length : until;
  const old = value.slice(from, to).split("\n");
  const marked = old.filter((line) => line.trim());
  const away = marked.length > 0 && marked.every((line) => any.test(line));
  const bare = (line) => Object.values(LINES).reduce((left, kind) => left.replace(kind.any, ""), line);
  const next = old.map((line, number) => {
    if (away) return line.replace(any, "");
    if (!line.trim() && old.length > 1) return line;
    return (sign === "1. " ? `${number + 1}. ` : sign) + (bare(line) || words);
  });
  const text = next.join("\n");
  if (old.length > 1) replace(textarea, from, to, text, 0, text.length);
  else replace(textarea, from, to, text, away || old[0].trim() ? text.length : sign.length, text.length);
}

// A block of its own, with a blank line on either side.
function block(textarea, text, from = text.length, to = from) {
  const { value, start, end } = selected(textarea);
  const before = value.slice(0, start);
  const gap = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const after = value.slice(end).startsWith("\n") ? "" : "\n";
  replace(textarea, start, end, gap + text + after, gap.length + from, gap.length + to);
}

function fence(textarea) {
  const { words } = selected(textarea);
  const inner = words || "code";
  block(textarea, `\`\`\`\n${inner}\n\`\`\`\n`, 4, 4 + inner.length);
}

function reference(textarea, sign) {
  const { start, end, words } = selected(textarea);
  const address = /^(https?:\/\/|\/)\S+$/.test(words) ? words : "";
  const inner = address || !words ? (sign ? "what it shows" : "words") : words;
  const target = address || "https://";
  const text = `${sign}[${inner}](${target})`;
  const place = sign.length + 1;
  if (address || !words) return replace(textarea, start, end, text, place, place + inner.length);
  const begin = place + inner.length + 2;
  replace(textarea, start, end, text, begin, begin + target.length);
}

// A footnote with the next free number; its words at the end of the text.
function note(textarea) {
  const { value, end } = selected(textarea);
  const taken = [...value.matchAll(/\[\^(\d{1,6})\]/g)].map(([, number]) => Number(number));
  const number = Math.max(0, ...taken) + 1;
  replace(textarea, end, end, `[^${number}]`);
  const { length } = textarea.value;
  const gap = textarea.value.endsWith("\n") ? "\n" : "\n\n";
  const begins = `${gap}[^${number}]: `;
  replace(textarea, length, length, `${begins}Note`, begins.length, begins.length + 4);
}

// Enter in a list goes on with it; in an item without words it ends the list.
function goOn(event) {
  const textarea = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const { value, start, end } = selected(textarea);
  const from = value.lastIndexOf("\n", start - 1) + 1;
  const found = /^(\s*)([-*+]|(\d{1,9})([.)])|>)( \[[ x]\])? /.exec(value.slice(from, start));
  if (!found || start !== end) return;
  event.preventDefault();
  const [sign, indent, bullet, number, point, box] = found;
  if (value.slice(from, start) === sign && /^(\n|$)/.test(value.slice(start, start + 1))) return replace(textarea, from, start, "");
  const next = number ? `${Number(number) + 1}${point}` : bullet;
  replace(textarea, start, start, `\n${indent}${next}${box ? " [ ]" : ""} `);
}
