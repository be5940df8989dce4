// The preview scrolls along with the text, paragraph by paragraph.

const MOST_KNOWN = 20_000; // widths of lines
const AT = 0.3; // of the window: where the eye is

// `section` scrolls, and holds the `prose` of the text in `textarea`.
export function follow(textarea, section, prose) {
  const rows = measure(textarea);
  let blocks = [];
  let planned = 0;
  let typing = false;

  function plan(isTyping) {
    typing ||= isTyping;
    if (section.hidden || planned) return;
    planned = requestAnimationFrame(() => {
      planned = 0;
      scroll(typing ? caretLine() : lineInSight());
      typing = false;
    });
  }

  const caretLine = () => textarea.value.slice(0, textarea.selectionStart).split("\n").length - 1;

  // The line in the text that is level with the eye, with a part of it.
  function lineInSight() {
    const { top, bottom } = textarea.getBoundingClientRect();
    const begin = Math.max(0, top);
    const eye = begin + AT * (Math.min(innerHeight, bottom) - begin);
    const wanted = (textarea.scrollTop + eye - top) / textarea.scrollHeight;
    return textarea.scrollTop <= 0 && top >= 0 ? 0 : rows.lineAt(wanted);
  }

  function scroll(line) {
    const number = blocks.findLastIndex((block) => block.line <= line);
    if (number < 0) return;
    const here = blocks[number];
    const node = here.nodes.find((one) => one.nodeType === Node.ELEMENT_NODE);
    if (!node) return;
    const size = (blocks[number + 1]?.line ?? here.line + 1) - here.line;
    const { top, height } = node.getBoundingClientRect();
    const part = Math.min(1, (line - here.line) / size);
    const inside = top - section.getBoundingClientRect().top + section.scrollTop + part * height;
    section.scrollTo({ top: line <= 0 ? 0 : inside - AT * section.clientHeight, behavior: "instant" });
  }

  textarea.addEventListener("scroll", () => plan(false), { passive: true });
  addEventListener("scroll", () => plan(false), { passive: true });
  textarea.addEventListener("input", () => plan(true));
  textarea.addEventListener("keyup", ({ key }) => { if (/^(Arrow|Page|Home|End)/.test(key)) plan(true); });
  textarea.addEventListener("click", () => plan(true));

  return {
    take(shown) {
      blocks = shown.blocks.filter(({ line }) => line !== null);
      plan(document.activeElement === textarea);
    },
    line: lineInSight,
    prose,
  };
}

// Brings a line of the text level with the eye.
export function goTo(textarea, line) {
  const y = measure(textarea).partOf(line) * textarea.scrollHeight;
  textarea.scrollTop = y - AT * textarea.clientHeight;
  const { top } = textarea.getBoundingClientRect();
  if (textarea.scrollHeight <= textarea.clientHeight + 2) scrollBy({ top: top + y - AT * innerHeight, behavior: "instant" });
  else if (top < 0 || top > innerHeight / 2) textarea.scrollIntoView({ block: "center", behavior: "instant" });
}

// Into how many rows the browser breaks each line, nearly: by the widths of its words, without asking for a layout.
function measure(textarea) {
  const pen = document.createElement("canvas").getContext("2d");
  let widths = new Map();
  let known = "";
  let ends = [];

  function ofLine(line, room) {
    if (!widths.has(line)) widths.set(line, pen.measureText(line).width);
    return Math.max(1, Math.ceil(widths.get(line) / room));
  }

  function look() {
    const style = getComputedStyle(textarea);
    const room = textarea.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
    const key = `${style.font} ${room} ${textarea.value.length}`;
    if (key === known) return;
    if (pen.font !== style.font || widths.size > MOST_KNOWN) widths = new Map();
    pen.font = style.font;
    known = key;
    let sum = 0;
    ends = textarea.value.split("\n").map((line) => (sum += ofLine(line, room)));
  }

  return {
    partOf(line) {
      look();
      return line ? (ends[line - 1] ?? 0) / (ends.at(-1) || 1) : 0;
    },
    // The line at this part of the whole height, from 0 to 1.
    lineAt(part) {
      look();
      const row = part * (ends.at(-1) ?? 1);
      const line = Math.max(0, ends.findIndex((end) => end > row));
      const begin = line ? ends[line - 1] : 0;
      return line + (row - begin) / (ends[line] - begin || 1);
    },
  };
}
