// The one polite live region of a page, #live. Whatever else is marked as live (role=status and alert)
// keeps its meaning for those who come to it, but is silenced and said here: once, and never when the
// focus moves there, since then it is read anyway.

const LIVE = "[role=status], [role=alert], [aria-live]";
const said = new WeakMap(); // of each place the words that were said, or stood there from the start

export function announce(text) {
  const region = document.getElementById("live");
  if (!region || !text) return;
  region.textContent = "";
  setTimeout(() => (region.textContent = text), 50); // the same words again are news again
}

const words = (place) => place.textContent.replace(/\s+/g, " ").trim();

function places(root) {
  const found = [...root.querySelectorAll(LIVE)];
  if (root.matches?.(LIVE)) found.push(root);
  return found.filter((place) => place.id !== "live");
}

export function silence(root) {
  for (const place of places(root)) {
    place.setAttribute("aria-live", "off");
    said.set(place, words(place));
  }
}

// After a swap of `root`: says what is new in it.
export function tell(root) {
  const news = [];
  for (const place of places(root)) {
    const before = said.get(place) ?? "";
    const now = words(place);
    place.setAttribute("aria-live", "off");
    said.set(place, now);
    const isRead = place.contains(document.activeElement);
    if (now && now !== before && !isRead && place.checkVisibility()) news.push(now);
  }
  announce(news.join(" "));
}
