// Copies a value: [data-copy] holds it, [data-copy-from] is where its exact text can be fetched.

async function text(button) {
  if (button.dataset.copy !== undefined) return button.dataset.copy;
  const answer = await fetch(button.dataset.copyFrom);
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  return answer.text();
}

async function copy(button) {
  const label = button.querySelector("svg") ? null : button.textContent;
  const said = (word) => {
    if (label === null) return;
    button.textContent = word;
    setTimeout(() => (button.textContent = label), 1500);
  };
  try {
    await navigator.clipboard.writeText(await text(button));
    said("copied");
  } catch {
    said("not copied");
  }
}

export function copying(page) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (button) copy(button);
  });
}
