// Asks the server, again and again, whether a part of the page has changed: [data-poll] is the
// address, [data-every] the seconds, [data-etag] what the page already shows, [data-swap] what the
// answer replaces; what the answer holds beside that replaces what has its id. 304 leaves everything as it is. A hidden page does not ask, and asks as soon as it
// is seen again; a desk that does not answer is asked ever less often, up to a minute apart.

import { refresh } from "./morph.js";
import { say } from "./notice.js";
import { words } from "./words.js";

const LONGEST = 60_000;
const followed = new WeakSet();
const waiting = new Map(); // of each element that is followed what ends its wait
let misses = 0;

async function ask(element) {
  const { poll, etag = "", swap } = element.dataset;
  const answer = await fetch(poll, {
    cache: "no-store",
    headers: { "If-None-Match": etag, "X-Requested-With": "fetch" },
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.redirected) return say(words().signed_out);
  if (answer.status === 404) return say(words().gone);
  if (!answer.ok && answer.status !== 304) throw new Error(`answered ${answer.status}`);
  say("");
  if (answer.status === 304) return;
  const html = await answer.text();
  if (!element.isConnected || element.dataset.poll !== poll) return;
  const [part, ...others] = new DOMParser().parseFromString(html, "text/html").body.children;
  const target = document.querySelector(swap);
  if (target && part) refresh(target, part.outerHTML);
  for (const other of others) {
    const place = document.getElementById(other.id);
    if (place) refresh(place, other.outerHTML);
  }
}

// Resolves after the time, or as soon as the page is seen or online again.
function pause(element, time) {
  return new Promise((go) => {
    const timer = setTimeout(go, time);
    waiting.set(element, () => (clearTimeout(timer), go()));
  });
}

async function follow(element) {
  followed.add(element);
  while (element.isConnected && element.dataset.poll) {
    const every = Number(element.dataset.every) * 1000;
    await pause(element, Math.min(every * 2 ** misses, Math.max(LONGEST, every)));
    if (document.hidden || !element.isConnected || !element.dataset.poll) continue;
    try {
      await ask(element);
      misses = 0;
    } catch {
      misses = Math.min(misses + 1, 6);
      if (!navigator.onLine) say(words().offline);
      else if (misses > 1) say(words().silent);
    }
  }
  followed.delete(element);
  waiting.delete(element);
}

function begin(root) {
  const found = [...root.querySelectorAll("[data-poll]")];
  if (root.matches?.("[data-poll]")) found.push(root);
  for (const element of found) if (!followed.has(element)) follow(element);
}

function atOnce() {
  misses = 0;
  for (const go of [...waiting.values()]) go();
}

export function watch(page) {
  begin(page);
  const changed = (changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "attributes") begin(target);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) begin(node);
    }
  };
  const seen = { childList: true, subtree: true, attributes: true, attributeFilter: ["data-poll"] };
  new MutationObserver(changed).observe(page.body, seen);
  page.addEventListener("visibilitychange", () => page.hidden || atOnce());
  window.addEventListener("offline", () => say(words().offline));
  window.addEventListener("online", () => {
    say("");
    atOnce();
  });
}
