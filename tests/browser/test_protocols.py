"""The review protocols in a browser: commit and reveal, two who answer blind, undo and overturning."""

import json
from collections.abc import Callable
from urllib.parse import quote_plus

from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Scene
from tests.fixtures.living_desk import LivingDesk

ROLE = "browser-protocols"
WRITTEN = "Nothing shows that it was lost."
FURNISH = """
import json
from django.utils.timezone import now
from escalation import access, lifecycle
from escalation.models import Role, User
from tests.factories import case_under, package

role = Role.objects.get(slug={role!r})
people = [User.objects.get(username=f"{{role.slug}}-{{n}}") for n in (1, 2, 3)]
access.grant(access.OVERTURN, people[2], role)

def made(protocol, **review):
    approvals = 2 if protocol == "two_blind" else 1
    terms = {{"high": {{"protocol": protocol, "because": "written", **review}}}}
    case = case_under(role, package(stakes="high"), approvals=approvals, review=terms, at=now())
    for user in people:
        lifecycle.open_evidence(case.pk, 1, by=user, at=now())
    return case.reference

print(json.dumps([made("commit_first", hold_window=300), made("two_blind"), made("open")]))
"""


def furnished(
    desk: LivingDesk, furnish: Callable[..., Scene], new_page: Callable[..., Page]
) -> tuple[list[Page], list[str], Scene]:
    """Return a page for each of three reviewers, and the three cases that they meet."""
    scene = furnish(ROLE, reviewers=3)
    pages = []
    for number in (1, 2, 3):
        pages.append(new_page(viewport={"width": 1440, "height": 900}))
        scene.sign_in(pages[-1].context, number)
    return pages, json.loads(desk.shell(FURNISH.format(role=ROLE))), scene


def keeps(written: str) -> Callable[[Response], bool]:
    """Tell the answer to the draft that holds these words from those to drafts before it."""
    body = quote_plus(written)
    return lambda answered: (
        answered.url.endswith("/draft/") and body in (answered.request.post_data or "")
    )


def answer(page: Page, option: str, store: str = "Review and sign", sign: str = "Sign") -> None:
    page.get_by_label(option, exact=False).first.check()
    page.get_by_label("In your words").fill(WRITTEN)
    page.get_by_role("button", name=store).click()
    page.get_by_role("button", name=sign, exact=True).click()


def test_each_protocol_is_carried_out_undone_and_overturned(
    desk: LivingDesk, furnish: Callable[..., Scene], new_page: Callable[..., Page]
):
    (first, second, third), (commit, blind, decided), scene = furnished(desk, furnish, new_page)
    at = f"{scene.base_url}/cases"

    # commit first: by keyboard alone; a key that is held takes one step, what is typed is kept
    first.goto(f"{at}/{commit}/")
    first.get_by_label("Refuse").check()
    with first.expect_response(keeps(WRITTEN)):
        first.get_by_label("In your words").fill(WRITTEN)
    first.reload()
    expect(first.locator(".restored")).to_contain_text("restored")
    expect(first.get_by_label("Refuse")).to_be_checked()
    expect(first.locator("#case")).not_to_contain_text("Goodwill policy")
    first.get_by_label("In your words").focus()
    keys = first.keyboard
    keys.down("Control")
    keys.down("Enter")
    expect(first.get_by_role("heading", name="Before it is stored")).to_be_focused()
    for _ in range(5):
        keys.down("Enter")
    expect(first.get_by_role("button", name="Store my answer")).to_be_visible()
    keys.up("Enter")
    keys.press("Enter")
    keys.up("Control")
    expect(first.get_by_role("heading", name="Your answer is stored")).to_be_focused()
    expect(first.locator(".reveal")).to_contain_text("differs from yours")
    expect(first.locator(".reveal")).to_contain_text("Goodwill policy covers first-time disputes.")
    expect(first.locator(".steps")).to_contain_text("Carrier says delivered")

    # kept, on its way out, undone by one key
    first.get_by_role("button", name="Keep “Refuse” and sign").click()
    expect(first.locator(".countdown")).to_contain_text("Goes out in")
    second.goto(f"{at}/{commit}/")
    expect(second.locator("#answer")).to_contain_text("signed an answer")
    expect(second.get_by_role("button", name="Undo")).to_have_count(0)
    first.get_by_role("heading", name="Signed").focus()
    keys.press("z")
    expect(first.get_by_role("status").filter(has_text="Undone")).to_be_visible()
    expect(first.get_by_role("button", name="Keep “Refuse” and sign")).to_be_visible()

    # two, blind to each other, then an arbiter
    first.goto(f"{at}/{blind}/")
    answer(first, "Refuse")
    expect(first.get_by_role("heading", name="You have answered")).to_be_visible()
    first.reload()
    expect(first.locator("#answer")).to_contain_text("You cannot answer it twice")
    second.goto(f"{at}/{blind}/")
    expect(second.locator("#case")).not_to_contain_text(WRITTEN)
    answer(second, "Refund in full")
    expect(second.get_by_role("heading", name="You have answered")).to_be_visible()
    third.goto(f"{at}/{blind}/")
    expect(third.locator(".compare")).to_contain_text("≠ differs")
    expect(third.locator(".compare")).to_contain_text(WRITTEN)
    expect(third.get_by_label("Refund another amount")).to_be_disabled()
    answer(third, "Refuse")
    expect(third.get_by_role("heading", name="Recorded")).to_be_focused()
    expect(first.locator("#answer")).to_contain_text("Decided")

    # a person's decision, overturned by who has the right to
    first.goto(f"{at}/{decided}/")
    answer(first, "Refuse")
    expect(first.get_by_role("heading", name="Recorded")).to_be_focused()
    third.goto(f"{at}/{decided}/")
    third.get_by_text("Overturn", exact=True).click()
    answer(third, "Refund in full")
    expect(third.locator(".decided")).to_contain_text(f"It replaces what {ROLE}-1 decided")
