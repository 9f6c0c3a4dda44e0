// Narrows the rail to its icons; a cookie keeps the choice, so that the next page comes right.

export function rail(page) {
  const button = page.querySelector("[data-rail]");
  const root = page.documentElement;
  button?.addEventListener("click", () => {
    const narrow = root.classList.toggle("narrow");
    page.cookie = `rail=${narrow ? "narrow" : "wide"}; path=/; max-age=31536000; samesite=lax`;
    button.setAttribute("aria-pressed", String(narrow));
  });
}
