// Keeps "38 min left" true on a page that stays open: [data-due] is the instant, its last text the words.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SOON = 15 * MINUTE;
const EVERY = 30_000;

// The same words as the server says (reviewers/wording.py).
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)} h ${String(Math.floor((whole % HOUR) / MINUTE)).padStart(2, "0")}`;
  const days = Math.floor(whole / DAY);
  return `${days} day${days === 1 ? "" : "s"}`;
}

export function words(due, now) {
  const left = (due - now) / 1000;
  return left < 0 ? `${span(-left)} over` : `${span(left)} left`;
}

function say(element) {
  const due = Date.parse(element.dataset.due);
  const ring = element.querySelector(".ring");
  if (!ring || Number.isNaN(due)) return;
  const left = (due - Date.now()) / 1000;
  ring.lastChild.data = words(due, Date.now());
  ring.classList.toggle("late", left < 0);
  ring.classList.toggle("attention", left >= 0 && left <= SOON);
}

export function left(page) {
  setInterval(() => {
    if (!page.hidden) page.querySelectorAll("[data-due]").forEach(say);
  }, EVERY);
}
