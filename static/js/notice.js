// The one line over the page that says when what is shown may no longer hold. It lies over the page
// instead of pushing it down, and it is said once.

import { announce } from "./live.js";

export function say(text) {
  const place = document.getElementById("notice");
  if (!place || place.textContent === text) return;
  place.textContent = text;
  place.hidden = !text;
  announce(text);
}
