// The page of a conflict: whoever writes something anew has chosen to, and what was chosen and written is kept by the
// browser, for the next time that the same two versions meet.

import { keeper, kept, newTab } from "device";

export async function enhance(form) {
  form.addEventListener("input", ({ target }) => {
    const choice = target.name?.startsWith("edit-") && target.closest("[data-decision]").querySelector("[value=edit]");
    if (choice) choice.checked = true;
  });

  const controls = [...form.querySelectorAll("[data-decision] [name]")];
  const names = [...new Set(controls.map(({ name }) => name))];
  const person = Number(form.dataset.person);
  const place = form.dataset.decisions;
  const decided = () => Object.fromEntries(names.map((name) => [name, form.elements[name].value]));

  const keep = keeper(newTab(), person, place);
  let changed = false;

  async function keepAll() {
    changed = true;
    form.dataset.here = "not yet";
    await keep({ content: "", fields: decided(), base: null, typed_at: Date.now() }).catch(() => {});
    form.dataset.here = "yes";
  }

  form.addEventListener("input", keepAll);
  form.addEventListener("change", keepAll);
  if (controls.some(({ checked, defaultChecked, value, defaultValue }) => checked !== defaultChecked || value !== defaultValue)) {
    keepAll(); // whoever was quicker than this script
  }
  const [before] = await kept(person, place).catch(() => []);
  if (before && !changed && !form.querySelector("[data-decision] :checked")) {
    for (const name of names) form.elements[name].value = before.fields[name] ?? form.elements[name].value;
  }
  form.dataset.kept = "ready";
}
