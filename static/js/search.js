// Searching as one types, in a dialog that `/` opens from anywhere. Without it, the link leads to the page for searching.

const PAUSE = 200; // milliseconds without a key before the server is asked

const dialog = document.querySelector("[data-finder]");
const field = dialog.querySelector("input");
const results = dialog.querySelector("[data-results]");
const told = dialog.querySelector("[data-told]");
let waiting;
let asking;

for (const link of document.querySelectorAll("[data-opens-search]")) {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open();
  });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  event.preventDefault();
  open();
});

dialog.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener("close", () => asking?.abort());
dialog.addEventListener("keydown", walk);

field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});

function open() {
  dialog.showModal();
  field.select();
}

async function ask() {
  asking?.abort();
  const query = field.value.trim();
  if (!query) return show("");
  asking = new AbortController();
  try {
    const answer = await fetch(`${dialog.dataset.finder}?${new URLSearchParams({ q: field.value })}`, { signal: asking.signal });
    if (!answer.ok) throw new Error(answer.statusText);
    show(await answer.text()); // made by the server, which escapes what it shows
  } catch (error) {
    if (error.name !== "AbortError") explain("This could not be asked just now. Press Enter to search on a page of its own.");
  }
}

function show(html) {
  results.innerHTML = html;
  told.textContent = results.querySelector("[data-summary]")?.textContent ?? "";
}

function explain(text) {
  results.textContent = text;
  told.textContent = text;
}

// The arrows go from the field through the results and back; Escape closes.
function walk(event) {
  if (event.key === "Escape") dialog.close(); // where it would only empty the field
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const places = [field, ...results.querySelectorAll("a")];
  const next = places[places.indexOf(document.activeElement) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
