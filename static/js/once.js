// A form is sent once, however often its button is pressed while the answer is on its way.

export function enhance(form) {
  let sent = false;

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sent) event.preventDefault();
    mark(true);
  });

  // The page may come back from the browser's memory, where it was left as sent.
  window.addEventListener("pageshow", () => mark(false));

  function mark(value) {
    sent = value;
    for (const button of form.querySelectorAll("button")) button.ariaDisabled = value ? "true" : null;
  }
}
