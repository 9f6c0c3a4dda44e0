"""The queue by hand: rows selected by a range, and put aside together."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene
from tests.factories import package
from tests.fixtures.living_desk import LivingDesk

Furnish = Callable[..., Scene]


def test_rows_are_selected_by_a_range_and_put_aside_together(furnish: Furnish, page: Page):
    scene = furnish("browser-queue")
    references = [scene.agent.open_awaiting(scene.role) for _ in range(3)]
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/queue/")
    boxes = page.get_by_role("checkbox", name="Select ESC-")
    expect(boxes).to_have_count(3)
    snooze = page.locator("#bulk").get_by_role("button", name="Snooze")
    expect(snooze).to_be_hidden()

    boxes.first.check()
    boxes.last.click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("With the selected: 3")
    snooze.click()
    expect(page.locator(".chosen li")).to_have_count(3)
    page.get_by_label("Until").fill("2031-01-01T09:00")
    page.get_by_label("Why?").fill("After the holiday.")
    page.get_by_role("button", name="Snooze").click()

    expect(page.get_by_text("3 done")).to_be_visible()
    page.get_by_role("link", name="Back to the queue").click()
    expect(page.get_by_role("link", name="Snoozed 3")).to_be_visible()
    for reference in references:
        expect(page.get_by_role("row", name=re.compile(reference))).to_have_count(0)


def test_the_case_of_the_row_that_has_the_focus_stands_beside_the_list(
    furnish: Furnish, new_page: Callable[..., Page], axe: Callable[[Page], list[str]]
):
    scene = furnish("browser-pane")
    for _ in range(2):
        scene.agent.open_awaiting(scene.role)
    page = new_page(viewport={"width": 1440, "height": 900})
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/queue/")
    rows, pane = page.locator("[data-row]"), page.locator("#glance")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("button", name="Case beside the list")).to_be_visible()
    expect(pane).to_be_hidden()

    page.keyboard.press("p")
    expect(pane).to_be_visible()
    stood = rows.first.bounding_box()
    for place in range(2):
        page.keyboard.press("j")
        reference = rows.nth(place).get_attribute("data-row")
        expect(pane.locator(".ref")).to_contain_text(str(reference))
    assert rows.first.bounding_box() == stood
    assert page.locator("#live").inner_text() == ""
    assert axe(page) == []

    page.keyboard.press("p")
    expect(pane).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Case beside the list")).to_be_visible()
    expect(pane).to_be_hidden()


def test_one_search_finds_open_and_decided_cases_and_is_kept_between_views(
    furnish: Furnish, page: Page, desk: LivingDesk
):
    scene = furnish("browser-search")

    def asked(words: str) -> str:
        question = package()["question"] | {"text": words}
        return scene.agent.post_awaiting(
            package(role=scene.role, resume=None, stakes="low", question=question)
        )

    decided = asked("Refund the walnut desk?")
    desk.decide_all(scene.role)
    waiting, _other = asked("Replace the walnut desk?"), asked("Refund the lamp?")
    scene.sign_in(page.context)

    def shows(*references: str) -> None:
        rows = page.locator(".queue tbody tr")
        expect(rows).to_have_count(len(references))
        for reference in references:
            expect(rows.filter(has_text=reference)).to_have_count(1)

    for start in ("/", "/queue/", f"/cases/{decided}/"):  # wherever it is typed
        page.goto(f"{scene.base_url}{start}")
        page.keyboard.press("/")
        page.keyboard.type("walnut")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("q=walnut"))
        shows(waiting, decided)
    for view, reference in (("To decide", waiting), ("Decided today", decided)):
        page.get_by_role("link", name=view).click()
        expect(page).to_have_url(re.compile("q=walnut"))
        shows(reference)
