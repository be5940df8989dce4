// As an editor opens: the newest of what is saved, what the server's journal has and what this device has is put on the
// screen, and whatever else there is can be had beside it.

import { same } from "changes";
import { firstOf } from "controls";
import { kept, mark } from "device";

const PATIENCE = 3_000; // milliseconds

// Gives the `text` of this device that was put on the screen, if any, and whether the screen was `emptied`, because
// what stood there is being typed in another tab.
export async function recover(form, given, screen, typed) {
  const editor = { ...screen, compare: (...texts) => compare(form, given.difference, ...texts) };
  const first = editor.now();
  const saved = given.saved ?? (given.posted ? null : defaults(form, given));
  const restored = !given.posted && !same(first, defaults(form, given)); // by the browser, after Back
  const found = (await unsaved(given, saved)).filter(({ tab, typed_at }) => typed_at > (given.taken[tab] ?? 0));
  const alive = await heldElsewhere([...found.map(({ tab }) => tab), given.screen?.tab]);
  const own = found.find(({ tab }) => tab === history.state?.journal);
  const newest = restored ? null : found.find((text) => !alive.has(text.tab) && isNewer(text, given));
  const best = typed() || (own && given.screen?.tab === own.tab && !isNewer(own, given)) ? null : own ?? newest;
  const shown = best && !same(best, first);
  let emptied = false;
  if (shown) {
    editor.show(best);
    tellRecovered(best);
    if (given.screen && given.screen.tab !== best.tab) offer({ ...first, ...given.screen }, editor, "journal");
    else if (saved && !given.screen && !same(saved, best)) offer({ ...saved, base: given.version }, editor, "saved");
  } else if (!own && given.screen && !given.post && alive.has(given.screen.tab) && !typed()) {
    editor.show({ ...given.saved, base: null });
    hide("[data-recovered-newest]");
    offer({ ...first, ...given.screen }, editor, "elsewhere");
    emptied = true;
  }
  for (const text of found) {
    if (text !== best && !same(text, first) && text.tab !== given.screen?.tab) offer(text, editor, alive.has(text.tab) ? "elsewhere" : "journal");
  }
  return { text: shown ? best : null, emptied };
}

// What this device has of it, newest first, without what the server says is done with.
async function unsaved(given, saved) {
  const found = (await kept(given.person, given.post)).filter((text) => !saved || !same(text, saved));
  if (!found.length) return found;
  const query = new URLSearchParams(found.map(({ tab }) => ["tab", tab]));
  const done = await fetch(`${given.state}?${query}`, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) })
    .then((answer) => answer.json())
    .then(({ marks }) => marks)
    .catch(() => ({}));
  mark(done);
  return found.filter(({ tab, typed_at }) => typed_at > (done[tab] ?? 0));
}

// Than what stands on the screen; by the clock of the server, where two clocks are compared.
function isNewer(text, given) {
  const passed = given.taken[text.tab] ?? (given.screen?.tab === text.tab ? given.screen.typed_at : undefined);
  if (passed !== undefined) return text.typed_at > passed;
  if (given.posted) return false;
  const at = text.typed_at + given.ahead;
  if (given.screen) return at > given.screen.at;
  return !given.post || (text.base ?? 0) >= given.version || at > given.saved_at;
}

// Those of `tabs` in which somebody is still typing. A page that was left just now may hold its own for a moment.
async function heldElsewhere(tabs) {
  for (let tries = 0; ; tries += 1) {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const names = new Set(held.map(({ name }) => name.replace(/^journal /, "")));
    if (tries === 2 || !tabs.some((tab) => names.has(tab))) return names;
    await new Promise((done) => { setTimeout(done, 150); });
  }
}

function defaults(form, given) {
  const names = given.fields.filter((name) => form.elements[name]);
  const fields = Object.fromEntries(names.map((name) => [name, firstOf(form.elements[name])]));
  return { content: form.elements.content.defaultValue, fields };
}

function hide(selector) {
  document.querySelector(selector)?.setAttribute("hidden", "");
}

function time(typed_at) {
  const language = document.documentElement.lang;
  return new Date(typed_at).toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
}

function tellRecovered({ typed_at }) {
  hide("[data-recovered-newest]");
  const place = document.querySelector("[data-recovered-here]");
  place.append(place.querySelector("template").content.cloneNode(true));
  place.querySelector("[data-when]").textContent = time(typed_at);
}

const TITLES = {
  saved: () => "What is saved, and what you changed in it",
  journal: ({ typed_at }) => `What you typed on ${time(typed_at)}`,
  elsewhere: ({ typed_at }) => `What you are typing in another tab, as of ${time(typed_at)}`,
};

// How one text became the other, as the server tells it. Without an answer both stand there, as they do anyway.
async function compare(form, address, before, after, place) {
  if (before === after) return;
  const body = new URLSearchParams({ before, after, csrf_token: form.elements.csrf_token.value });
  const answer = await fetch(address, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) }).catch(() => null);
  if (answer?.ok) place.innerHTML = await answer.text(); // the server's own marks around what it escaped
}

// A text beside the one on the screen, which can take its place, or be put away.
function offer(text, editor, kind) {
  document.querySelector(`[data-alternative="${text.tab}"]`)?.remove(); // the server's is not newer
  const place = document.querySelector("[data-alternatives]");
  place.append(place.querySelector("template").content.cloneNode(true));
  const shown = place.lastElementChild;
  shown.querySelector("summary").textContent = TITLES[kind](text);
  shown.querySelector("[data-title]").value = text.fields.title ?? "";
  shown.querySelector("[data-content]").value = text.content;
  const here = editor.now();
  const [before, after] = kind === "saved" ? [text, here] : [here, text];
  editor.compare(before.content, after.content, shown.querySelector("[data-compared]"));
  shown.querySelector("[data-take]").addEventListener("click", () => {
    const before = { ...editor.now(), typed_at: Date.now() };
    editor.show(text);
    editor.changed();
    offer(before, editor, "journal");
    shown.remove();
  });
  const away = shown.querySelector("[data-away]");
  if (kind === "saved") away.remove();
  away.addEventListener("click", async () => {
    await mark({ [text.tab]: text.typed_at });
    shown.remove();
  });
}
