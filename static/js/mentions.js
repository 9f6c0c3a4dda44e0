// Completes @name in [data-mentions] from the datalist that it names. Without it the name is typed whole.

const BEGUN = /(?:^|[^\w@.+-])@([\w.@+-]*)$/;

function begun(area) {
  const before = area.value.slice(0, area.selectionStart);
  const found = before.match(BEGUN);
  return found ? { typed: found[1].toLowerCase(), from: before.length - found[1].length } : null;
}

function close(area) {
  area.parentElement.querySelector(".mentions")?.remove();
  area.removeAttribute("aria-activedescendant");
  area.removeAttribute("aria-controls");
}

function offer(area) {
  close(area);
  const at = begun(area);
  const people = document.getElementById(area.dataset.mentions);
  if (!at || !people) return;
  const fitting = [...people.options].filter(
    (one) => one.value.toLowerCase().startsWith(at.typed) || one.text.toLowerCase().includes(at.typed),
  );
  if (!fitting.length || (fitting.length === 1 && fitting[0].value.toLowerCase() === at.typed)) return;
  const list = document.createElement("ul");
  list.id = "mentions";
  list.setAttribute("role", "listbox");
  list.ariaLabel = "Colleagues";
  fitting.slice(0, 8).forEach((one, place) => {
    const item = document.createElement("li");
    item.id = `mention-${place}`;
    item.role = "option";
    item.dataset.name = one.value;
    const name = document.createElement("b");
    name.textContent = one.text;
    const handle = document.createElement("span");
    handle.textContent = `@${one.value}`;
    item.append(name, handle);
    list.append(item);
  });
  const box = document.createElement("div");
  box.className = "mentions";
  box.append(list);
  area.after(box);
  area.setAttribute("aria-controls", list.id);
  choose(area, 0);
}

const items = (area) => [...area.parentElement.querySelectorAll(".mentions li")];

function choose(area, place) {
  const all = items(area);
  all.forEach((item, each) => (item.ariaSelected = String(each === place)));
  area.setAttribute("aria-activedescendant", all[place].id);
}

function take(area, name) {
  const { from } = begun(area);
  area.setRangeText(`${name} `, from, area.selectionStart, "end");
  close(area);
}

function key(event) {
  const area = event.target;
  const all = area.matches?.("[data-mentions]") ? items(area) : [];
  if (!all.length) return;
  const now = all.findIndex((item) => item.ariaSelected === "true");
  const act = {
    ArrowDown: () => choose(area, (now + 1) % all.length),
    ArrowUp: () => choose(area, (now + all.length - 1) % all.length),
    Enter: () => take(area, all[now].dataset.name),
    Tab: () => take(area, all[now].dataset.name),
    Escape: () => close(area),
  }[event.key];
  if (!act || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}

export function mentions(page) {
  page.addEventListener("input", (event) => {
    if (event.target.matches("[data-mentions]")) offer(event.target);
  });
  page.addEventListener("keydown", key, true);
  page.addEventListener("pointerdown", (event) => {
    const item = event.target.closest?.(".mentions li");
    if (!item) return;
    event.preventDefault();
    take(item.closest(".field").querySelector("[data-mentions]"), item.dataset.name);
  });
  page.addEventListener("focusout", (event) => {
    if (event.target.matches?.("[data-mentions]")) close(event.target);
  });
}
