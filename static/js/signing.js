// Signing in two steps by keyboard: Ctrl/Cmd+Enter does the next one, and a held key never both.
// Nor does the second half of a double click. Without this the buttons do the same.

const STEP = "button[data-step]";

function next(event) {
  const within = event.target.closest?.("form");
  if (within && !within.matches("form.answer")) return null; // some other form of the page
  if (within) return within.querySelector(STEP);
  const offered = [...document.querySelectorAll("#answer form.answer button[data-step]")];
  return offered.find((button) => button.checkVisibility()) ?? null; // not one that is folded away
}

function pressed(event) {
  if (event.key !== "Enter") return;
  if (event.repeat && event.target.closest?.("form.answer")?.querySelector(STEP) && !event.target.matches("textarea"))
    return event.preventDefault();
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const button = next(event);
  if (!button) return;
  event.preventDefault();
  if (!event.repeat && !button.disabled) button.click(); // by a click htmx knows which button it was
}

export function signing(page) {
  page.addEventListener("keydown", pressed);
  page.addEventListener(
    "click",
    (event) => {
      if (event.detail > 1 && event.target.closest?.(STEP)) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    },
    true,
  );
}
