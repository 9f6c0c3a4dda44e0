// Shows what the desk pushes, and opens it; and says, in the desk's own dress, that the desk cannot be
// reached when a page is asked for meanwhile. Of the desk it keeps that one page and its dress, no more.

const PUSH = "/account/reach/push/";
const OFFLINE = "/offline/";
const KEPT = "offline-1";
const DRESS = [
  ...["fonts", "tokens", "base", "frame", "print"].map((sheet) => `/static/css/${sheet}.css`),
  "/static/fonts/inter-latin.woff2",
  "/static/icons.svg",
  "/static/mark.svg",
];

async function keep() {
  const kept = await caches.open(KEPT);
  await kept.addAll([OFFLINE, ...DRESS].map((address) => new Request(address, { cache: "reload" })));
}

async function forget() {
  for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep().catch(() => {})); // without it the browser says itself that it is offline
});
self.addEventListener("activate", (event) => event.waitUntil(forget()));

async function instead(request, address) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(address, { cacheName: KEPT });
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.mode === "navigate" && request.method === "GET") event.respondWith(instead(request, OFFLINE));
  else if (origin === self.location.origin && DRESS.includes(pathname)) event.respondWith(instead(request, pathname));
});

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
