// Tells the site that a post was opened, and when it is left, whether its end was seen. It keeps nothing, not even a cookie.

const marker = document.querySelector("[data-counts]");
const address = marker.dataset.counts;
let begun = false;
let seen = false;
let told = false;

// A page that is fetched ahead, or opened behind others, is not read yet. A program that drives a browser is no reader.
function begin() {
  if (begun || document.prerendering || document.visibilityState !== "visible" || navigator.webdriver) return;
  begun = true;
  navigator.sendBeacon(address, new URLSearchParams({ referrer: origin(document.referrer) }));
  new IntersectionObserver(look).observe(marker);
}

function look(entries) {
  seen ||= entries.some((entry) => entry.isIntersecting);
}

// On telephones a page is often never left, only hidden.
function end() {
  if (!seen || told) return;
  told = true;
  navigator.sendBeacon(`${address}/end`, new URLSearchParams());
}

function origin(referrer) {
  return URL.canParse?.(referrer) ? new URL(referrer).origin : "";
}

addEventListener("pagehide", end);
document.addEventListener("prerenderingchange", begin);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" ? begin() : end());
begin();
