// Offers in a condition's row only the operators that its field takes, and shows how a value looks.

function fit(row) {
  const [field, operator, value] = ["field", "operator", "value"].map((name) =>
    row.querySelector(`[name$="/${name}"]`),
  );
  const chosen = field?.selectedOptions[0]?.dataset;
  if (!operator || !value || !chosen?.operators) return;
  const known = chosen.operators.split("|");
  for (const option of operator.options) option.hidden = option.disabled = !known.includes(option.value);
  if (!known.includes(operator.value)) operator.value = known[0];
  value.placeholder = operator.value === "given" ? "yes or no" : chosen.shape;
}

function all(page) {
  for (const row of page.querySelectorAll?.(".term") ?? []) fit(row);
}

all(document);
document.addEventListener("change", (event) => {
  const row = event.target.closest?.(".term");
  if (row) fit(row);
});
document.addEventListener("htmx:load", (event) => all(event.target));
