// Keeps what is typed of an answer on the desk: a moment after typing stops, and when the page goes.

const AFTER = 800;
let waiting = null; // the form with something unsaved, and its timer
let sending = null;

function body(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  return fields;
}

function save({ keepalive = false } = {}) {
  const form = waiting?.form;
  forget();
  if (!form?.isConnected) return;
  sending = new AbortController();
  fetch(form.dataset.draft, {
    method: "POST",
    body: body(form),
    keepalive,
    headers: { "X-Requested-With": "fetch" },
    signal: sending.signal,
  }).catch(() => {}); // the next keystroke tries again, and a refused signing keeps it too
}

function forget() {
  clearTimeout(waiting?.timer);
  waiting = null;
}

function typed(event) {
  const form = event.target.closest?.("form[data-draft]");
  if (!form) return;
  clearTimeout(waiting?.timer);
  waiting = { form, timer: setTimeout(save, AFTER) };
}

export function drafts(page) {
  page.addEventListener("input", typed);
  page.addEventListener("change", typed);
  // What is posted is kept by the desk itself: a draft that came after it would outlive it.
  for (const posted of ["submit", "htmx:beforeRequest"])
    page.addEventListener(posted, (event) => {
      if (!event.target.closest?.("form.answer")) return;
      forget();
      sending?.abort();
    });
  window.addEventListener("pagehide", () => save({ keepalive: true }));
}
