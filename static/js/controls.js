// What a control of the editor holds, as a form would send it: also of a box to tick, which has a hidden "n" before it.

const boxOf = (control) => (control instanceof RadioNodeList ? [...control].find(({ type }) => type === "checkbox") : null);
const sent = (ticked) => (ticked ? "y" : "n");

export function valueOf(control) {
  const box = boxOf(control);
  return box ? sent(box.checked) : control.value;
}

export function put(control, value) {
  const box = boxOf(control);
  if (box) box.checked = value === "y";
  else control.value = value;
}

// As the page came.
export function firstOf(control) {
  const box = boxOf(control);
  if (box) return sent(box.defaultChecked);
  if (!(control instanceof HTMLSelectElement)) return control.defaultValue;
  return (control.querySelector("option[selected]") ?? control.options[0])?.value ?? "";
}
