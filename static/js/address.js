// Tells where the post is going to be, and whether it can be there.

const PAUSE = 300; // milliseconds

export function enhance(place) {
  const { title, slug, kind } = place.closest("form").elements;
  let waiting = 0;
  let asking = null;

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const query = new URLSearchParams({ title: title.value, slug: slug.value, kind: kind?.value ?? "" });
    const joint = place.dataset.asks.includes("?") ? "&" : "?";
    try {
      const answer = await fetch(place.dataset.asks + joint + query, { signal: asking.signal, redirect: "error" });
      if (!answer.ok) throw new Error(answer.statusText);
      show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") show({ path: "", problem: "" });
    }
  }

  function show({ path, problem }) {
    place.textContent = problem || (path && place.dataset.site + path);
    place.dataset.problem = problem ? "yes" : "";
    place.dataset.path = path;
    place.dispatchEvent(new CustomEvent("addressed", { bubbles: true, detail: path }));
  }

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, PAUSE);
  };
  title.addEventListener("input", soon);
  slug.addEventListener("input", soon);
  kind?.addEventListener("change", soon);
  if (title.value || slug.value) ask();
}
