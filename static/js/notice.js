// The one line above the page that says when what is shown may no longer hold.

export function say(text) {
  const place = document.getElementById("notice");
  if (!place || place.textContent === text) return;
  place.textContent = text;
  place.hidden = !text;
}

export const SIGNED_OUT =
  "You are signed out. What you typed is still here: sign in in another tab, then go on.";
