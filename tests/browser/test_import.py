"""A calendar file by keyboard: looked at row by row, chosen, saved, imported again, withdrawn again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene, overflow
from tests.reviewers.ics.files import event, file

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


def hour(day: int, *lines: str) -> list[str]:
    """Return an event of an hour at noon, so many days from today."""
    start = NOON + timedelta(days=day)
    return event(f"DTSTART:{start:%Y%m%dT%H%M%SZ}", "DURATION:PT1H", *lines, uid=f"day-{day}")


DENTIST, FREE = hour(3, "SUMMARY:Dentist"), hour(4, "SUMMARY:Stand-in", "TRANSP:TRANSPARENT")
COURSE = hour(5, "SUMMARY:Course")
ODD = event("SUMMARY:Nowhen", uid="odd")


def test_a_calendar_file_is_previewed_chosen_saved_and_withdrawn_by_keyboard(
    furnish: Callable[..., Scene], new_page: Callable[..., Page], axe: Callable[..., list[str]]
):
    scene = furnish("browser-import")
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    scene.sign_in(page.context)
    keys = page.keyboard

    def preview(*events: list[str]) -> list[tuple[str, bool]]:
        """Choose a file with these events; return of each row its title and whether it is chosen."""
        page.goto(f"{scene.base_url}/on-call/import/")
        body = file(*(line for each in events for line in each))
        sent = {"name": "leave.ics", "mimeType": "text/calendar", "buffer": body}
        page.get_by_label("File").set_input_files(sent)  # type: ignore[arg-type]
        page.get_by_role("button", name="Preview").focus()
        keys.press("Enter")
        expect(page.locator("#found")).to_be_focused()
        rows = page.locator(".picks tbody tr").all()
        return [
            (
                f"{row.locator('.act').inner_text()} {row.locator('.title').inner_text()}",
                row.get_by_role("checkbox").is_checked(),
            )
            for row in rows
        ]

    # what is free time is not chosen; what is odd is said with its line
    found = preview(DENTIST, FREE, COURSE, ODD)
    assert found == [("Add Dentist", True), ("Add Stand-in", False), ("Add Course", True)]
    expect(page.get_by_role("heading", name="1 event left out")).to_be_visible()
    assert axe(page) == [] and overflow(page) <= 0

    # the keyboard walks from the heading through the boxes to the button
    boxes = page.locator(".picks tbody").get_by_role("checkbox")
    keys.press("Tab")
    keys.press("Tab")
    for is_chosen in (True, False):
        keys.press("Space")
        expect(boxes.nth(1)).to_be_checked(checked=is_chosen)
    keys.press("Tab")
    keys.press("Tab")
    expect(page.get_by_role("button", name="Save chosen rows")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_text("2 absences are saved")).to_be_visible()

    # again: nothing is saved twice; what is gone from the file is offered to be withdrawn
    assert preview(DENTIST, COURSE) == []
    expect(page.locator("#found")).to_have_text("Nothing has changed")
    assert preview(DENTIST) == [("Withdraw No longer in the file.", False)]
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("1 absence is withdrawn")).to_be_visible()
    assert preview(DENTIST) == []
