// The tab of what is shown is in sight, where there are more than fit.

export function tabs(page) {
  for (const tab of page.querySelectorAll(".tabs [aria-current]")) {
    const strip = tab.closest(".tabs");
    strip.scrollLeft = tab.offsetLeft - (strip.clientWidth - tab.offsetWidth) / 2;
  }
}
