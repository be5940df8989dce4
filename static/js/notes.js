// Notes beside the text: answering and settling one leaves the editor, and what was typed there, as it is.

export function enhance(panel) {
  panel.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const form = event.target;
    const id = form.closest(".note").id;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("notes");
      if (!fresh) throw new Error(answer.statusText);
      panel.replaceChildren(...fresh.childNodes);
      const note = panel.querySelector(`#${id}`);
      note?.querySelector("[aria-invalid], textarea, button")?.focus();
    } catch {
      const problem = Object.assign(document.createElement("p"), { className: "error" });
      problem.setAttribute("role", "alert");
      problem.textContent = "That did not arrive. What you wrote is still here; please try again in a moment.";
      form.append(problem);
    }
  }, { capture: true });
}
