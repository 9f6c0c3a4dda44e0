// The focus contract. After every swap that somebody asked for:
//   1. what the server marks with [autofocus] gets the focus: a refusal, what was recorded, what is next;
//   2. else the first field that was refused, else the refusal itself;
//   3. else the focus stays with what had it when the form was sent;
//   4. else, where that is gone, the first heading of what came instead.
// A swap that nobody asked for, of a poll, never moves the focus.
// What gets the focus is read; what else is new is said by the one live region (live.js).

import { tell } from "./live.js";

const asking = new WeakMap(); // of each request what had the focus when it was sent

const usable = (element) =>
  element?.isConnected && element !== document.body && !element.disabled && element.checkVisibility();

function reach(element) {
  if (!element) return false;
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.tabIndex = -1;
  element.focus();
  return document.activeElement === element;
}

export function land(root, before) {
  const refused = root.querySelector("[aria-invalid=true]:is(input, select, textarea)");
  const found = root.matches("[autofocus]") ? root : root.querySelector("[autofocus]");
  if (reach(found) || reach(refused) || reach(root.querySelector("[role=alert]"))) return;
  if (usable(document.activeElement)) return;
  if (usable(before) && reach(before)) return;
  if (before && before !== document.body) reach(root.querySelector("h1, h2, h3") ?? root);
}

export function focusing(page) {
  page.body.addEventListener("htmx:beforeRequest", (event) => {
    asking.set(event.detail.xhr, document.activeElement);
  });
}

export function landed(root, request) {
  land(root, asking.get(request));
  tell(root);
}
