// Tells the desk that the case on this page is in view, every 15 seconds and when it is left: for how
// many seconds it was visible, and whether its reader did anything. While they do, what they have taken
// stays theirs; two minutes before it does not, the page asks. [data-beat] is the address, [data-warns]
// when to ask. Time counts only while the page is visible.

import { tell as announce } from "./live.js";
import { refresh } from "./morph.js";

const EVERY = 15_000;
const DOING = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "input"];

let seen = 0; // milliseconds in view since it was told last
let since = 0; // when the page came into view; 0: it is not
let active = true; // opening it is something done

const place = () => document.getElementById("lease");
const token = () => {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? JSON.parse(headers)["x-csrftoken"] : "";
};

function count() {
  const now = performance.now();
  if (since) seen += now - since;
  since = document.visibilityState === "visible" ? now : 0;
}

function told() {
  count();
  const seconds = Math.floor(seen / 1000);
  seen -= seconds * 1000;
  const body = new URLSearchParams({ seconds, active: active ? "yes" : "no", csrfmiddlewaretoken: token() });
  active = false;
  return body;
}

function warn() {
  const lease = place();
  const question = lease?.querySelector("template");
  if (!question) return;
  const asks = lease.querySelector(".attention");
  const due = Date.parse(lease.dataset.warns) <= Date.now();
  if (asks && !due) asks.remove();
  if (asks || !due) return;
  lease.append(question.content.cloneNode(true));
  window.htmx?.process(lease);
  announce(lease);
}

function show(html) {
  const lease = place();
  const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("lease");
  if (!lease || !fresh) return;
  const { state, warns } = lease.dataset;
  const isOther = fresh.dataset.state !== state || fresh.dataset.warns !== warns || "kept" in lease.dataset;
  if (isOther) refresh(lease, fresh.outerHTML);
  warn();
}

async function tell() {
  const lease = place();
  if (!lease || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(lease.dataset.beat, {
      method: "POST",
      body: told(),
      headers: { "X-Requested-With": "fetch" },
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch {
    // the standing question of the page says when the desk does not answer
  }
}

function left() {
  const lease = place();
  if (document.visibilityState === "visible") {
    count();
    active = true; // coming back to it is something done
    tell();
  } else if (lease) {
    navigator.sendBeacon(lease.dataset.beat, told());
  }
}

// The lease asks beside the work: who keeps it is back where they were before they went there.
function returning(page) {
  let from = null;
  page.addEventListener("focusin", (event) => {
    if (!place()?.contains(event.target)) from = event.target;
  });
  page.addEventListener("submit", (event) => {
    if (place()?.contains(event.target) && from?.isConnected) from.focus({ preventScroll: true });
  });
}

export function beats(page) {
  if (!place()) return;
  count();
  returning(page);
  for (const kind of DOING) page.addEventListener(kind, () => (active = true), { capture: true, passive: true });
  page.addEventListener("visibilitychange", left);
  // A decision keeps the time in view: what was seen before a step of it is told with that step.
  page.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.closest?.("form.answer")) tell();
  });
  // What somebody takes is theirs on the page as soon as it is on the desk.
  page.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.path.endsWith("/claim/")) tell();
  });
  setInterval(tell, EVERY);
  setInterval(warn, 1000);
}
