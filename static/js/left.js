// Keeps "38 min left" true on a page that stays open: [data-due] is the instant, its last text the words.

import { counted, filled, words as said } from "./words.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SOON = 15 * MINUTE; // as escalation/cases/lateness.py
const EVERY = 30_000;

// The same words as the server says (reviewers/wording.py).
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, hours, days] = [MINUTE, HOUR, DAY].map((unit) => Math.floor(whole / unit));
  if (!minutes) return filled(said().seconds, { n: whole });
  if (!hours) return filled(said().minutes, { n: minutes });
  if (!days) return filled(said().hours, { hours, minutes: minutes % 60 });
  return filled(counted(said().days, days), { n: days });
}

export function words(due, now) {
  const left = (due - now) / 1000;
  return left <= 0 ? filled(said().over, { time: span(-left) }) : filled(said().left, { time: span(left) });
}

function say(element) {
  const due = Date.parse(element.dataset.due);
  const ring = element.querySelector(".ring");
  if (!ring || Number.isNaN(due)) return;
  const left = (due - Date.now()) / 1000;
  ring.lastChild.data = words(due, Date.now());
  ring.classList.toggle("late", left <= 0);
  ring.classList.toggle("attention", left > 0 && left <= SOON);
}

export function left(page) {
  setInterval(() => {
    if (!page.hidden) page.querySelectorAll("[data-due]").forEach(say);
  }, EVERY);
}
