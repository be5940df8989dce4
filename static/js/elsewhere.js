// How a link to the post looks in search results and social networks, as its title and words change.

const PAUSE = 300; // milliseconds
const LONGEST = 280; // of the beginning of a text
const PICTURE = /!\[[^\]]*\]\(<?(https:\/\/[^\s)>]+|\/[^\s)>]+)/;

export function enhance(panel) {
  const form = panel.closest("form");
  const { title, excerpt, content } = form.elements;
  const all = (name) => panel.querySelectorAll(`[data-${name}]`);
  let waiting = 0;
  let shown;

  function show() {
    if (!panel.open) return;
    for (const place of all("title")) place.textContent = title.value.trim() || "Untitled";
    const words = excerpt.value.trim() || beginning(content.value);
    for (const place of all("words")) place.textContent = words;
    const source = PICTURE.exec(content.value)?.[1];
    if (source === shown) return;
    shown = source;
    for (const place of all("picture")) place.replaceChildren(...(source ? [picture(source)] : []));
  }

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("addressed", ({ detail }) => {
    for (const place of all("address")) place.textContent = panel.dataset.site + (detail || "/posts/…");
  });
  panel.addEventListener("toggle", show);
}

function picture(source) {
  const made = new Image();
  made.className = "card-picture";
  made.alt = "";
  made.src = source;
  return made;
}

// The first paragraphs in plain words, nearly as the server will take them.
function beginning(markdown) {
  const paragraphs = markdown.slice(0, 20 * LONGEST).split(/\n{2,}/);
  const plain = paragraphs.filter((text) => !/^\s*(#|>|\||```|~~~|!\[|\[\^?[^\]]+\]:|\$\$|<|[-*_]{3,}\s*$)/.test(text)).map(words);
  const text = plain.join(" ").replace(/\s+/g, " ").trim();
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).replace(/\s+\S*$/, "")}…`;
}

function words(text) {
  return text
    .replace(/!\[[^\]]*\]\([^)]*\)|\[\^[^\]]+\]/g, "")
    .replace(/\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])/g, "$1")
    .replace(/^\s*([-*+]|\d+[.)])\s+(\[[ x]\] )?/gm, "")
    .replace(/(\*{1,3}|_{1,3}|~~|`)(\S(?:.*?\S)?)\1/g, "$2");
}
