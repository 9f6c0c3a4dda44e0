// "Tell me in this browser": [data-push] is the control, with [data-push-on] and [data-push-said] in
// it; [data-push-held] is a row of the list whose way is a browser, by the fingerprint of its endpoint.

import { words } from "./words.js";

const WORKER = "/service-worker.js";
const SAID = words("push");

const control = document.querySelector("[data-push]");
let isOver = false; // what this browser holds does not work any more
const button = control?.querySelector("[data-push-on]");

function say(sentence) {
  const place = control.querySelector("[data-push-said]");
  place.textContent = sentence;
  place.hidden = !sentence;
}

async function fingerprint(endpoint) {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(hash)]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .slice(0, 32);
}

async function held() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

async function subscribed(key) {
  await navigator.serviceWorker.register(WORKER, { scope: "/", updateViaCache: "none" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const before = await pushManager.getSubscription();
  if (before && !isOver && text(before.options.applicationServerKey) === key) return before;
  await before?.unsubscribe(); // it is over, or was made with another key of the desk
  return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

async function ask() {
  if ((await Notification.requestPermission()) !== "granted") return SAID.denied;
  const answer = await fetch(control.dataset.push);
  if (answer.redirected) return SAID.others;
  if (!answer.ok) return SAID.desk;
  const { key, token } = await answer.json();
  const before = (await held())?.endpoint ?? "";
  let made;
  try {
    made = await subscribed(key);
  } catch {
    return SAID.failed;
  }
  const { endpoint, keys } = made.toJSON();
  const kept = await fetch(control.dataset.push, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ endpoint, ...keys, server: key, replaces: before }),
  });
  if (kept.ok) {
    location.reload();
    return "";
  }
  await made.unsubscribe();
  return kept.status === 422 ? (await kept.json()).said : SAID.desk;
}

async function tell() {
  button.disabled = true;
  say("");
  try {
    say(await ask());
  } catch {
    say(SAID.desk);
  } finally {
    button.disabled = false;
  }
}

// Marks the row of this browser, and lets go of the subscription when that way is removed.
async function mark() {
  const subscription = await held();
  if (!subscription) return;
  const row = document.querySelector(`[data-push-held="${await fingerprint(subscription.endpoint)}"]`);
  if (!row) return;
  row.querySelector("[data-push-here]").hidden = false;
  isOver = "pushDead" in row.dataset;
  if (!isOver) {
    button.hidden = true;
    say(SAID.told);
  }
  const removal = row.querySelector("[data-push-removal]");
  removal?.addEventListener("click", async (event) => {
    event.preventDefault();
    await subscription.unsubscribe().catch(() => {});
    removal.form.action = removal.formAction;
    removal.form.submit();
  });
}

function begin() {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able || !window.isSecureContext) {
    say(SAID.none);
    return;
  }
  button.hidden = false;
  button.addEventListener("click", tell);
  if (Notification.permission === "denied") say(SAID.denied);
  mark().catch(() => {});
}

if (control) begin();
