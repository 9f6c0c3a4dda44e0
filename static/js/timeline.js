// The evidence of a case: a search that marks what it finds and opens the folds around it, all folds at
// once, and every fold open on paper. Marks are drawn by the CSS Custom Highlight API, so the page's own
// text is never touched; where a browser has none, the search still counts and goes there.

const MOST = 500;
const LEAST = 2;
const WAIT = 120;

const marks = window.Highlight && window.CSS?.highlights;
const opened = new Set(); // folds that the search opened, and closes again

function* texts(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    // the start of a folded text stands in its rest as well; our own words are none of the evidence
    if (!parent.closest(".fold > summary, .tools, .seek, .seek-beyond, .later, .visually-hidden, button")) yield node;
  }
}

function ranges(root, wanted) {
  const found = [];
  for (const node of texts(root)) {
    const text = node.data.toLowerCase();
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, Math.min(at + wanted.length, node.length));
      found.push(range);
      if (found.length === MOST) return found;
    }
  }
  return found;
}

// A step is folded by its button; what it holds stays on the page, and on paper.
function fold(step, folded) {
  step.toggleAttribute("data-folded", folded);
  step.querySelector("[data-fold]")?.setAttribute("aria-expanded", String(!folded));
}

function unfold(range) {
  const step = range.startContainer.parentElement.closest("[data-folded]");
  if (step) fold(step, false);
  for (let fold = range.startContainer.parentElement.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    if (fold.open) continue;
    fold.open = true;
    opened.add(fold);
  }
}

class Search {
  constructor(field) {
    this.field = field;
    this.clear();
  }

  get root() {
    return this.field.closest(".evidence");
  }

  say(words) {
    const output = document.getElementById(this.field.getAttribute("aria-describedby"));
    if (output) output.textContent = words;
  }

  clear() {
    this.found = [];
    this.now = -1;
    marks?.delete("found");
    marks?.delete("found-now");
    for (const fold of opened) fold.open = false;
    opened.clear();
  }

  run() {
    this.clear();
    const wanted = this.field.value.trim().toLowerCase();
    this.askBeyond(wanted);
    if (wanted.length < LEAST) return this.say("");
    this.found = ranges(this.root, wanted);
    marks?.set("found", new window.Highlight(...this.found));
    if (!this.found.length) return this.say(this.root.querySelector(".later") ? "not on this page" : "nothing");
    this.go(0);
  }

  // What the page has no room for is searched by the server, which says where it is.
  async askBeyond(wanted) {
    const place = document.getElementById("seek-beyond");
    if (!place || !this.root.querySelector(".later")) return;
    this.asking?.abort();
    this.asking = new AbortController();
    if (wanted.length < LEAST) return place.replaceChildren();
    const query = new URLSearchParams({ q: wanted });
    const headers = { "HX-Request": "true" };
    try {
      const answer = await fetch(`${this.field.form.action}?${query}`, { headers, signal: this.asking.signal });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") place.replaceChildren();
    }
  }

  go(to) {
    if (!this.found.length) return;
    this.now = (to + this.found.length) % this.found.length;
    const range = this.found[this.now];
    unfold(range);
    marks?.set("found-now", new window.Highlight(range));
    range.startContainer.parentElement.scrollIntoView({ block: "center" });
    const all = this.found.length === MOST ? `${MOST}+` : this.found.length;
    this.say(`${this.now + 1} of ${all}`);
  }
}

const searches = new WeakMap();
const searchOf = (field) => {
  if (!searches.has(field)) searches.set(field, new Search(field));
  return searches.get(field);
};

function seeking(page) {
  let later = 0;
  page.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-seek]")) return;
    clearTimeout(later);
    later = setTimeout(() => searchOf(event.target).run(), WAIT);
  });
  page.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-seek]")) return;
    const search = searchOf(event.target);
    if (event.key === "Enter") {
      event.preventDefault();
      search.go(search.now + (event.shiftKey ? -1 : 1));
    } else if (event.key === "Escape" && search.field.value) {
      event.stopPropagation();
      search.field.value = "";
      search.run();
    }
  });
}

const folds = (root) => root.querySelectorAll(".json details, details.fold, details.reasoning");

function unfolding(page) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unfold]");
    if (!button) return;
    const all = button.getAttribute("aria-pressed") !== "true";
    for (const each of folds(button.closest(".evidence"))) each.open = all;
    button.setAttribute("aria-pressed", all);
  });
}

function folding(page) {
  page.addEventListener("click", (event) => {
    const step = event.target.closest("[data-fold]")?.closest("[data-item]");
    if (step) fold(step, !step.hasAttribute("data-folded"));
  });
}

// On paper nothing is folded; on screen all is as it was.
function printing(page) {
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = [...page.querySelectorAll("#case details:not([open])")];
    for (const fold of closed) fold.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
  });
}

export function timeline(page) {
  seeking(page);
  unfolding(page);
  folding(page);
  printing(page);
}
