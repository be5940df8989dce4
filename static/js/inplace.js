// A row of a list that is changed in place: without a load of the page, and the focus stays where one is.

import { follow, send } from "renew";

export function enhance(list) {
  list.addEventListener("click", async (event) => {
    const link = event.target.closest("[data-in-place]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await follow(link.href);
    document.getElementById(link.dataset.inPlace)?.focus();
  });

  list.addEventListener("submit", async (event) => {
    if (event.target.id !== "row") return;
    event.preventDefault();
    const { task } = event.target.dataset;
    await send(event.target);
    (document.getElementById("row-status") ?? document.getElementById(`change-${task}`))?.focus();
  });
}
