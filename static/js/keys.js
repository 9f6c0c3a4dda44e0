// The keyboard map (reviewers/keyboard.py, in force for this person in #keys) and what each act does.
//
// Pages put hooks on what is there; an act without its hook on the page does nothing:
//   [data-key=NAME]   the control of an act, by its name in the map (claim, ask, undo, next ...): it is
//                     clicked, or gets the focus where it is typed into, or is opened where it is a fold
//   [data-row]        a row of a list; its first link is what opens it. [data-select] in it selects it
//   [data-section=N]  a part of the evidence, 1 to 9. [data-item] a piece of it; with [data-unread] or
//                     [data-doubt] one that "next unread" goes to
// A hook in the row or piece that has the focus is meant before one elsewhere on the page.
//
// Single keys act only while nothing is typed into, never with Alt, Ctrl or Meta, and none of them sends
// an answer: within a form that decides they move the focus and choose, no more. Within an act that is
// open, and any other form that takes text, they do nothing: Escape leaves it.

import { announce } from "./live.js";
import { words } from "./words.js";

const PAUSE = 1500; // ms between the two keys of "g q"
const REPEATS = new Set(["down", "up"]);
const TYPABLE = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";
const DECIDES = "form[data-decides], form.answer";
const ACT = "details[name=act]";
const FOCUSABLE = "a[href], button:not([disabled]), input:not([type=hidden], [disabled]), select, textarea, summary, [tabindex]";

export const map = JSON.parse(document.getElementById("keys")?.textContent || '{"acts": [], "fixed": [], "heads": {}}');

const visible = (element) => element.checkVisibility({ visibilityProperty: true });
const here = () => document.activeElement?.closest("[data-row], [data-item]");
const rows = () => [...document.querySelectorAll("[data-row]")].filter(visible);

export const placeOf = () =>
  document.querySelector("#case") ? "case" : document.querySelector("[data-row]") ? "list" : "everywhere";

function focus(element) {
  if (!element) return false;
  const inner = element.matches(FOCUSABLE) ? element : null;
  if (!inner) element.tabIndex = -1;
  element.focus();
  element.scrollIntoView({ block: "nearest" });
  return true;
}

function step(by) {
  const all = rows();
  const at = all.indexOf(here());
  const row = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  return focus(row?.matches("a, button") ? row : row?.querySelector("a[href], button"));
}

function click(element) {
  if (!element) return false;
  element.click();
  return true;
}

const first = (selector, root = document) => [...root.querySelectorAll(selector)].find(visible);

// The hook of an act on this page.
export function hook(name) {
  const selector = `[data-key="${name}"]`;
  return (here() && first(selector, here())) || first(selector);
}

// An act that is open stays so: its key goes back to what was typed.
function unfold(summary) {
  const fold = summary.parentElement;
  if (!(fold.open && fold.matches(ACT))) summary.click();
  if (fold.open) focus(first(TYPABLE, fold) ?? summary);
  return true;
}

export function pull(element) {
  if (!element) return false;
  if (element.matches("summary")) return unfold(element);
  if (element.matches(`${TYPABLE}, [data-focus]`)) return focus(element);
  const isSending = element.matches("button:not([type=button]), [type=submit]") && element.closest(DECIDES);
  if (isSending || !element.matches("a[href], button, input, summary")) return focus(element);
  return click(element);
}

// Goes round: after the last that waits comes the first.
function nextUnread() {
  const all = [...document.querySelectorAll("[data-item]")].filter(visible);
  const marked = all.filter((item) => item.matches("[data-unread], [data-doubt]"));
  const at = all.indexOf(here());
  return focus(marked.find((item) => all.indexOf(item) > at) ?? marked[0]);
}

// Opens what must be read, and folds or unfolds what is open.
function toggleItem() {
  const item = here()?.closest("[data-item]");
  return item ? pull(first("[data-key=read], summary", item)) : nextUnread();
}

// The answers as they are numbered; one that may not be chosen keeps its number.
const choices = () => [...document.querySelectorAll("#decision form input[type=radio][name=option]")];

function digit(number) {
  if (document.querySelector("#decision")?.contains(document.activeElement)) {
    const choice = choices()[number - 1];
    return Boolean(choice) && !choice.disabled && focus(choice) && click(choice);
  }
  const part = document.querySelector(`[data-section="${number}"]`);
  return focus(part?.querySelector("h2") ?? part);
}

function panel() {
  const offered = choices().filter((one) => !one.disabled);
  return focus(offered.find((one) => one.checked) ?? offered[0] ?? first("#decision h2, #decision"));
}

