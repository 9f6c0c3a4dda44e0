// Selecting rows of a list ([data-select]): with Shift all between the last one and this, and how many
// there are by now ([data-picked]).

let last = null;

function say(page) {
  const place = page.querySelector("[data-picked]");
  const count = page.querySelectorAll("[data-select]:checked").length;
  if (!place) return;
  place.dataset.words ??= place.textContent;
  place.textContent = count ? `${place.dataset.words}: ${count}` : place.dataset.words;
}

export function selecting(page) {
  page.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-select]");
    if (!box) return;
    const all = [...page.querySelectorAll("[data-select]")];
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(from, to + 1)) one.checked = box.checked;
    }
    last = box;
    say(page);
  });
  page.addEventListener("change", (event) => event.target.matches?.("[data-select]") && say(page));
  page.addEventListener("reset", () => setTimeout(() => say(page)));
}
