// The help: the keyboard map in force, as it is for this person.

import { map } from "./keys.js";

function row(keys, label) {
  const line = document.createElement("div");
  const what = document.createElement("dt");
  const how = document.createElement("dd");
  what.textContent = label;
  for (const key of keys.split(" ")) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    how.append(cap, " ");
  }
  line.append(what, how);
  return line;
}

function part(place, head) {
  const section = document.createElement("section");
  const title = document.createElement("h3");
  const list = document.createElement("dl");
  title.textContent = head;
  for (const act of map.acts) if (act.place === place && act.key) list.append(row(act.key, act.label));
  for (const one of map.fixed) if (one.place === place) list.append(row(one.keys, one.label));
  section.append(title, list);
  return section;
}

export function help(page) {
  const dialog = page.getElementById("help");
  if (!dialog) return;
  page.addEventListener("desk:help", () => {
    if (dialog.open || page.querySelector("dialog[open]")) return;
    const parts = Object.entries(map.heads).map(([place, head]) => part(place, head));
    dialog.querySelector("[data-parts]").replaceChildren(...parts);
    dialog.showModal();
  });
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-help]")) page.dispatchEvent(new CustomEvent("desk:help"));
    if (event.target === dialog) dialog.close();
  });
}
