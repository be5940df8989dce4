// In the editor: pictures and files that are dropped on the text, pasted or chosen are sent at once. When somebody has
// said what a picture shows, or that it is decorative, its Markdown is put in at the cursor; undo takes it out again.

const UNSENT = "It could not be sent. Your text is safe; try again in a moment.";

export function enhance(form) {
  const place = form.querySelector("[data-adding]");
  const text = form.elements.content;
  if (!place || !text) return;

  const list = place.querySelector("[data-arrivals]");
  const chosen = place.querySelector("[data-files]");
  for (const part of place.querySelectorAll("[data-choose]")) part.hidden = false;

  const take = (files) => {
    for (const file of files) arrive(file);
  };

  chosen.addEventListener("change", () => {
    take([...chosen.files]);
    chosen.value = "";
  });
  text.addEventListener("paste", (event) => {
    const files = [...event.clipboardData.files];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  text.addEventListener("dragover", (event) => {
    if (event.dataTransfer.types.includes("Files")) event.preventDefault();
  });
  text.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });

  function arrive(file) {
    const item = place.querySelector("template").content.cloneNode(true).firstElementChild;
    const part = (name) => item.querySelector(`[data-${name}]`);
    part("name").textContent = file.name;
    list.append(item);
    list.hidden = false;
    const request = send(file, (share) => { part("progress").value = share; });
    part("leave").addEventListener("click", () => {
      request.abort();
      leave(item);
    });
    request.sent.then((medium) => describe(item, part, medium), (problem) => {
      part("progress").hidden = true;
      part("problem").textContent = problem.message;
      part("problem").hidden = false;
      part("insert").hidden = true;
      tell(`${file.name}: ${problem.message}`);
    });
  }

  function describe(item, part, medium) {
    const alt = part("alt");
    const decorative = part("decorative");
    const ready = () => { part("insert").disabled = medium.picture && !alt.value.trim() && !decorative.checked; };
    const put = () => {
      const words = decorative.checked ? "" : alt.value.trim();
      insert(text, markdown(medium, words));
      leave(item);
      if (medium.picture && words && words !== medium.alt) keepAlt(medium, words);
    };

    part("progress").hidden = true;
    part("describing").hidden = !medium.picture;
    alt.value = medium.alt;
    alt.addEventListener("input", ready);
    alt.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (!part("insert").disabled) put();
    });
    decorative.addEventListener("change", () => {
      alt.disabled = decorative.checked;
      ready();
    });
    part("insert").addEventListener("click", put);
    ready();
    tell(medium.picture ? `${medium.name} is sent. Say what it shows.` : `${medium.name} is sent.`);
    if (medium.picture && document.activeElement === document.body) alt.focus();
  }

  function leave(item) {
    item.remove();
    list.hidden = !list.children.length;
    text.focus();
  }

  function tell(words) {
    place.querySelector("[data-told]").textContent = words;
  }

  function send(file, progress) {
    const request = new XMLHttpRequest(); // fetch tells nothing of what is on its way
    const sent = new Promise((resolve, reject) => {
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) progress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        const told = request.status === 200 ? JSON.parse(request.response) : { problem: UNSENT };
        if (told.problem) reject(new Error(told.problem));
        else resolve(told);
      });
      request.addEventListener("error", () => reject(new Error(UNSENT)));
    });
    request.open("POST", place.dataset.send);
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("file", file);
    request.send(body);
    return { sent, abort: () => request.abort() };
  }

  // What it shows is kept for the next post that shows it; only its sender and editors may, and no harm is done else.
  function keepAlt(medium, alt) {
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("name", medium.name);
    body.append("alt", alt);
    fetch(`${medium.describe}?quietly`, { method: "POST", body, redirect: "manual" }).catch(() => {});
  }
}

function markdown(medium, alt) {
  const words = (medium.picture ? alt : medium.name).replace(/[\\[\]]/g, "\\$&");
  return `${medium.picture ? "!" : ""}[${words}](${medium.path})`;
}

// As if it were typed, so that the browser's undo knows it: a picture in a paragraph of its own, a link in the line.
function insert(text, words) {
  text.focus();
  const before = text.value.slice(0, text.selectionStart);
  const after = text.value.slice(text.selectionEnd);
  const isBlock = words.startsWith("!");
  const begin = isBlock && before ? "\n".repeat(2 - Math.min(2, /\n*$/.exec(before)[0].length)) : "";
  const end = isBlock ? "\n".repeat(2 - Math.min(2, /^\n*/.exec(after)[0].length)) : "";
  const whole = begin + words + end;
  if (!document.execCommand("insertText", false, whole)) {
    text.setRangeText(whole, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}
