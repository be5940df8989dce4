// The text as readers will see it, beside the text. The server renders; of a long text at first only the piece that
// changed, and the whole, which alone is certain to be right, as soon as there is a pause.

import { fragment, joined } from "pieces";
import { follow } from "along";

const PAUSE = 20; // milliseconds after a key
const LONG = 20_000; // units, from which on the whole takes too long to wait for
const WHOLE_AFTER = 800; // milliseconds
const PATIENCE = 20_000;
const FAILED = "The preview could not be fetched. Your text is safe here; please try again in a moment.";

// `form` has a place for it, and a button that shows and hides it.
export function preview(form, button) {
  const section = document.querySelector("[data-preview-target]");
  const prose = section.querySelector(".prose");
  const content = form.elements.content;
  const along = follow(content, section, prose);
  let shown = null; // { lines, blocks } as they stand in the page
  let asking = null;
  let waiting = 0;
  let later = 0;

  form.querySelector(".sheet").after(section);

  async function ask(text) {
    asking?.abort();
    const mine = (asking = new AbortController());
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("content", text);
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(PATIENCE)]);
    const answer = await fetch(form.dataset.preview, { method: "POST", body, signal, redirect: "error" });
    if (!answer.ok) throw new Error(answer.statusText);
    const blocks = await answer.json();
    return mine.signal.aborted ? null : blocks.map(([line, html]) => ({ line, html }));
  }

  async function renew() {
    const text = content.value;
    const lines = text.split("\n");
    const piece = shown && text.length > LONG ? fragment(shown, lines) : null;
    clearTimeout(later);
    try {
      const blocks = await ask(piece ? piece.text : text);
      if (!blocks) return;
      show({ lines, blocks: piece ? joined(shown, piece, blocks) : blocks });
      if (piece) later = setTimeout(whole, WHOLE_AFTER);
    } catch (error) {
      if (error.name === "AbortError") return;
      shown = null;
      prose.textContent = FAILED;
    }
  }

  function whole() {
    if (shown) shown.lines = null; // so that no piece of it will do
    renew();
  }

  // Only blocks that differ are put in anew: pictures stay loaded, and what is read stays where it is.
  function show(next) {
    const old = shown?.blocks ?? [];
    if (!shown) prose.replaceChildren();
    let same = 0;
    while (same < Math.min(old.length, next.blocks.length) && old[same].html === next.blocks[same].html) same += 1;
    let end = 0;
    while (end < Math.min(old.length, next.blocks.length) - same && old.at(-1 - end).html === next.blocks.at(-1 - end).html) end += 1;
    next.blocks.forEach((block, number) => {
      const known = number < same ? old[number] : number >= next.blocks.length - end ? old[old.length - next.blocks.length + number] : null;
      block.nodes = known ? known.nodes : nodesOf(block.html);
    });
    const before = old.length - end < old.length ? old[old.length - end].nodes[0] ?? null : null;
    for (const { nodes } of old.slice(same, old.length - end)) for (const node of nodes) node.remove();
    const fresh = next.blocks.slice(same, next.blocks.length - end).flatMap(({ nodes }) => nodes);
    const place = before?.isConnected ? before : null;
    for (const node of fresh) prose.insertBefore(node, place);
    shown = next;
    form.dataset.previewed = next.lines ? "yes" : "";
    along.take(next);
  }

  function soon() {
    if (section.hidden) return;
    clearTimeout(waiting);
    clearTimeout(later);
    waiting = setTimeout(renew, PAUSE);
  }

  function toggle(visible) {
    section.hidden = !visible;
    form.dataset.view = visible ? "both" : "text";
    button.setAttribute("aria-pressed", String(visible));
    if (!visible) return content.focus({ preventScroll: true });
    renew();
    if (content.checkVisibility()) return content.focus({ preventScroll: true });
    section.querySelector("h2").focus(); // it stands in place of the text
    section.scrollIntoView();
  }

  content.addEventListener("input", soon);
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    event.stopPropagation();
    toggle(section.hidden);
  }, { capture: true });
  button.setAttribute("aria-pressed", String(!section.hidden));
  form.dataset.view = section.hidden ? "text" : "both";
  if (!section.hidden) renew();
  return { toggle, isShown: () => !section.hidden };
}

// What the server has sanitised, like all that it stores.
function nodesOf(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.childNodes];
}