// The view beside the one that is shown, in the tabs of a list.
function view(by) {
  const tabs = [...document.querySelectorAll(".tabs a")].filter(visible);
  const at = tabs.findIndex((tab) => tab.matches("[aria-current]"));
  return click(tabs[at + by]);
}

const selected = () => [...document.querySelectorAll("[data-select]:checked")];

// What is done to several rows is done to those that are selected; where none is, to the one with the focus.
function withRows(name) {
  if (selected().length) return pull(first(`#bulk [data-key="${name}"]`));
  return Boolean(here()) && pull(first(`[data-key="${name}"]`, here()));
}

// A case is claimed alone.
function claim() {
  const [only, ...others] = selected();
  if (others.length) return announce(words().one_at_a_time) ?? true;
  const row = only?.closest("[data-row]") ?? here();
  return row ? click(row.querySelector("[data-key=claim]")) : pull(hook("claim"));
}

const go = (name) => () => click(document.querySelector(`.rail [data-go=${name}]`));
const own = {
  help: () => document.dispatchEvent(new CustomEvent("desk:help")) || true,
  search: () => pull(hook("filter")) || focus(first(".find input[type=search]")),
  go_work: go("work"),
  go_queue: go("queue"),
  go_team: go("team"),
  go_audit: go("audit"),
  down: () => step(1),
  up: () => step(-1),
  open: () => click(here()?.querySelector("a[href]")),
  view_before: () => view(-1),
  view_after: () => view(1),
  claim,
  snooze: () => withRows("snooze"),
  move: () => withRows("move"),
  select: () => click(here()?.querySelector("[data-select]")),
  read: toggleItem,
  unread: nextUnread,
  decide: panel,
  next: () => pull(hook("next") ?? hook("start")),
  history: () => pull(hook("history")) || focus(first("#history h2")),
};

export const run = (name) => Boolean(own[name] ? own[name]() : pull(hook(name)));

// Ctrl or Cmd with Enter sends a form that is typed into, once for a key that is held. Answers to a case
// are signing.js's.
function send(event) {
  const form = document.activeElement?.closest("#decision form, #talk form, dialog form");
  if (!form || event.repeat || form.matches(DECIDES) || form.querySelector("[data-step]")) return;
  event.preventDefault();
  form.requestSubmit(first("button:not([type=button])", form));
}

function isTyping(target) {
  if (target.closest?.(TYPABLE) || target.isContentEditable) return true;
  const form = target.closest?.("form");
  return Boolean(target.closest?.(`${ACT}[open]`) || (form && !form.matches(DECIDES) && first(TYPABLE, form)));
}

// Out of an act, back to what opened it; what was typed stays.
function leave(event) {
  const act = event.target.closest?.(`${ACT}[open]`);
  if (!act || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  act.open = false;
  focus(act.querySelector("summary"));
}

export function keys(page) {
  let before = "";
  let since = 0;
  const place = () => placeOf();

  function act(event) {
    const pressed = event.key;
    const isSecond = before && event.timeStamp - since < PAUSE;
    const typed = isSecond ? `${before} ${pressed}` : pressed;
    before = "";
    const known = map.acts.filter((one) => one.key && (one.place === "everywhere" || one.place === place()));
    const found = known.find((one) => one.key === typed) ?? known.find((one) => one.key === pressed);
    if (found && (!event.repeat || REPEATS.has(found.name))) return run(found.name);
    if (known.some((one) => one.key.startsWith(`${pressed} `))) {
      before = pressed;
      since = event.timeStamp;
      return true;
    }
    if (place() === "case" && /^[1-9]$/.test(pressed) && !event.repeat) return digit(Number(pressed));
    return false;
  }

  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === "Escape") return leave(event);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return event.altKey || event.shiftKey || send(event);
    if (!map.on || event.ctrlKey || event.metaKey || event.altKey || event.getModifierState("AltGraph")) return;
    if (isTyping(event.target) || page.querySelector("dialog[open]")) return;
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow && here()?.matches("[data-row]") && !event.target.matches("input")) {
      if (step(arrow)) event.preventDefault();
      return;
    }
    if (event.key.length === 1 && event.key !== " " && act(event)) event.preventDefault();
  });
  // opened by the mouse, or by Enter on it: ready to be typed into
  page.addEventListener("click", (event) => {
    const summary = event.target.closest?.(`${ACT} > summary`);
    if (summary && event.isTrusted) setTimeout(() => summary.parentElement.open && focus(first(TYPABLE, summary.parentElement)));
  });
}
