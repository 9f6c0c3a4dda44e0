// Says what an answer changes of the proposal while it is typed, and how each number was read; the desk
// reads and compares, here it is only shown.

const AFTER = 200;
let timer = null;
let asking = null;

function hear(fill, fresh) {
  const there = fill.querySelector(`#${CSS.escape(fresh.id)}`);
  if (!there) return;
  there.className = fresh.className;
  if (there.textContent !== fresh.textContent) there.textContent = fresh.textContent; // announced once
}

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
    for (const heard of page.querySelectorAll(".heard")) hear(fill, heard);
    const fresh = page.querySelector(".difference");
    if (!fresh || !shown.isConnected || fresh.id !== shown.id) return;
    shown.replaceWith(document.adoptNode(fresh));
    limits(fill, page);
  } catch {
    // overtaken by the next keystroke, or offline: what is signed is compared again in its summary
  }
}

// What is over one's limit is said at its field; what has not changed is not said again.
function limits(fill, page) {
  for (const slot of fill.querySelectorAll(".over-limit")) {
    const said = page.getElementById(slot.id)?.innerHTML ?? "";
    if (slot.innerHTML !== said) slot.innerHTML = said;
  }
  for (const fresh of page.querySelectorAll(".over-limit")) {
    if (document.getElementById(fresh.id)) continue; // a field of which nobody knew that it is money
    const field = document.getElementById(fresh.id.slice(0, -"-over".length))?.closest(".field");
    field?.append(document.adoptNode(fresh));
  }
}

function opened(event) {
  const link = event.target.closest?.("a[data-opens]");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest("details").open = true;
  field.focus();
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
  page.addEventListener("click", opened);
}
