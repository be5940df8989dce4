// Ticking many rows: all on the page, from one to another with Shift, with their number; only what an act needs is shown.

export function enhance(form) {
  const boxes = [...form.querySelectorAll("[name=ids]")];
  const [all, every, count, bar, act] = ["[data-all]", "[name=every]", "[data-count]", "[data-bar]", "[name=act]"].map(
    (selector) => form.querySelector(selector),
  );
  let last = null;

  all.hidden = false;
  count.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) {
    box.addEventListener("click", (event) => {
      if (event.shiftKey && last) tickBetween(last, box);
      last = box;
    });
  }
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();

  function tickBetween(from, to) {
    const [start, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((one, other) => one - other);
    for (const box of boxes.slice(start, end + 1)) box.checked = to.checked;
    show();
  }

  function show() {
    const number = boxes.filter((box) => box.checked).length;
    all.checked = number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
    count.textContent = every?.checked ? "All that are found" : `${number} ticked`;
    bar.toggleAttribute("data-active", number > 0 || Boolean(every?.checked));
    for (const field of form.querySelectorAll("[data-for]")) {
      field.hidden = !field.dataset.for.split(" ").includes(act.value);
    }
  }
}
