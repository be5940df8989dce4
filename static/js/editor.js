// The editor: Ctrl+S saves, Ctrl+Enter publishes, a preview beside the text, the whole screen, help, and a question before
// unsaved text is lost.

import { preview } from "preview";

const LONG = 60_000; // units, from which on the text scrolls in a box: to grow it anew with each key would take too long

export function enhance(form) {
  guardUnsavedText(form);
  listenForKeys(form);
  boxLongText(form);
  fillScreen(form);
  offerHelp(form);
  preview(form, buttonFor(form, "preview"));
}

function boxLongText(form) {
  const { content } = form.elements;
  const look = () => form.toggleAttribute("data-long", content.value.length > LONG);
  content.addEventListener("input", look);
  look();
}

function buttonFor(form, key) {
  return form.querySelector(`button[data-key~="${key}"]`);
}

function listenForKeys(form) {
  const keys = { s: "save", Enter: "publish" };
  document.addEventListener("keydown", (event) => {
    const button = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && buttonFor(form, keys[event.key]);
    if (!button) return;
    event.preventDefault();
    if (!event.repeat) form.requestSubmit(button);
  });
}

function guardUnsavedText(form) {
  const text = () => JSON.stringify([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const saved = "unsaved" in form.dataset ? "" : text();
  let leaving = false;

  form.addEventListener("submit", (event) => { leaving = !event.defaultPrevented; });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && text() !== saved) event.preventDefault();
  });
}

// Only the sheet and what is beside it, on the whole screen where the browser lets it.
function fillScreen(form) {
  const button = form.querySelector("[data-full]");
  const root = document.documentElement;

  const set = (full) => {
    root.toggleAttribute("data-full", full);
    button.setAttribute("aria-pressed", String(full));
  };
  button.addEventListener("click", () => {
    const full = !root.hasAttribute("data-full");
    set(full);
    if (full) root.requestFullscreen?.().catch(() => {});
    else if (document.fullscreenElement) document.exitFullscreen();
  });
  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) set(false); });
  document.addEventListener("keydown", ({ key, defaultPrevented }) => {
    if (key === "Escape" && !defaultPrevented && !document.querySelector("dialog[open]") && root.hasAttribute("data-full")) set(false);
  });
}

function offerHelp(form) {
  const dialog = document.querySelector("[data-help-dialog]");
  const open = () => { if (!dialog.open) dialog.showModal(); };
  form.querySelector("[data-help]").addEventListener("click", open);
  dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "F1" && (event.key !== "?" || typing)) return;
    event.preventDefault();
    open();
  });
}
