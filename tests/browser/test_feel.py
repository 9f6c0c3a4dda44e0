"""What a page keeps while it changes, what it says, and what it is to the hands of who works on it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene
from tests.factories import step

Furnish = Callable[..., Scene]


def test_a_swap_keeps_what_a_person_did_to_the_page(furnish: Furnish, page: Page):
    scene = furnish("feel-morph", reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    why = page.get_by_label("Because")
    page.get_by_label("Refund in full").check()
    why.fill("The photo shows another door.")
    page.evaluate(
        "document.querySelector('#rationale').mark = document.querySelector('h1').mark = 1"
    )

    page.get_by_role("button", name="Take it").click()

    expect(page.get_by_text("You took it")).to_be_visible()
    expect(why).to_have_value("The photo shows another door.")
    expect(page.get_by_label("Refund in full")).to_be_checked()
    assert page.evaluate("document.querySelector('#rationale').mark") == 1
    why.focus()
    page.evaluate("document.querySelector('#rationale').setSelectionRange(4, 9)")

    late = step("late", text="The parcel was found in the depot")
    scene.agent.client.post(f"/cases/{reference}/steps", json={"steps": [late]})
    expect(page.locator("#standing")).to_contain_text("New evidence came")
    expect(page.locator("#live")).to_contain_text("New evidence came")
    expect(why).to_be_focused()
    assert page.evaluate("[...document.querySelectorAll('[aria-live=polite]')].length") == 0
    at = "(({selectionStart: a, selectionEnd: b}) => [a, b])(document.querySelector('#rationale'))"
    assert page.evaluate(at) == [4, 9]


def test_single_keys_move_open_and_help_but_never_while_something_is_typed(
    furnish: Furnish, page: Page
):
    scene = furnish("feel-keys")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    keys = page.keyboard
    page.goto(f"{scene.base_url}/queue/")

    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Go to my work")
    keys.press("Escape")
    keys.press("g")
    keys.press("w")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()

    keys.press("ControlOrMeta+k")
    keys.type(reference)
    expect(page.get_by_role("option", name=reference)).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(page.locator("#case")).to_be_visible()

    keys.press("d")
    keys.press("2")
    expect(page.get_by_label("Refund another amount")).to_be_checked()
    page.get_by_label("Because").focus()
    keys.type("g?w1d")
    expect(page.get_by_label("Because")).to_have_value("g?w1d")
    expect(page.get_by_label("Refund another amount")).to_be_checked()
    assert scene.agent.decision(reference).status_code == 204
