// The service worker, which says in the desk's own dress when the desk cannot be reached.

export function offline() {
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  window.addEventListener("load", () =>
    navigator.serviceWorker.register("/service-worker.js", { scope: "/", updateViaCache: "none" }).catch(() => {}),
  );
}
