// Lines of a roster form: more of them, and everybody at once. The preview itself is htmx's.

function addLine(form, name) {
  const list = form.querySelector(`ol[data-rows="${name}"]`);
  const total = form.querySelector(`[name="${name}-TOTAL_FORMS"]`);
  const index = Number(total.value);
  const row = form.querySelector(`template[data-row="${name}"]`).content.cloneNode(true);
  for (const part of row.querySelectorAll("*"))
    for (const attribute of ["name", "id", "for"]) {
      const given = part.getAttribute(attribute);
      if (given) part.setAttribute(attribute, given.replaceAll("__prefix__", index));
    }
  const order = row.querySelector(`[name$="-order"]`);
  if (order) order.value = index + 1;
  list.append(row);
  total.value = index + 1;
  list.lastElementChild.querySelector("input:not([type=hidden]):not(.order)")?.focus();
}

document.documentElement.classList.add("js");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add], [data-everybody]");
  const form = button?.closest("form");
  if (!form) return;
  if (button.dataset.add) addLine(form, button.dataset.add);
  else {
    const boxes = [...form.querySelectorAll(`[name="${button.dataset.everybody}"]`)];
    const every = boxes.every((box) => box.checked);
    for (const box of boxes) box.checked = !every;
  }
  form.dispatchEvent(new Event("rowadded"));
});
