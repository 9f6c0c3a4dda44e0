"""Being told by the browser itself: the control on the page, and the worker that shows what comes.

A browser of the tests has no push service of its own, so its subscription is made up; what comes is
delivered by the browser's own tools, as if the service had brought it.
"""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Worker, expect

from escalation.machine.programs import until
from tests.browser.conftest import Scene
from tests.fixtures.pushservice import BrowserKeys

SUBSCRIBES = """
const keys = %s;
const made = (key) => ({
  endpoint: "https://push.example/send/one",
  options: { applicationServerKey: bytes(key) },
  toJSON() { return { endpoint: this.endpoint, keys } },
  async unsubscribe() { localStorage.removeItem("made"); return true },
});
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0)).buffer;
PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
  localStorage.setItem("made", applicationServerKey);
  return made(applicationServerKey);
};
PushManager.prototype.getSubscription = async () =>
  localStorage.getItem("made") ? made(localStorage.getItem("made")) : null;
Notification.requestPermission = async () => "granted";
"""
SHOWS = """
() => {
  self.shown = [];
  self.opened = [];
  self.registration.showNotification = async (title, options) => self.shown.push([title, options]);
  self.clients.openWindow = async (url) => self.opened.push(url);
}
"""
# An event of our own may not be held open; what the worker holds it open for is awaited instead.
CLICK = """
async (link) => {
  const event = new ExtendableEvent("notificationclick");
  event.notification = { close() {}, data: { link } };
  await new Promise((done) => {
    event.waitUntil = done;
    self.dispatchEvent(event);
  });
  return self.opened.at(-1);
}
"""
CHANGES = """
async (keys) => {
  const { key } = await (await fetch("/account/reach/push/")).json();
  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0)).buffer;
  const event = new ExtendableEvent("pushsubscriptionchange");
  event.oldSubscription = { endpoint: "https://push.example/send/one" };
  event.newSubscription = {
    options: { applicationServerKey: bytes(key) },
    toJSON: () => ({ endpoint: "https://push.example/send/two", keys }),
  };
  await new Promise((done) => {
    event.waitUntil = done;
    self.dispatchEvent(event);
  });
}
"""


def worker(page: Page) -> Worker:
    """Return the service worker, in charge. Most pages register it themselves once they are loaded."""
    page.evaluate(
        """() => navigator.serviceWorker.register("/service-worker.js")
          .then(() => navigator.serviceWorker.ready)
          .then(() => true)"""
    )
    workers = page.context.service_workers  # it may be known long before anybody asks
    return workers[0] if workers else page.context.wait_for_event("serviceworker")


def deliver(page: Page, origin: str, data: list[str]) -> None:
    """Let the push service bring what it has for this desk's worker."""
    tools = page.context.new_cdp_session(page)
    known: list[dict[str, Any]] = []
    tools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"])
    )
    tools.send("ServiceWorker.enable")
    assert until(lambda: page.evaluate("1") and known, 30)  # what is told is heard during a call
    for each in data:
        tools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": origin, "registrationId": known[0]["registrationId"], "data": each},
        )


def test_what_is_pushed_is_shown_and_a_click_opens_only_the_desk(
    furnish: Callable[..., Scene], page: Page
) -> None:
    base = furnish("refunds-pushed").base_url
    page.goto(f"{base}/sign-in/")
    found = worker(page)
    found.evaluate(SHOWS)  # what it shows is written down instead

    said = {"title": "ESC-1042, high stakes", "body": "A case waits for you.", "tag": "one"}
    link = f"{base}/cases/ESC-1042/"
    deliver(page, base, [json.dumps(said | {"link": link, "urgent": True}), "not JSON"])

    assert until(lambda: found.evaluate("self.shown.length") == 2, 30)
    (first, options), (second, _) = found.evaluate("self.shown")
    assert (first, options["body"], options["tag"]) == tuple(said.values())
    assert options["requireInteraction"] is True
    assert second == "Recourse"
    assert found.evaluate(CLICK, link) == link
    assert found.evaluate(CLICK, "https://evil.example/") == base


def test_a_person_asks_to_be_told_in_this_browser_and_stops_it(
    furnish: Callable[..., Scene], page: Page, axe: Callable[[Page], list[str]]
) -> None:
    scene = furnish("refunds-told")
    keys = BrowserKeys()
    given = {"p256dh": keys.p256dh, "auth": keys.auth}
    page.add_init_script(SUBSCRIBES % json.dumps(given))
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/account/reach/")

    page.get_by_role("button", name="Tell me in this browser").click()

    row = page.locator("tr[data-push-held]")
    expect(row.get_by_text("this browser", exact=True)).to_be_visible()
    expect(page.get_by_text("This browser is told.")).to_be_visible()
    expect(page.get_by_role("button", name="Tell me in this browser")).to_be_hidden()
    assert axe(page) == []
    held = row.get_attribute("data-push-held")

    worker(page).evaluate(CHANGES, given)
    page.reload()
    expect(row).to_have_count(1)
    expect(row).not_to_have_attribute("data-push-held", str(held))

    page.get_by_role("checkbox", name="for high stakes").focus()
    page.keyboard.press("Space")
    expect(page.locator("#told div", has_text="high")).to_contain_text("On this desk only.")
    page.get_by_role("button", name="Remove Browser").click()
    expect(page.locator("tr[data-push-held]")).to_have_count(0)
