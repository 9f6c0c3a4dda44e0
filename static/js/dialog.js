// Opens what [data-dialog] links to in the page's dialog. Without it the link leads to the same form
// on a page of its own. Also for links inside SVG, which htmx does not take for links.

function open(event) {
  const link = event.target.closest?.("a[data-dialog]");
  const dialog = document.getElementById("dialog");
  if (!link || !dialog || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  dialog.replaceChildren(); // never the form before, where the next one is refused
  const address = link.getAttribute("href");
  window.htmx
    .ajax("GET", address, { target: "#dialog", swap: "innerHTML" })
    .then(() => {
      if (!dialog.firstElementChild) return location.assign(address);
      if (!dialog.open) dialog.showModal();
      dialog.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
}

export function dialogs(page) {
  page.addEventListener("click", open);
  page.addEventListener("click", (event) => {
    const dialog = event.target.closest?.("[data-close]")?.closest("dialog");
    if (!dialog) return;
    event.preventDefault();
    dialog.close();
  });
}
