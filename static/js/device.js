// What is typed, kept by the browser itself. IndexedDB, with each write waited for until it is on the disk: when Chromium
// is killed, localStorage loses all that it was given in the last seconds, this nothing that was acknowledged.

import { change, changed, differing, same } from "changes";

const NAME = "journal";
const KEPT_FOR = 30 * 24 * 3600 * 1000; // milliseconds
const MOST_CHANGES = 100; // to a text, before it is written as a whole again
const LARGEST = 50_000; // of all that they put, in units

let opened;

function database() {
  opened ??= new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("texts", { keyPath: "tab" }).createIndex("place", ["person", "post"]);
      asked.result.createObjectStore("changes", { keyPath: ["tab", "typed_at"] });
      asked.result.createObjectStore("marks", { keyPath: "tab" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  return opened;
}

async function write(stores, act) {
  const transaction = (await database()).transaction(stores, "readwrite", { durability: "strict" });
  act(...stores.map((name) => transaction.objectStore(name)));
  transaction.commit();
  await new Promise((done, fail) => {
    transaction.oncomplete = done;
    transaction.onerror = transaction.onabort = () => fail(transaction.error);
  });
}

function answer(request) {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

// Names a journal. Made here, so that it has one before the server hears of it.
export function newTab() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const ofTab = (tab) => IDBKeyRange.bound([tab], [tab, []]);

// `keep(text)` writes what changed since the last; `text` is { content, fields, base, typed_at }.
export function keeper(tab, person, post) {
  let last = null;
  let changes = 0;
  let size = 0;

  return async function keep(text) {
    if (last && same(text, last) && text.base === last.base) return;
    const put = change(last?.content ?? "", text.content);
    if (!last || text.base !== last.base || changes >= MOST_CHANGES || size > LARGEST) {
      await write(["texts", "changes"], (texts, older) => {
        texts.put({ tab, person, post: post ?? 0, ...text });
        older.delete(ofTab(tab));
      });
      changes = size = 0;
    } else {
      const fields = differing(text.fields, last.fields);
      await write(["changes"], (store) => store.put({ tab, typed_at: text.typed_at, fields, ...put }));
      changes += 1;
      size += put.put.length;
    }
    last = text;
  };
}

// Up to when these tabs are done with: { tab: typed_at }.
export async function mark(marks) {
  const known = await marked();
  await write(["marks"], (store) => {
    for (const [tab, typed_at] of Object.entries(marks)) {
      if (typed_at > (known[tab] ?? 0)) store.put({ tab, typed_at });
    }
  });
}

async function marked() {
  const found = await answer((await database()).transaction("marks").objectStore("marks").getAll());
  return Object.fromEntries(found.map(({ tab, typed_at }) => [tab, typed_at]));
}

// What this person typed for this post on this device, and did not save as far as the device knows; newest first.
export async function kept(person, post) {
  const transaction = (await database()).transaction(["texts", "changes"]);
  const texts = await answer(transaction.objectStore("texts").index("place").getAll([person, post ?? 0]));
  const found = await Promise.all(texts.map(async (text) => {
    const later = await answer(transaction.objectStore("changes").getAll(ofTab(text.tab)));
    return later.reduce((before, next) => ({
      ...before,
      typed_at: next.typed_at,
      content: changed(before.content, next),
      fields: { ...before.fields, ...next.fields },
    }), text);
  }));
  const marks = await marked();
  return found.filter(({ tab, typed_at }) => typed_at > (marks[tab] ?? 0)).sort((one, other) => other.typed_at - one.typed_at);
}

// Delete what is older than anybody would look for it.
export async function forget() {
  const oldest = Date.now() - KEPT_FOR;
  const transaction = (await database()).transaction(["texts", "changes"]);
  const texts = await answer(transaction.objectStore("texts").getAll());
  const recent = (tab) => IDBKeyRange.bound([tab, oldest], [tab, []]);
  for (const { tab, typed_at } of texts) {
    if (typed_at >= oldest || (await answer(transaction.objectStore("changes").count(recent(tab))))) continue;
    await write(["texts", "changes", "marks"], (store, changes, marks) => {
      store.delete(tab);
      changes.delete(ofTab(tab));
      marks.delete(tab);
    });
    return forget();
  }
}
