// For people who are signed in: gives each element the behaviour that its `data-enhance` names.
// Every page works without it.

for (const element of document.querySelectorAll("[data-enhance]")) {
  for (const name of element.dataset.enhance.split(" ")) {
    import(name).then((behaviour) => behaviour.enhance(element));
  }
}
