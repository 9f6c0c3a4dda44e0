"""A reviewer in a browser: the case comes by itself, is read, answered, and the agent goes on."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene
from tests.factories import step
from tests.fixtures.scene import PASSWORD

Furnish = Callable[..., Scene]


def story(page: Page) -> list[str]:
    """Return the history on the page, a line an event, without who and when."""
    lines = page.locator("#history .story .says").all_inner_texts()
    return [re.sub(r"^(browser-\w+-1|browser-\w+|The \w+) ", "", line) for line in lines]


def test_a_case_comes_is_answered_and_its_agent_goes_on(furnish: Furnish, page: Page):
    scene = furnish("browser-journey")
    page.goto(f"{scene.base_url}/queue/")
    page.get_by_label("User name").fill("browser-journey-1")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Nothing waits for a decision")).to_be_visible()
    page.evaluate("window.untouched = true")

    first = scene.agent.open_awaiting(scene.role)
    expect(page.get_by_role("row", name=re.compile(first))).to_be_visible()
    second = scene.agent.open_awaiting(scene.role)
    banner = page.locator("#news")
    expect(banner).to_contain_text(f"1 new case: {second} Refund order W88 for $412.50?")
    expect(page.locator(".queue tbody tr")).to_have_count(1)
    assert page.evaluate("window.untouched")

    page.get_by_role("link", name="Refund order W88 for $412.50?", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Refund order W88 for $412.50?")
    amount = page.get_by_label("Amount (USD)")
    expect(amount).to_be_hidden()
    assert page.locator("input[type=radio]:checked").count() == 0

    page.get_by_label("Refund another amount").check()
    expect(amount).to_have_value("412.50")
    amount.fill("two hundred")
    page.get_by_label("In your words").fill("Half of it, as goodwill.")
    review = page.get_by_role("button", name="Review and sign")
    review.click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Not recorded yet")
    expect(alert).to_be_focused()
    expect(amount).to_have_value("two hundred")
    expect(amount).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("In your words")).to_have_value("Half of it, as goodwill.")
    assert scene.agent.decision(first).status_code == 204

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(scene.agent.decision, first, wait=60)
        amount.fill("206.25")
        review.click()
        sign(page)
        expect(page.get_by_role("heading", name="Recorded")).to_be_focused()
        told = waiting.result(timeout=70).json()
    assert (told["outcome"], told["parameters"]) == ("modify", {"amount": "206.25"})
    assert told["rationale"] == "Half of it, as goodwill."

    expect(page.locator("#path")).to_contain_text("It has not yet said how it went on")
    scene.agent.resume(first)
    expect(page.locator("#path")).to_contain_text("It went on: succeeded")
    assert page.evaluate("window.untouched") is None  # one page load: the case

    page.reload()
    role = scene.role.capitalize().replace("-", " ")
    assert story(page) == [
        "stopped and asked (confidence)",
        f"gave it to {role}, as the agent wished\nNobody is on call for {role}.",
        "opened the package",
        "decided: Refund another amount\nHalf of it, as goodwill.",
        "fetched the decision",
        "went on: succeeded",
        "opened the package",
    ]


def test_the_same_by_keyboard_alone(furnish: Furnish, page: Page):
    scene = furnish("browser-keyboard")
    reference = scene.agent.open_awaiting(scene.role)
    keys = page.keyboard

    page.goto(scene.base_url)
    expect(page.get_by_label("User name")).to_be_focused()
    keys.type("browser-keyboard-1")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    tab_to(page, "Refund order W88 for $412.50?")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    tab_to(page, "Refund in full")
    keys.press("ArrowDown")
    expect(page.get_by_label("Refund another amount")).to_be_checked()
    keys.press("Tab")
    expect(page.get_by_label("Amount (USD)")).to_be_focused()
    keys.press("ControlOrMeta+a")
    keys.type("none")
    keys.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()

    tab_to(page, "Refund another amount")
    keys.press("Tab")
    keys.press("ControlOrMeta+a")
    keys.type("206.25")
    tab_to(page, "In your words")
    keys.type("As goodwill.")
    keys.press("ControlOrMeta+Enter")
    expect(page.get_by_role("heading", name="Before you sign")).to_be_focused()
    keys.press("ControlOrMeta+Enter")
    expect(page.get_by_role("heading", name="Recorded")).to_be_focused()
    assert scene.agent.decision(reference).json()["parameters"] == {"amount": "206.25"}


def sign(page: Page) -> None:
    """Sign what the summary says will happen."""
    page.get_by_role("button", name="Sign", exact=True).click()


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what carries ``name`` has the focus; everything on the way shows its focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED_NAME):
            return
        assert page.evaluate(SHOWS_FOCUS), page.evaluate("document.activeElement.outerHTML")
    raise AssertionError(f"Tab never reaches {name!r}")


FOCUSED_NAME = """() => {
  const it = document.activeElement;
  return (it.labels?.[0] ?? it).innerText || it.getAttribute("aria-label") || "";
}"""
SHOWS_FOCUS = """() => {
  const it = document.activeElement;
  const shown = it.closest(".option") ?? it;
  return it === document.body || [it, shown].some((e) => getComputedStyle(e).outlineStyle !== "none");
}"""


def test_of_two_reviewers_one_wins_and_the_other_is_told_who(
    furnish: Furnish, new_page: Callable[..., Page]
):
    scene = furnish("browser-race", reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    pages = []
    for number in (1, 2):
        page = new_page(viewport={"width": 1440, "height": 900})
        scene.sign_in(page.context, number)
        page.goto(f"{scene.base_url}/cases/{reference}/")
        page.get_by_label("In your words").fill(f"Because of {number}")
        pages.append(page)
    first, second = pages

    first.get_by_label("Refuse").check()
    first.get_by_role("button", name="Review and sign").click()
    sign(first)
    expect(first.get_by_role("heading", name="Recorded")).to_be_visible()
    second.get_by_label("Refund in full").check()
    second.get_by_role("button", name="Review and sign").click()

    alert = second.get_by_role("alert")
    expect(alert).to_contain_text("browser-race-1 decided")
    expect(alert).to_contain_text("“Refuse”")
    expect(second.get_by_label("Your draft")).to_contain_text("Because of 2")
    assert scene.agent.decision(reference).json()["option"] == "reject"


def test_evidence_that_comes_meanwhile_is_shown_and_the_draft_kept(furnish: Furnish, page: Page):
    scene = furnish("browser-evidence")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    page.get_by_label("Refund in full").check()
    page.get_by_label("In your words").fill("It never came.")

    late = step("late", text="The parcel was found in the depot")
    scene.agent.client.post(f"/cases/{reference}/steps", json={"steps": [late]})
    expect(page.locator("#standing")).to_contain_text("New evidence came")
    page.get_by_role("button", name="Review and sign").click()

    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("New evidence came in")
    expect(alert).to_contain_text("The parcel was found in the depot")
    expect(page.locator("#step-3")).to_contain_text("The parcel was found in the depot")
    expect(page.get_by_label("In your words")).to_have_value("It never came.")
    assert scene.agent.decision(reference).status_code == 204

    page.get_by_role("button", name="Review and sign").click()
    sign(page)
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible()


def test_on_a_phone_the_answer_is_given_in_a_sheet(furnish: Furnish, new_page: Callable[..., Page]):
    scene = furnish("browser-phone")
    reference = scene.agent.open_awaiting(scene.role)
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")

    page.get_by_role("link", name="Decide", exact=True).tap()
    page.locator(".option").get_by_text("Refund in full").tap()
    page.get_by_role("button", name="Review and sign").tap()
    page.get_by_role("button", name="Sign", exact=True).tap()

    expect(page.get_by_role("heading", name="Recorded")).to_be_in_viewport()
    assert scene.agent.decision(reference).json()["option"] == "approve"


def test_without_scripts_everything_can_be_done(furnish: Furnish, new_page: Callable[..., Page]):
    scene = furnish("browser-plain")
    reference = scene.agent.open_awaiting(scene.role)
    page = new_page(java_script_enabled=False)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/queue/")

    page.get_by_role("link", name="Refund order W88 for $412.50?", exact=True).click()
    page.get_by_label("Refund another amount").check()
    page.get_by_label("Amount (USD)").fill("x")
    page.get_by_role("button", name="Review and sign").click()
    expect(page.get_by_label("Amount (USD)")).to_have_value("x")
    page.get_by_label("Amount (USD)").fill("1.00")
    page.get_by_role("button", name="Review and sign").click()
    sign(page)

    expect(page.get_by_role("heading", name="Decided", exact=True)).to_be_visible()
    assert scene.agent.decision(reference).json()["parameters"] == {"amount": "1.00"}


def test_an_unreachable_desk_is_said_and_nothing_typed_is_lost(
    furnish: Furnish, page: Page, complaints: list[str]
):
    scene = furnish("browser-offline")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    page.get_by_label("In your words").fill("Typed before")

    page.context.set_offline(True)
    expect(page.locator("#notice")).to_contain_text("You are offline")
    page.context.set_offline(False)
    expect(page.locator("#notice")).to_be_hidden()

    expect(page.get_by_label("In your words")).to_have_value("Typed before")
    complaints.clear()  # Chromium complains of each request that could not leave


def test_a_session_that_ended_keeps_what_was_typed(furnish: Furnish, page: Page):
    scene = furnish("browser-signed-out")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    page.get_by_label("Refuse").check()
    page.get_by_label("In your words").fill("Typed before")

    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Review and sign").click()

    expect(page.locator("#notice")).to_contain_text("You are signed out")
    expect(page.get_by_label("In your words")).to_have_value("Typed before")
    assert scene.agent.decision(reference).status_code == 204
