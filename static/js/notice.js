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

export const SIGNED_OUT =
  "You are signed out. What you typed is still here: sign in in another tab, then go on.";
export const SILENT = "The desk does not answer. What you see may be out of date; nothing you typed is lost.";
export const OFFLINE = "You are offline. What you see may be out of date; nothing you typed is lost.";
