// Cards that are moved from one place to another, by mouse, by finger or by keys: on the board, and from day to day. A place is marked
// with `data-drop`; where the card ends, its own form says so to the server, in the field that `data-field` names. Where the
// order within a place is kept (`data-ordered`), it also says below which card.

import { send } from "renew";

export function enhance(board) {
  const places = [...board.querySelectorAll("[data-drop]")];
  const said = board.querySelector("[data-said]");
  const ordered = "ordered" in board.dataset;
  const row = Number(board.dataset.row ?? 0); // how many places the arrows up and down go, where there is no order
  let lifted = null; // { card, list, next }: what is moved, and from where
  let down = () => {}; // what waits until it is put down

  for (const handle of board.querySelectorAll("[data-handle]")) {
    const card = handle.closest("[data-card]");
    handle.hidden = false;
    card.draggable = true;
    handle.addEventListener("click", () => (lifted?.card === card ? drop() : lift(card)));
    handle.addEventListener("keydown", steer);
    handle.addEventListener("blur", () => { if (lifted?.card === card && !lifted.moves && !lifted.dragged && !lifted.aimed) putBack(); });
  }

  // A finger takes a card by its handle, and then points where it goes.
  board.addEventListener("pointerdown", ({ target }) => {
    if (lifted && !target.closest("[data-handle]")) lifted.aimed = Boolean(listAt(target));
  });
  board.addEventListener("click", (event) => {
    if (!lifted?.aimed) return;
    event.preventDefault();
    settle(listAt(event.target), event.clientY);
    drop();
  });

  board.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card || !board.contains(card)) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.dataset.card);
    lift(card).dragged = true;
  });
  board.addEventListener("dragend", () => { if (lifted) putBack(); });
  board.addEventListener("dragover", (event) => {
    const list = listAt(event.target);
    if (!lifted || !list) return;
    event.preventDefault();
    settle(list, event.clientY);
  });
  board.addEventListener("drop", (event) => {
    if (!lifted) return;
    event.preventDefault();
    drop();
  });

  const listAt = (element) => {
    const place = element.closest("[data-drop]") ?? element.closest("section")?.querySelector("[data-drop]");
    return place && board.contains(place) ? listOf(place) : null;
  };
  const listOf = (place) => (place.matches("ol, ul") ? place : place.querySelector("ul"));
  const placeOf = (card) => card.closest("[data-drop]");
  const cardsOf = (list) => [...list.querySelectorAll(":scope > [data-card]")];
  const handleOf = (card) => card.querySelector("[data-handle]");

  function cardBelow(list, y) {
    const others = cardsOf(list).filter((card) => card !== lifted.card);
    return others.find((card) => { const box = card.getBoundingClientRect(); return y < box.top + box.height / 2; }) ?? null;
  }

  function settle(list, y) {
    mark(list);
    list.insertBefore(lifted.card, ordered ? cardBelow(list, y) : null);
  }

  function mark(list) {
    for (const place of places) place.toggleAttribute("data-over-here", listOf(place) === list);
  }

  function lift(card) {
    if (lifted) putBack();
    lifted = { card, list: card.parentElement, next: card.nextElementSibling };
    card.toggleAttribute("data-lifted", true);
    handleOf(card).ariaPressed = "true";
    tell("Taken. Tap where it goes, or move it by the arrow keys; Enter puts it down, Escape puts it back.");
    return lifted;
  }

  function letGo() {
    const was = lifted;
    lifted = null;
    down();
    was.card.toggleAttribute("data-lifted", false);
    handleOf(was.card).ariaPressed = "false";
    mark(null);
    return was;
  }

  function putBack() {
    const { card, list, next } = letGo();
    list.insertBefore(card, next);
    tell("Put back.");
  }

  function drop() {
    const { card, list, next } = letGo();
    if (card.parentElement === list && card.nextElementSibling === next) return;
    const to = placeOf(card).dataset.drop;
    const after = card.previousElementSibling?.dataset.card ?? "";
    const fill = (data) => {
      data.set(board.dataset.field, to);
      if (ordered) data.set("after", after);
    };
    send(card.querySelector("form"), { calm, fill });
  }

  async function calm() {
    while (lifted) await new Promise((resolve) => { down = resolve; });
  }

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function steer(event) {
    if (!lifted) return;
    if (event.key === "Escape") putBack();
    else if (STEPS[event.key]) step(...STEPS[event.key]);
    else return;
    event.preventDefault();
  }

  function step(across, along) {
    const { card } = lifted;
    lifted.moves = true; // the focus goes with the card
    if (ordered && along) shift(card, along);
    else toPlace(card, across || along * row);
    handleOf(card).focus();
    lifted.moves = false;
    const list = card.parentElement;
    const where = ordered ? `, ${cardsOf(list).indexOf(card) + 1} of ${cardsOf(list).length}` : "";
    tell(`${placeOf(card).dataset.name}${where}`);
  }

  function shift(card, along) {
    const other = along < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (along < 0) other?.before(card);
    else other?.after(card);
  }

  function toPlace(card, by) {
    const place = places[places.indexOf(placeOf(card)) + by];
    if (!place) return;
    place.removeAttribute("data-empty"); // where there is little room, such days are not shown
    if (ordered) listOf(place).prepend(card);
    else listOf(place).append(card);
  }

  function tell(text) {
    said.textContent = text;
  }
}
