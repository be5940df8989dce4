// The list before publishing, kept up to date while it is open. What it finds leads to its place in the text.

import { goTo } from "along";

const PAUSE = 1_200; // milliseconds
const LOOK_AGAIN = 2_500; // for links that are being asked for
const MOST_LOOKS = 20;
const FIELDS = ["csrf_token", "content", "excerpt", "tags"];

export function enhance(panel) {
  const form = panel.closest("form");
  const place = panel.querySelector("[data-findings]");
  const number = panel.querySelector("[data-findings-number]");
  const told = panel.querySelector("[data-findings-told]");
  let waiting = 0;
  let asking = null;
  let looks = 0;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const body = new FormData();
    for (const name of FIELDS) body.set(name, form.elements[name].value);
    try {
      const answer = await fetch(panel.dataset.asks, { method: "POST", body, signal: asking.signal, redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.text());
    } catch (error) {
      if (error.name !== "AbortError") place.textContent = "This could not be looked at just now. It blocks nothing.";
    }
  }

  function show(html) {
    if (place.contains(document.activeElement)) return again(PAUSE); // somebody is choosing from it
    place.innerHTML = html; // made by the server, which escapes what it shows
    const list = place.firstElementChild;
    number.textContent = list.dataset.number === "0" ? "" : `(${list.dataset.number})`;
    const news = list.dataset.number === "0" ? "Nothing to mend." : `${list.dataset.number} to look at.`;
    if (told.textContent !== news) told.textContent = news;
    if (list.dataset.waiting !== "0" && looks < MOST_LOOKS) again(LOOK_AGAIN);
    looks += 1;
  }

  function again(after) {
    clearTimeout(waiting);
    waiting = setTimeout(() => { if (panel.open) ask(); }, after);
  }

  panel.addEventListener("toggle", () => { if (panel.open) ask(); });
  form.addEventListener("input", () => {
    looks = 0;
    if (panel.open) again(PAUSE);
  });
  place.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-line]");
    if (button) lead(form, Number(button.dataset.line), button.dataset.place);
  });
  if (panel.open) ask();
}

function lead(form, line, words) {
  const { content } = form.elements;
  if (!content.checkVisibility()) form.querySelector("[data-key~=preview]").click();
  const lines = content.value.split("\n");
  const begin = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
  const near = lines.slice(line, line + 3).join("\n"); // a link may be broken over lines
  const at = words ? near.indexOf(words) : -1;
  const [from, size] = at < 0 ? [begin, lines[line]?.length ?? 0] : [begin + at, words.length];
  content.focus({ preventScroll: true });
  content.setSelectionRange(from, from + size);
  goTo(content, line);
}
