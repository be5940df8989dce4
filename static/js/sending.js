// Sends what is typed to the server's journal: every few seconds, and when the tab is hidden or left. What fails is sent
// again, under the same number, until the server has it.

import { change, checksum, differing, same } from "changes";

const EVERY = 2_000; // milliseconds
const SEEN_EVERY = 20_000;
const LONGEST_PAUSE = 60_000;
const SIGNED_OUT_PAUSE = 5_000;
const MOST_CHANGES = 200; // before the next whole text
const MOST_AT_ONCE = 20;
const LARGEST_LEFT_BEHIND = 60_000; // bytes that a browser still sends for a page that is gone
const PATIENCE = 20_000;

// `given` is what the page says; `read()` the text; `after()` the journals that this one takes up; `tell(state)` is told
// "kept", "waiting", "trouble", "signed out", "somebody else" or "refused", and `meet(names)` who else is there.
export function sender({ given, tab, form, read, after, tell, meet }) {
  let last = null; // the text as of the newest entry
  let number = 0;
  let changes = 0;
  let queue = []; // entries that the server has not acknowledged; they stay as they are
  let busy = false;
  let pause = EVERY;
  let timer = 0;

  function add() {
    const text = read();
    if (!text || (last && same(text, last))) return;
    const whole = !last || last.base !== text.base || changes >= MOST_CHANGES || queue.length >= MOST_AT_ONCE;
    if (whole) queue = [];
    const { position, cut, put } = change(whole ? "" : last.content, text.content);
    const fields = whole ? { ...text.fields, shown: text.shown } : differing(text.fields, last.fields);
    const sum = { length: text.content.length, checksum: checksum(text.content) };
    queue.push({ number, whole, base: text.base, typed_at: text.typed_at, fields, position, cut, put, ...sum });
    number += 1;
    changes = whole ? 0 : changes + 1;
    last = text;
  }

  function startAnew() {
    queue = [];
    last = null;
  }

  async function send({ leaving = false, seen = false } = {}) {
    if (busy && !leaving) return;
    add();
    if (!queue.length && !leaving && !seen) return;
    clearTimeout(timer);
    busy = true;
    const upTo = number;
    try {
      await take(await post(JSON.stringify(queue), leaving), upTo);
    } catch {
      again("trouble");
    }
    busy = false;
  }

  function post(body, leaving) {
    const query = new URLSearchParams({ tab, after: after(), ...(leaving === "gone" && { leaving: 1 }) });
    const keepalive = Boolean(leaving) && new Blob([body]).size < LARGEST_LEFT_BEHIND;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value };
    const signal = keepalive ? undefined : AbortSignal.timeout(PATIENCE);
    return fetch(`${given.address}?${query}`, { method: "POST", body, headers, keepalive, redirect: "manual", signal });
  }

  async function take(answer, upTo) {
    if (answer.ok) {
      const { others } = await answer.json();
      queue = queue.filter((entry) => entry.number >= upTo);
      pause = EVERY;
      meet(others);
      plan(queue.length ? EVERY : SEEN_EVERY);
      if (!queue.length && last) tell(same(read() ?? last, last) ? "kept" : "waiting");
    } else if (answer.status === 409) {
      startAnew();
      again("waiting");
    } else if (answer.type === "opaqueredirect" || [400, 401, 403].includes(answer.status)) {
      await askForToken();
    } else {
      if (answer.status === 413 || answer.status === 422) startAnew();
      again(answer.status === 429 || answer.status >= 500 ? "trouble" : "refused");
    }
  }

  // The session is over, or another has begun: in another tab, say.
  async function askForToken() {
    const answer = await fetch(given.state, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return again(answer.status >= 500 ? "trouble" : "signed out", SIGNED_OUT_PAUSE);
    const { token, person } = await answer.json();
    if (person !== given.person) return again("somebody else", SIGNED_OUT_PAUSE);
    const known = form.elements.csrf_token;
    if (known.value === token) return again("refused");
    known.value = token;
    plan(0);
  }

  function again(state, longest = LONGEST_PAUSE) {
    tell(state);
    pause = Math.min(pause * 2, longest);
    plan(pause * (0.75 + Math.random() / 2));
  }

  function plan(wait) {
    clearTimeout(timer);
    timer = setTimeout(() => send({ seen: Boolean(given.post) }), wait);
  }

  let typed = 0;

  function soon() {
    if (typed || pause > EVERY) return;
    typed = setTimeout(() => {
      typed = 0;
      if (busy) soon();
      else send();
    }, EVERY);
  }

  return {
    send,
    now: () => { pause = EVERY; send({ seen: Boolean(given.post) }); },
    // After each change: soon. Where the server is not well, it is tried again anyway.
    soon,
  };
}
