// For guests who comment: the form comes to where it is wanted when it is wanted, for a page that is kept holds no keys;
// and while it is filled in, a worker does the work that it asks for. Without this, a page of its own has the form.

for (const link of document.querySelectorAll("[data-writes]")) {
  link.addEventListener("click", (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    bring(link).catch(() => location.assign(link.href));
  });
}
for (const form of document.querySelectorAll("[data-worker]")) prove(form);

async function bring(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(answer.statusText);
  const form = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-worker]");
  if (!form) throw new Error("no form");
  document.querySelector("#comment-form")?.remove();
  const place = link.closest(".comment, .comments-note");
  place.matches(".comment") ? place.querySelector(".prose").after(form) : place.after(form);
  prove(form);
  form.elements.guest_name.focus();
}

function prove(form) {
  const told = form.querySelector("[data-told]");
  const worker = new Worker(form.dataset.worker);
  let waits = false;
  let sent = false;

  worker.addEventListener("message", (event) => {
    form.elements.proof.value = event.data;
    worker.terminate();
    if (waits) form.requestSubmit();
  });
  worker.addEventListener("error", () => {
    form.elements.proof.value ||= "-"; // somebody will look at it
    if (waits) form.requestSubmit();
  });
  worker.postMessage({ task: form.elements.opened.value, bits: Number(form.dataset.work) });

  form.addEventListener("submit", (event) => {
    if (sent) return event.preventDefault();
    sent = Boolean(form.elements.proof.value);
    if (sent) return;
    event.preventDefault();
    waits = true;
    told.textContent = "One moment: your browser shows that it is no program for spam.";
  });
  window.addEventListener("pageshow", () => { sent = false; });
}
