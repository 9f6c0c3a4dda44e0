"""What single keys do: to what is selected, within an act that is open, to a piece of evidence."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene
from tests.fixtures.living_desk import LivingDesk

Furnish = Callable[..., Scene]
MUST_READ = """
from django.utils.timezone import now
from escalation.models import Role
from tests.factories import case_reviewed

print(case_reviewed(Role.objects.get(slug={role!r}), "commit_first").reference)
"""


def chosen(page: Page) -> list[str]:
    """Return the references that the page of an act on several cases names."""
    expect(page.locator(".chosen li").first).to_be_visible()
    return sorted(page.locator(".chosen .ref").all_inner_texts())


def test_what_is_selected_is_moved_and_snoozed_not_the_row_that_has_the_focus(
    furnish: Furnish, page: Page
):
    scene = furnish("browser-selection")
    for _ in range(3):
        scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)

    for key, title in (("m", "Move to another role"), ("s", "Snooze")):
        page.goto(f"{scene.base_url}/queue/")
        rows = page.locator("[data-row]")
        expect(rows).to_have_count(3)
        first, second, third = [str(row.get_attribute("data-row")) for row in rows.all()]
        page.get_by_role("checkbox", name=f"Select {first}").check()
        page.get_by_role("checkbox", name=f"Select {second}").check()
        page.get_by_role("row", name=re.compile(third)).get_by_role("link").focus()
        expect(page.locator(f"[data-row={third}] [data-key=move]")).to_be_hidden()

        page.keyboard.press(key)

        expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        assert chosen(page) == sorted([first, second])

    page.goto(f"{scene.base_url}/queue/")
    page.get_by_role("row", name=re.compile(third)).get_by_role("link").focus()
    page.keyboard.press("m")
    assert chosen(page) == [third]


def test_a_case_is_claimed_alone_and_the_selected_one_before_the_focused(
    furnish: Furnish, page: Page
):
    scene = furnish("browser-claims")
    for _ in range(3):
        scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/queue/")
    rows = page.locator("[data-row]")
    first, second, third = [str(row.get_attribute("data-row")) for row in rows.all()]
    for reference in (first, second):
        page.get_by_role("checkbox", name=f"Select {reference}").check()
    page.get_by_role("row", name=re.compile(third)).get_by_role("link").focus()

    page.keyboard.press("c")
    expect(page.locator("#live")).to_have_text(
        "Several cases are selected. A case is claimed alone."
    )
    page.get_by_role("checkbox", name=f"Select {first}").uncheck()
    page.get_by_role("row", name=re.compile(third)).get_by_role("link").focus()
    page.keyboard.press("c")

    expect(page.locator("#turn")).to_contain_text("You took it")
    expect(page).to_have_url(re.compile(f"/cases/{second}/"))


def test_a_question_keeps_what_was_typed_and_no_key_acts_within_it(furnish: Furnish, page: Page):
    scene = furnish("browser-question")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    text = page.get_by_label("What do you need to know?")

    page.keyboard.press("r")
    expect(text).to_be_focused()
    page.keyboard.type("Was it signed for?")
    page.keyboard.press("Tab")  # Whom
    page.keyboard.press("Tab")  # the button
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    for key in ("r", "c", "!", "u", "h", "d", "n"):
        page.keyboard.press(key)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_focused()
    assert page.locator("#turn").inner_text().count("You took it") == 0

    page.keyboard.press("Escape")  # out of it, back to what opened it
    expect(text).to_be_hidden()
    expect(page.locator("summary[data-key=ask]")).to_be_focused()
    page.keyboard.press("c")
    expect(page.get_by_text("You took it")).to_be_visible()
    page.keyboard.press("r")
    expect(text).to_be_focused()
    expect(text).to_have_value("Was it signed for?")

    page.locator("#chain").click()  # the focus elsewhere: the key leads back, and closes nothing
    page.keyboard.press("r")
    expect(text).to_be_focused()
    expect(text).to_have_value("Was it signed for?")


def test_an_act_that_the_mouse_opens_waits_in_its_first_field(furnish: Furnish, page: Page):
    scene = furnish("browser-mouse", reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")

    for act, label in (
        ("Hold", "Why does it wait?"),
        ("Hand over", "To"),
        ("Ask", "What do you need"),
    ):
        page.locator("summary").filter(has_text=re.compile(f"^\\s*{act}\\s*$")).click()
        expect(page.locator("details[open]").get_by_label(label).first).to_be_focused()


def test_a_key_opens_what_must_be_read_and_closes_and_opens_it_again(
    furnish: Furnish, page: Page, desk: LivingDesk
):
    scene = furnish("browser-must-read")
    reference = desk.shell(MUST_READ.format(role=scene.role)).strip()
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    step = page.locator("#step-1")
    body = page.locator("#step-1-body")

    page.keyboard.press(".")
    expect(step).to_be_focused()
    page.keyboard.press("e")
    expect(step).to_contain_text("opened")
    expect(body).to_be_visible()
    for is_open in (False, True):
        page.keyboard.press("e")
        expect(body).to_be_visible(visible=is_open)
        button = page.get_by_role("button", name="Contents of step 1")
        expect(button).to_have_attribute("aria-expanded", str(is_open).lower())
