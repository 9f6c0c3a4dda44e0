"""A case larger than a page: its steps on demand, searched by the desk, with a picture that came as text."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import asked
from tests.browser.conftest import Scene, overflow


def test_steps_are_shown_on_demand_and_searched_by_keyboard(
    furnish: Callable[..., Scene], page: Page, axe: Callable[..., list[str]]
):
    scene = furnish("browser-big-case")
    reference = scene.agent.post_awaiting(asked.a_big_case(scene.role))
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    keys, steps = page.keyboard, page.locator("#case .step")
    expect(steps).to_have_count(50)

    # the picture is drawn, and of its characters little is shown
    picture = page.get_by_role("img", name="Picture,")
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "it => it.complete && it.naturalWidth === 320", arg=picture.element_handle()
    )
    assert len(page.locator(".pictured").inner_text()) < 200

    # more of them in place, and the focus where it goes on
    more = page.locator(".later a")
    more.focus()
    keys.press("Enter")
    expect(steps).to_have_count(100)
    expect(page.locator(".later a")).to_have_text("Show steps from 101 on, of 400")
    assert page.evaluate("document.activeElement.closest('.steps') !== null")

    # what is not on the page is found by the desk, and its link leads to it
    page.get_by_role("searchbox", name="Search in the evidence").focus()
    keys.type("haugen")
    hits = page.locator("#seek-beyond")
    expect(hits).to_contain_text("1 place in all of the evidence")
    expect(hits).to_contain_text("Step 399: Message It was left with the neighbour, Mrs Haugen.")
    assert axe(page) == [] and overflow(page) <= 0
    hits.get_by_role("link", name="Step 399").focus()
    keys.press("Enter")
    expect(page.locator("#step-399")).to_be_in_viewport()
    expect(page.locator("#step-399")).to_contain_text("Mrs Haugen")
    assert axe(page, contrast=False) == []
