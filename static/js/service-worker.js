// Shows what the desk pushes, and opens it. It keeps nothing and answers no request of a page.

const PUSH = "/account/reach/push/";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

function read(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

self.addEventListener("push", (event) => {
  const told = read(event.data);
  // a browser that is pushed to and shows nothing says something of its own instead
  const shown = self.registration.showNotification(told.title || "Recourse", {
    body: told.body || "There is news on your desk.",
    tag: told.tag || "recourse",
    icon: "/static/mark-192.png",
    badge: "/static/mark-192.png",
    data: { link: told.link || "/" },
    renotify: true,
    requireInteraction: Boolean(told.urgent),
  });
  event.waitUntil(shown);
});

// Only our own pages are opened, whatever a message says.
function ours(link) {
  const found = new URL(link, self.location.origin);
  return found.origin === self.location.origin ? found.href : self.location.origin;
}

async function open(link) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((each) => each.url === link);
  return there ? there.focus() : self.clients.openWindow(link);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(ours(event.notification.data?.link ?? "/")));
});

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

// A browser changes its subscription now and then; the desk keeps the new one in the old one's place.
async function again(event) {
  const answer = await fetch(PUSH, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return; // signed out: the page of the account says it
  const { key, token } = await answer.json();
  const made =
    event.newSubscription ??
    (await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }));
  const { endpoint, keys } = made.toJSON();
  const server = text(made.options.applicationServerKey);
  const replaces = event.oldSubscription?.endpoint ?? "";
  await fetch(PUSH, {
    method: "POST",
    headers: { "X-CSRFToken": token },
    body: new URLSearchParams({ endpoint, ...keys, server, replaces }),
  });
}

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(again(event)));
