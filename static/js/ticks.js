// One box over a list of boxes ([data-tick-all]): ticks all of its form that can be, or none.

export function ticks(page) {
  page.addEventListener("change", (event) => {
    const form = event.target.closest?.("form");
    const all = form?.querySelector("[data-tick-all]");
    if (!all) return;
    const boxes = [...form.querySelectorAll("tbody input[type=checkbox]:not(:disabled)")];
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  });
}
