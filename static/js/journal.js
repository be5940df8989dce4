// The draft journal: nothing that is typed is lost. Each change is kept by the browser at once and by the server within
// seconds; as the editor opens, the newest text that either has is on the screen, and all others can be had.

import { same } from "changes";
import { put, valueOf } from "controls";
import { forget, keeper, mark, newTab } from "device";
import { recover } from "recovery";
import { sender } from "sending";

const STATES = {
  kept: "Kept",
  waiting: "Kept on this device",
  trouble: "Kept on this device, not yet on the server",
  "signed out": "Kept on this device. You are signed out: sign in again in another tab, and it goes on.",
  "somebody else": "Kept on this device. Somebody else is signed in here now.",
  refused: "Kept on this device. The server does not take it.",
};
const NOWHERE = "Not kept anywhere yet: copy what you would miss.";

export async function enhance(form) {
  const given = JSON.parse(form.dataset.journal);
  given.ahead = given.now - Date.now();
  const tab = newTab();
  const editor = fields(form, given);
  const state = teller(form);
  const keep = keeper(tab, given.person, given.post);
  let taken = given.after; // the journals that this one goes on from
  let changed = false;
  let writing = false;

  const read = () => (changed ? editor.read() : null);
  const sending = sender({ given, tab, form, read, after: () => taken, tell: state.tell, meet: meeting() });

  async function keepHere() {
    if (writing) return;
    writing = true;
    let well = true;
    while (editor.fresh()) {
      await pause();
      well = await keep(editor.read()).then(() => true, () => false);
    }
    writing = false;
    state.here(well);
  }

  function onChange() {
    if (!changed) remember(tab);
    changed = true;
    editor.touch();
    state.writing();
    keepHere();
    sending.soon();
  }

  form.addEventListener("input", onChange);
  form.addEventListener("change", onChange);
  addEventListener("submit", (event) => {
    if (event.target === form && changed) form.elements.journal.value = `${taken} ${tab}:${editor.read().typed_at}`.trim();
  });
  addEventListener("online", sending.now);
  let gone = false;
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) sending.now();
    else if (!gone) sending.send({ leaving: "hidden" });
  });
  addEventListener("pageshow", () => { gone = false; });
  addEventListener("pagehide", () => {
    gone = true;
    sending.send({ leaving: "gone" });
  });

  addEventListener("submit", ({ target }) => {
    if (target.dataset.discards) mark({ [target.dataset.discards]: Date.now() });
  });

  hold(tab);
  const { text, emptied } = await recover(form, given, { ...editor, changed: onChange }, () => changed).catch(() => ({}));
  if (text) {
    taken = `${given.posted ? given.after : ""} ${text.tab}:${text.typed_at}`.trim();
    onChange();
  } else if (emptied) {
    taken = form.elements.journal.value = "";
  } else if (given.screen && !changed) {
    remember(given.screen.tab);
  }
  form.dataset.kept = "ready";
  if (given.post) sending.now();
  forget().catch(() => {});
}

// So that this entry of the tab's history finds its own text again, after a reload or Back.
function remember(tab) {
  history.replaceState({ ...history.state, journal: tab }, "");
}

// As long as this page is there, others can tell that its journal is somebody's who is still typing.
function hold(tab) {
  navigator.locks?.request(`journal ${tab}`, () => new Promise(() => {}));
}

// After the letter is on the screen.
function pause() {
  return new Promise((done) => { setTimeout(done); });
}

function fields(form, given) {
  const names = given.fields.filter((name) => form.elements[name]);
  let typed_at = 0;
  let before = null;

  const now = () => ({
    content: form.elements.content.value,
    fields: Object.fromEntries(names.map((name) => [name, valueOf(form.elements[name])])),
    base: Number(form.elements.version?.value) || null,
    shown: form.elements.shown.value,
  });
  const touch = () => { typed_at = Math.max(typed_at + 1, Date.now()); };
  let seen = 0;

  return {
    touch,
    // Also what came into a field without an event has a time of its own.
    read() {
      const text = now();
      if (before && before.typed_at === typed_at && !same(before, text)) touch();
      before = { ...text, typed_at };
      seen = typed_at;
      return before;
    },
    fresh: () => seen < typed_at,
    now,
    show(text) {
      form.elements.content.value = text.content;
      for (const name of names) put(form.elements[name], text.fields[name] ?? "");
      if (text.base) choose(form.elements.version, String(text.base));
      if (text.shown) form.elements.shown.value = text.shown;
      form.elements.content.dispatchEvent(new Event("input"));
    },
  };
}

// The version that a text was made from, which may be older than those that the page offers.
function choose(versions, version) {
  if (![...versions.options].some(({ value }) => value === version)) versions.prepend(new Option(version, version));
  versions.value = version;
}

// What is said beside the buttons; aloud only where it goes wrong, and when it is well again.
function teller(form) {
  const place = form.querySelector("[data-kept-state]");
  const aloud = form.querySelector("[data-kept-aloud]");
  let here = true; // whether this device has it
  let state = "";
  let trouble = "";

  function show() {
    if (!state) return;
    const text = here || state === "kept" ? STATES[state] : NOWHERE;
    const quiet = text === STATES.kept || text === STATES.waiting;
    place.textContent = text;
    place.dataset.keptState = here ? state : `${state}, not here`;
    if (!quiet && text !== trouble) aloud.textContent = trouble = text;
    if (trouble && text === STATES.kept) {
      aloud.textContent = text;
      trouble = "";
    }
  }

  return {
    writing() {
      place.dataset.keptState = "writing";
      if (!state || state === "kept") state = "waiting";
    },
    here(well) {
      here = well;
      show();
    },
    tell(next) {
      state = next;
      if (place.dataset.keptState !== "writing") show();
    },
  };
}

function meeting() {
  const place = document.querySelector("[data-others]");
  return (others) => {
    const names = others.join(", ");
    if (!place || place.dataset.others === names) return;
    place.dataset.others = names;
    place.textContent = names && place.dataset.sentence.replace("{names}", names);
  };
}
