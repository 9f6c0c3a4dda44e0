// Says what an answer changes of the proposal while it is typed; the desk compares, here it is only shown.

const AFTER = 200;
let timer = null;
let asking = null;

async function ask(fill) {
  const form = fill.closest("form");
  const shown = fill.querySelector(".difference");
  if (!form || !shown) return;
  asking?.abort();
  asking = new AbortController();
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  try {
    const answer = await fetch(fill.dataset.difference, { method: "POST", body: fields, signal: asking.signal });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(".difference");
    if (fresh && shown.isConnected && fresh.id === shown.id) shown.replaceWith(document.adoptNode(fresh));
  } catch {
    // overtaken by the next keystroke, or offline: what is signed is compared again in its summary
  }
}

function typed(event) {
  const fill = event.target.closest?.(".fill[data-difference]");
  if (!fill) return;
  clearTimeout(timer);
  timer = setTimeout(() => ask(fill), AFTER);
}

export function difference(page) {
  page.addEventListener("input", typed);
  page.addEventListener("change", typed);
}
