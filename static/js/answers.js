// What htmx must not do by itself: put a whole page into a part of one, or fail without a word.
import { say } from "./notice.js";
import { words } from "./words.js";

const SAID = { 403: "too_old", 404: "not_yours" };

export function answers(page) {
  // Signed out: a link may lead to signing in, but a form must not be left with what it holds.
  page.body.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb === "get" || !xhr.getResponseHeader("HX-Redirect")) return;
    event.preventDefault();
    say(words().signed_out);
  });
  page.body.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (/^\s*<!doctype/i.test(xhr.responseText)) {
      event.detail.shouldSwap = false;
      say(words()[SAID[xhr.status] ?? "failed"]);
    } else {
      say("");
    }
  });
  for (const failure of ["htmx:sendError", "htmx:timeout"])
    page.body.addEventListener(failure, () => say(words().no_answer));
}
