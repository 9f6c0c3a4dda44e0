// How many cases of one's roles are urgent: beside the queue in the rail, and before the page's title.
// Told by a stream of events while the page is seen; a hidden page has none. Where streams fail, now
// and then by asking.

import { announce } from "./live.js";

const ADDRESS = "/urgent/";
const FIRST = 1000; // ms before a lost stream is tried again; twice as long each time, up to LONGEST
const LONGEST = 60_000;
const POLL = 30_000;
const GIVES_UP = 4; // streams lost one after the other; from then on it asks

export function urgent(page) {
  const badge = page.querySelector("[data-urgent]");
  if (!badge) return;
  const title = page.title;
  let stream = null;
  let timer = 0;
  let lost = 0;
  let shown = null;

  function show(count) {
    const words = count ? badge.dataset[count === 1 ? "one" : "many"].replace("0", count) : "";
    badge.hidden = !count;
    badge.querySelector("[aria-hidden]").textContent = count > 99 ? "99+" : count;
    badge.querySelector(".visually-hidden").textContent = words;
    page.title = count ? `(${count}) ${title}` : title;
    if (shown !== null && count > shown) announce(words);
    shown = count;
  }

  async function ask() {
    try {
      const answer = await fetch(ADDRESS, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
      if (answer.redirected) return; // signed out: the page says so where it matters
      if (answer.ok) show((await answer.json()).count);
    } catch {
      // the notice of watch.js says when the desk does not answer
    }
    timer = setTimeout(ask, POLL);
  }

  function listen() {
    stream = new EventSource(ADDRESS);
    stream.onmessage = (event) => {
      lost = 0;
      show(Number(event.data));
    };
    stream.onerror = () => {
      stop();
      lost += 1;
      if (lost >= GIVES_UP) ask();
      else timer = setTimeout(listen, Math.min(FIRST * 2 ** lost, LONGEST) * (0.5 + Math.random()));
    };
  }

  function stop() {
    stream?.close();
    stream = null;
    clearTimeout(timer);
  }

  const begin = () => (stop(), page.hidden || listen());
  page.addEventListener("visibilitychange", begin);
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", begin);
}
