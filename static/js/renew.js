// Sends a form and takes from the page that answers what is marked with `data-renew`, and its messages: what is shown then is
// what the server has, also of what others did meanwhile. One deed is sent after another; what is shown is taken from the
// answer to the last, and not before `calm`: nothing is taken out of a hand.

import { enliven } from "enliven";

const atOnce = () => Promise.resolve();
let before = atOnce();
let last = 0;

export function send(form, { calm = atOnce, fill = () => {} } = {}) {
  return inTurn(calm, () => {
    const body = new FormData(form);
    fill(body);
    return fetch(form.action, { method: "POST", body });
  }).catch(() => window.location.reload());
}

export function follow(address) {
  return inTurn(atOnce, () => fetch(address)).catch(() => window.location.assign(address));
}

function inTurn(calm, ask) {
  const number = ++last;
  before = before.catch(() => {}).then(async () => {
    const answer = await ask();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number === last) await calm();
    await (number === last ? take(page) : catchUp(page));
  });
  return before;
}

async function take(page) {
  const [old, fresh] = renewed(page);
  const focused = document.activeElement?.id;
  old.forEach((element, place) => element.replaceWith(fresh[place]));
  tell(page);
  await Promise.all(fresh.map(enliven)); // only then is all there that can have the focus
  if (focused) document.getElementById(focused)?.focus();
}

// Another deed waits, perhaps on the same thing: it goes with the version that this one has made.
function catchUp(page) {
  const [old, fresh] = renewed(page);
  const versions = new Map(fresh.flatMap(versionsIn).map((field) => [field.form.action, field.value]));
  for (const field of old.flatMap(versionsIn)) field.value = versions.get(field.form.action) ?? field.value;
  tell(page);
}

function renewed(page) {
  const old = [...document.querySelectorAll("[data-renew]")];
  const fresh = old.map(({ id }) => page.getElementById(id));
  if (!old.length || fresh.includes(null)) throw new Error("the page that answers is another one");
  return [old, fresh];
}

function versionsIn(element) {
  return [...element.querySelectorAll("[name=version]")];
}

function tell(page) {
  const main = document.getElementById("main");
  for (const message of main.querySelectorAll(":scope > .message")) message.remove();
  main.prepend(...page.querySelectorAll("#main > .message"));
}
