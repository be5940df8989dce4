// A textarea grows with its text, where the browser does not do that by itself.

export function enhance(textarea) {
  if (CSS.supports("field-sizing", "content")) return;
  textarea.addEventListener("input", () => fit(textarea));
  fit(textarea);
}

function fit(textarea) {
  textarea.style.height = "auto";
  textarea.style.height = `${textarea.scrollHeight + 2}px`;
}
