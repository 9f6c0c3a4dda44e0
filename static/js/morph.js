// Changes only what differs between a part of the page and what the server sends for it (idiomorph), so
// that focus, scroll, folds that are open, selections and what was typed outlive the swap. Every swap of
// htmx in the style outerHTML is done like this, and so are the answers of watch.js.

import { landed } from "./focus.js";
import { tell } from "./live.js";
import { Idiomorph } from "./vendor/idiomorph.js";

const TYPED = new Set(["value", "checked", "selected"]);

function isTyped(field) {
  if (field.matches("option")) field = field.closest("select");
  if (field?.matches("select")) return [...field.options].some((one) => one.selected !== one.defaultSelected);
  if (field?.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  return field?.value !== field?.defaultValue;
}

// What a person did stands, unless `asker`, the form that was sent, says otherwise: the server has seen
// what stood in that one.
function keeps(asker) {
  const form = asker?.closest?.("form");
  return (name, element, change) => {
    if (name === "open" && element.matches("details"))
      return asker ? change === "update" || element.contains(asker) : false;
    if (name === "open" && element.matches("dialog")) return false;
    if (name === "data-folded" || (name === "aria-expanded" && element.matches("[data-fold]"))) return false;
    if (name === "aria-live" || name === "tabindex") return change === "update";
    if (TYPED.has(name) && element.matches("input:not([type=hidden]), textarea, select, option"))
      return (form && form.contains(element)) || !isTyped(element);
    return true;
  };
}

function change(target, content, asker) {
  const beforeAttributeUpdated = keeps(asker);
  const nodes = Idiomorph.morph(target, content, { morphStyle: "outerHTML", callbacks: { beforeAttributeUpdated } });
  return [...nodes].filter((node) => node.nodeType === Node.ELEMENT_NODE);
}

function wire(node) {
  window.htmx.process(node);
  window.htmx.trigger(node, "htmx:load");
}

// For what nobody asked for just now, such as the answer to a poll.
export function refresh(target, html) {
  for (const node of change(target, html)) {
    wire(node);
    tell(node);
  }
}

export function morphing(page) {
  let asked = {}; // the swap that is going on: who asked, and with which request
  window.htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap(style, target, fragment) {
      if (style !== "morph") return false;
      const nodes = change(target, fragment.children, asked.elt ?? target);
      if (nodes[0]) landed(nodes[0], asked.xhr);
      nodes.forEach(wire);
      return true; // htmx would give what it is handed the focus once more, and later
    },
  });
  page.body.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, swapOverride, xhr } = event.detail;
    asked = { elt: requestConfig.elt, xhr };
    const style = swapOverride ?? asked.elt.closest("[hx-swap]")?.getAttribute("hx-swap");
    if (style?.startsWith("outerHTML")) event.detail.swapOverride = style.replace("outerHTML", "morph");
  });
  page.body.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (fragment.childElementCount !== 1 || fragment.firstElementChild.id !== target.id) return;
    event.detail.shouldSwap = false;
    change(target, fragment.children, asked.elt).forEach(wire);
  });
}
