// Asks the server, again and again, whether a part of the page has changed: [data-poll] is the
// address, [data-every] the seconds, [data-etag] what the page already shows, [data-swap] what the
// answer replaces. 304 leaves everything as it is; a hidden page does not ask.

import { say, SIGNED_OUT } from "./notice.js";

let misses = 0;

function swap(selector, html) {
  const target = document.querySelector(selector);
  if (!target) return;
  window.htmx.swap(target, html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 });
}

async function ask(element) {
  const answer = await fetch(element.dataset.poll, {
    cache: "no-store",
    headers: { "If-None-Match": element.dataset.etag, "X-Requested-With": "fetch" },
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.redirected) {
    say(SIGNED_OUT);
  } else if (answer.ok) {
    say("");
    const html = await answer.text();
    if (element.isConnected) swap(element.dataset.swap, html);
  } else if (answer.status === 304) {
    say("");
  } else if (answer.status === 404) {
    say("This case is no longer in your hands. What you see may be out of date.");
  } else {
    throw new Error(`answered ${answer.status}`);
  }
}

function follow(element) {
  const every = Number(element.dataset.every) * 1000;
  const tick = async () => {
    if (!element.isConnected) return;
    if (!document.hidden) {
      try {
        await ask(element);
        misses = 0;
      } catch {
        misses += 1;
        if (misses > 1) say("The desk does not answer. What you see may be out of date; nothing you typed is lost.");
      }
    }
    if (element.isConnected) setTimeout(tick, every * Math.min(1 + misses, 5));
  };
  setTimeout(tick, every);
}

function begin(root) {
  const found = [...root.querySelectorAll("[data-poll]")];
  if (root.matches?.("[data-poll]")) found.push(root);
  for (const element of found) {
    if (element.dataset.watched) continue;
    element.dataset.watched = "yes";
    follow(element);
  }
}

export function watch(page) {
  begin(page);
  const added = (changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) begin(node);
  };
  new MutationObserver(added).observe(page.body, { childList: true, subtree: true });
}
