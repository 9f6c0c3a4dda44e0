// The command bar, Ctrl or Cmd with K: the acts of this page, the pages of the desk, and cases, which
// the server finds. It is a combobox: the focus stays in its field, the arrows choose, Enter does.

import { hook, map, placeOf, pull, run } from "./keys.js";

const WAIT = 120; // ms without a key before the server is asked

// What a page offers beyond the map, by the words that it says itself.
function others() {
  const known = new Set([...map.acts.map((act) => act.name), "start", "filter"]);
  const names = [...new Set([...document.querySelectorAll("[data-key]")].map((one) => one.dataset.key))];
  return names
    .filter((name) => !known.has(name) && hook(name))
    .map((name) => {
      const control = hook(name).cloneNode(true);
      for (const cap of control.querySelectorAll("kbd")) cap.remove();
      const label = control.getAttribute("aria-label") ?? control.textContent.trim();
      return option(`other-${name}`, label, "", () => pull(hook(name)));
    });
}

const has = (act) =>
  hook(act.name) || (act.name === "next" && hook("start")) || (act.name === "take" && hook("claim")) || (act.name === "decide" && document.querySelector("#decision form"));

function option(id, label, hint, choose) {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.innerHTML = '<span class="what"></span><kbd hidden></kbd>';
  item.firstChild.textContent = label;
  item.lastChild.textContent = hint;
  item.lastChild.hidden = !hint;
  item.choose = choose;
  return item;
}

function offers(dialog) {
  const acts = map.acts
    .filter((act) => (act.place === placeOf() || act.name === "next") && has(act))
    .map((act) => option(`act-${act.name}`, act.label, act.key, () => run(act.name)));
  const pages = [...document.querySelectorAll(".rail a")].map((link, at) =>
    option(`page-${at}`, (link.querySelector(".word") ?? link).textContent.trim(), map.acts.find((act) => act.name === `go_${link.dataset.go}`)?.key ?? "", () => link.click()),
  );
  const keys = option("help-keys", dialog.dataset.help, map.acts.find((act) => act.name === "help")?.key ?? "", () =>
    document.dispatchEvent(new CustomEvent("desk:help")),
  );
  return [...acts, ...others(), ...pages, keys];
}

export function commands(page) {
  const dialog = page.getElementById("command");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const none = dialog.querySelector("[data-none]");
  let own = [];
  let found = [];
  let timer = 0;
  let asked = 0;

  const options = () => [...list.children];
  const chosen = () => list.querySelector("[aria-selected=true]");

  function choose(item) {
    for (const one of options()) one.ariaSelected = String(one === item);
    if (item) field.setAttribute("aria-activedescendant", item.id);
    else field.removeAttribute("aria-activedescendant");
    item?.scrollIntoView({ block: "nearest" });
  }

  function show() {
    const wanted = field.value.trim().toLowerCase();
    const fitting = own.filter((item) => item.textContent.toLowerCase().includes(wanted));
    list.replaceChildren(...fitting, ...found);
    none.hidden = Boolean(list.firstChild);
    choose(list.firstElementChild);
  }

  async function ask() {
    const number = ++asked;
    const q = field.value.trim();
    found = [];
    if (q.length > 1) {
      try {
        const answer = await fetch(`${dialog.dataset.finds}?q=${encodeURIComponent(q)}`, { headers: { "X-Requested-With": "fetch" } });
        if (number !== asked) return;
        const made = document.createElement("template");
        if (answer.ok && !answer.redirected) made.innerHTML = await answer.text();
        found = [...made.content.children];
      } catch {
        found = []; // offline: what the page itself offers is still there
      }
    }
    if (number === asked) show();
  }

  function perform(item) {
    if (!item) return dialog.querySelector("form").requestSubmit();
    dialog.close();
    if (item.dataset.goes) location.assign(item.dataset.goes);
    else item.choose();
  }

  function open() {
    if (page.querySelector("dialog[open]")) return;
    own = offers(dialog);
    found = [];
    field.value = "";
    dialog.showModal();
    show();
  }

  page.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-command]")) open();
    if (event.target === dialog) dialog.close();
  });
  field.addEventListener("input", () => {
    show();
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      const all = options();
      event.preventDefault();
      choose(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
    } else if (event.key === "Escape") {
      event.preventDefault(); // which would only empty a field of type search
      dialog.close();
    } else if (event.key === "Enter" && !event.isComposing && chosen()) {
      event.preventDefault();
      perform(chosen());
    }
  });
  list.addEventListener("click", (event) => perform(event.target.closest("[role=option]")));
}
