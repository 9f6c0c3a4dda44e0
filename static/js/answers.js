// What htmx must not do by itself: put a whole page into a part of one, or fail without a word.
import { say, SIGNED_OUT } from "./notice.js";

const KEPT = "Nothing was recorded, and what you typed is still here.";
const SAID = {
  403: `The form was too old. ${KEPT} Load the page anew in another tab, then go on.`,
  404: `This case is no longer in your hands. ${KEPT}`,
};

export function answers(page) {
  // Signed out: a link may lead to signing in, but a form must not be left with what it holds.
  page.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb === "get" || !xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    say(SIGNED_OUT);
  });
  page.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (/^\s*<!doctype/i.test(xhr.responseText)) {
      event.detail.shouldSwap = false;
      say(SAID[xhr.status] ?? `The desk failed. ${KEPT}`);
    } else {
      say("");
    }
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"])
    page.body.addEventListener(failure, () => say(`The desk does not answer. ${KEPT} Try again in a moment.`));
}
