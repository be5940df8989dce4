// The queue of comments by keys: j and k go down and up, x ticks, and a, s and d do what the buttons of the comment do.

const ACTS = { a: "approve", s: "spam", d: "delete" };

export function enhance(form) {
  const comments = [...form.querySelectorAll("[data-comment]")];
  form.querySelector("[data-keys]").hidden = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
    const place = comments.indexOf(document.activeElement.closest?.("[data-comment]"));
    if (event.key === "j") go(Math.min(place + 1, comments.length - 1));
    else if (event.key === "k") go(Math.max(place - 1, 0));
    else if (place >= 0 && event.key === "x") comments[place].querySelector("[name=ids]").click();
    else if (place >= 0 && event.key in ACTS) comments[place].querySelector(`[value^="${ACTS[event.key]} "]`)?.click();
    else return;
    event.preventDefault();
  });

  function go(place) {
    comments[place].focus();
    comments[place].scrollIntoView({ block: "nearest" });
  }
}
