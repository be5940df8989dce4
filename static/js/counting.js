// Words and minutes, counted as one writes: a line is counted once, so that a long text costs no more than a short one.

const PAUSE = 300; // milliseconds
const A_MINUTE = 230; // words, as templates/posts/_byline.html reckons
const MOST_KNOWN = 20_000; // lines

// `place` shows them, for the textarea that its `data-for` names.
export function enhance(place) {
  if (!Intl.Segmenter) return;
  const textarea = document.getElementById(place.dataset.for);
  const language = document.documentElement.lang;
  const count = counter(language);
  let waiting;

  const show = () => {
    const words = count(textarea.value);
    const minutes = Math.max(1, Math.round(words / A_MINUTE));
    const told = [[words, "word"], [minutes, "minute"]];
    place.textContent = told.map(([number, unit]) => `${number.toLocaleString(language)} ${unit}${number === 1 ? "" : "s"}`).join(", ");
  };
  textarea.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  });
  show();
  place.hidden = false;
}

function counter(language) {
  const segments = new Intl.Segmenter(language, { granularity: "word" });
  let known = new Map();

  const ofLine = (line) => {
    let words = known.get(line);
    if (words === undefined) {
      words = 0;
      for (const segment of segments.segment(line)) words += segment.isWordLike ? 1 : 0;
      known.set(line, words);
    }
    return words;
  };
  return (text) => {
    if (known.size > MOST_KNOWN) known = new Map();
    return text.split("\n").reduce((sum, line) => sum + (line ? ofLine(line) : 0), 0);
  };
}
