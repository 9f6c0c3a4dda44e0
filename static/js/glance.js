// The pane beside the queue on wide screens (#glance): the case of the row that has the focus. The desk
// is asked once the focus rests on a row; nothing is announced, and what is there does not move. A
// cookie keeps whether somebody wants it ([data-key=pane] changes that).

import { refresh } from "./morph.js";

const REST = 200; // ms
let timer = 0;
let wanted = ""; // the reference that is shown, or is being asked for

const pane = () => document.getElementById("glance");
const isThere = () => Boolean(pane()?.checkVisibility());

async function show(row) {
  const name = row.dataset.row;
  if (name === wanted || !isThere()) return;
  wanted = name;
  try {
    const answer = await fetch(`/cases/${name}/glance/`, { headers: { "X-Requested-With": "fetch" } });
    const html = answer.ok && !answer.redirected ? await answer.text() : "";
    if (wanted !== name) return;
    if (html && pane()) refresh(pane(), html);
    else wanted = "";
    for (const one of document.querySelectorAll("[data-row]")) one.toggleAttribute("data-shown", one === row);
  } catch {
    wanted = ""; // the next row asks again
  }
}

function toggle(page) {
  const is = isThere() ? "off" : "on";
  page.documentElement.classList.remove("pane-on", "pane-off");
  page.documentElement.classList.add(`pane-${is}`);
  page.cookie = `pane=${is}; path=/; max-age=31536000; samesite=lax`;
  const row = page.activeElement?.closest("#queue [data-row]");
  if (row) show(row);
}

export function glance(page) {
  page.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("#queue [data-row]");
    clearTimeout(timer);
    if (row && isThere()) timer = setTimeout(show, REST, row);
  });
  page.addEventListener("click", (event) => event.target.closest?.("[data-key=pane]") && toggle(page));
}
