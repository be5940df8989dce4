// Tags are completed while they are typed: a combobox with a list (WAI-ARIA). Without it, names are typed out.

const PAUSE = 120; // milliseconds

export function enhance(input) {
  const list = document.getElementById(input.dataset.list);
  const told = document.getElementById(input.dataset.told);
  let waiting = 0;
  let asking = null;

  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" })
    .forEach(([name, value]) => input.setAttribute(name, value));

  const options = () => [...list.children];
  const chosen = () => options().findIndex((option) => option.ariaSelected === "true");

  // The name in which the caret is, and where it begins and ends.
  function current() {
    const { value, selectionStart: caret } = input;
    const begin = value.lastIndexOf(",", caret - 1) + 1;
    const comma = value.indexOf(",", caret);
    const end = comma < 0 ? value.length : comma;
    return { begin, end, name: value.slice(begin, end).trim() };
  }

  async function ask() {
    asking?.abort();
    const { name } = current();
    if (!name) return close();
    asking = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.tags}?${new URLSearchParams({ q: name })}`, { signal: asking.signal });
      if (!answer.ok) return close();
      const mine = new Set(input.value.split(",").map((other) => other.trim().toLowerCase()));
      mine.delete(name.toLowerCase());
      show((await answer.json()).filter((found) => !mine.has(found.toLowerCase()) && found !== name));
    } catch {
      // another letter has been typed, or nobody answers: nothing to offer
    }
  }

  function show(names) {
    list.replaceChildren(...names.map((name, number) => {
      const option = document.createElement("li");
      Object.assign(option, { id: `${list.id}-${number}`, role: "option", ariaSelected: "false", textContent: name, dir: "auto" });
      return option;
    }));
    list.hidden = !names.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    told.textContent = names.length ? `${names.length} ${names.length === 1 ? "tag" : "tags"} to choose from` : "";
  }

  function close() {
    asking?.abort();
    clearTimeout(waiting);
    show([]);
  }

  function point(number) {
    const all = options();
    const at = (number + all.length) % all.length;
    all.forEach((option, place) => { option.ariaSelected = String(place === at); });
    input.setAttribute("aria-activedescendant", all[at].id);
    all[at].scrollIntoView({ block: "nearest" });
  }

  function take(name) {
    const { begin, end } = current();
    const before = begin ? " " : "";
    const after = end < input.value.length ? "" : ", ";
    input.focus();
    input.setSelectionRange(begin, end);
    const text = before + name + after;
    if (!document.execCommand("insertText", false, text)) {
      input.setRangeText(text, begin, end, "end");
      input.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
    close();
  }

  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = chosen();
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at < 0 ? -1 : at - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && at >= 0) take(options()[at].textContent);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", ({ target }) => {
    const option = target.closest("[role=option]");
    if (option) take(option.textContent);
  });
}
