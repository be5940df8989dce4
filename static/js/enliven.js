// Gives each element, the root too, the behaviour that its `data-enhance` names.

export function enliven(root) {
  const named = [root, ...root.querySelectorAll("[data-enhance]")].flatMap((element) =>
    (element.dataset.enhance?.split(" ") ?? []).map((name) => [element, name]),
  );
  return Promise.all(named.map(async ([element, name]) => (await import(name)).enhance(element)));
}
