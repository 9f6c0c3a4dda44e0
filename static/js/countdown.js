// Counts down until a signed answer goes out, by the server's clock: [data-goes-out] is the instant,
// [data-server-now] what that clock said when the page was made.

const EVERY = 250;

function begin(element) {
  const ends = Date.parse(element.dataset.goesOut);
  const ahead = Date.parse(element.dataset.serverNow) - Date.now();
  const left = element.querySelector(".left");
  const words = element.querySelector(".words");
  const tick = () => {
    if (!element.isConnected) return;
    const seconds = Math.max(0, Math.ceil((ends - Date.now() - ahead) / 1000));
    const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (left.textContent !== shown) left.textContent = shown;
    if (seconds) setTimeout(tick, EVERY);
    else if (element.dataset.going) words.textContent = element.dataset.going;
  };
  tick();
}

function find(root) {
  const found = [...root.querySelectorAll("[data-goes-out]")];
  if (root.matches?.("[data-goes-out]")) found.push(root);
  for (const element of found) {
    if (element.dataset.counting) continue;
    element.dataset.counting = "yes";
    begin(element);
  }
}

export function countdown(page) {
  find(page);
  const added = (changes) => {
    for (const change of changes)
      for (const node of change.addedNodes) if (node.nodeType === Node.ELEMENT_NODE) find(node);
  };
  new MutationObserver(added).observe(page.body, { childList: true, subtree: true });
}
