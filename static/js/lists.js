// Narrows a long list while somebody types what they look for. Without this the button beside it asks the
// desk to, and the list answers to its first letters by itself.
import { filled, words } from "./words.js";

const kept = new WeakMap(); // of each list: every choice that came with the page

function folded(text) {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
}

function choicesOf(select) {
  if (!kept.has(select)) kept.set(select, [...select.options]);
  return kept.get(select);
}

function narrow(list) {
  const find = list.querySelector("[type=search]");
  const select = list.querySelector("select");
  const all = choicesOf(select);
  const chosen = select.value;
  const sought = folded(find.value).split(/\s+/).filter(Boolean);
  const fits = (option) => sought.every((word) => folded(option.label).includes(word));
  const found = all.filter((option) => option.value && fits(option));
  const shown = all.filter((option) => !option.value || option.value === chosen || fits(option));
  select.replaceChildren(...shown);
  select.value = chosen;
  const said = list.querySelector("[data-found]");
  const count = all.filter((option) => option.value).length;
  said.textContent = sought.length ? filled(words().of_values, { n: found.length, all: count }) : "";
  return found;
}

function listOf(event) {
  const list = event.target.closest?.("[data-list]");
  return list && event.target.matches("[type=search]") ? list : null;
}

function pressed(event) {
  const list = listOf(event);
  if (!list || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const select = list.querySelector("select");
  if (event.key === "Enter") {
    event.preventDefault(); // it would send the whole answer
    if ("asks" in list.dataset) return list.querySelector("button").click();
    const [first] = narrow(list);
    if (!first || !list.querySelector("[type=search]").value.trim()) return;
    select.value = first.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.focus();
  } else if (event.key === "ArrowDown") {
    event.preventDefault();
    select.focus();
  }
}

export function lists(page) {
  page.addEventListener("input", (event) => {
    const list = listOf(event);
    if (list && !("asks" in list.dataset)) narrow(list);
  });
  page.addEventListener("keydown", pressed);
}
