// Says in the frame in which it is pressed that a button works, and lets nobody press it twice: the
// form and its button are aria-busy until the answer is there, without a change of place or size. A page
// that comes back from the browser's history is idle again, and so is one that only fetched a file.

const LONGEST = 10_000;
const working = new Set();

function end() {
  for (const element of working) element.ariaBusy = null;
  working.clear();
}

function begin(...elements) {
  for (const element of elements) {
    element.ariaBusy = "true";
    working.add(element);
  }
}

export function busy(page) {
  page.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      if (form.ariaBusy === "true") {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      setTimeout(() => {
        // once everybody has had their say: what was prevented and is not htmx's goes nowhere
        const isAsked = form.matches("[hx-post], [hx-get]");
        if (form.method === "dialog" || form.target || (event.defaultPrevented && !isAsked)) return;
        begin(...[form, submitter].filter(Boolean));
        if (!isAsked) setTimeout(end, LONGEST);
      });
    },
    true,
  );
  page.body.addEventListener("htmx:afterRequest", end);
  window.addEventListener("pageshow", end);
}
