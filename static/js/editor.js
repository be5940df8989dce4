// The editor: Ctrl+S saves, Ctrl+Enter publishes, a preview without leaving, a count of words,
// and a question before unsaved text is lost.

export function enhance(form) {
  guardUnsavedText(form);
  listenForKeys(form);
  previewInPlace(form);
  if (Intl.Segmenter) countWords(form);
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

function countWords(form) {
  const place = form.querySelector("[data-count]");
  const content = form.elements.content;
  const language = document.documentElement.lang;
  const segments = new Intl.Segmenter(language, { granularity: "word" });
  let waiting;

  const count = () => {
    const words = [...segments.segment(content.value)].filter((segment) => segment.isWordLike).length;
    place.textContent = `${words.toLocaleString(language)} ${words === 1 ? "word" : "words"}`;
  };
  content.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 300);
  });
  count();
  place.hidden = false;
}

function previewInPlace(form) {
  const section = document.querySelector("[data-preview-target]");
  const prose = section.querySelector(".prose");

  form.addEventListener("submit", async (event) => {
    if (event.submitter !== buttonFor(form, "preview")) return;
    event.preventDefault();
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(answer.statusText);
      prose.innerHTML = await answer.text(); // sanitised by the server, like all that it stores
    } catch {
      prose.textContent = "The preview could not be fetched. Your text is safe here; please try again in a moment.";
    }
    section.hidden = false;
    section.querySelector("h2").focus();
    section.scrollIntoView();
  }, { capture: true });
}
