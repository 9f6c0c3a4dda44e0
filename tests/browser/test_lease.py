"""A lease in a browser: asked about before it ends, kept by keyboard, lapsed on the record, in nobody's way.

Time is moved where the desk reads it, in the lease's own row; a page asks about it every 15 seconds,
and those it is let skip by the browser's clock.
"""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from escalation.machine.programs import until
from tests.browser.conftest import Scene
from tests.fixtures.living_desk import LivingDesk

ENDS = """
    UPDATE escalation_handoff SET lease_until = now() + %s * interval '1 second'
    WHERE ended_at IS NULL AND case_id = (SELECT id FROM escalation_case WHERE 'ESC-' || number = %s)
    RETURNING id
"""
# The clock looks when the lease was to end at first; it is told to look now.
LOOKED_AT = """
    UPDATE escalation_effect SET due_at = now() WHERE kind = 'lease' AND target = %s
"""
LAPSES = """
    SELECT count(*) FROM escalation_event WHERE action = 'case.lapsed'
    AND subject = (SELECT 'case:' || id FROM escalation_case WHERE 'ESC-' || number = %s)
"""
LEFT = """
    SELECT extract(epoch FROM lease_until - now()) FROM escalation_handoff
    WHERE ended_at IS NULL AND case_id = (SELECT id FROM escalation_case WHERE 'ESC-' || number = %s)
"""


def let_it_end(desk: LivingDesk, reference: str, seconds: int) -> None:
    """Let the lease of a case end so many seconds from now."""
    with desk.connect() as connection:
        [handoff] = connection.execute(ENDS, [seconds, reference]).fetchone() or []
        if seconds <= 0:
            assert connection.execute(LOOKED_AT, [handoff]).rowcount == 1


def has_lapsed(desk: LivingDesk, reference: str) -> bool:
    with desk.connect() as connection:
        [ends] = connection.execute(LAPSES, [reference]).fetchone() or [0]
        return bool(ends)


def seconds_left(desk: LivingDesk, reference: str) -> float:
    with desk.connect() as connection:
        [left] = connection.execute(LEFT, [reference]).fetchone() or [0]
        return float(left)


def beat(page: Page) -> None:
    """Let 15 seconds pass on the page, in which its reader does nothing."""
    with page.expect_response(re.compile("/beat/$")):
        page.clock.fast_forward(15_000)


def test_a_page_asks_before_its_lease_ends_and_an_answer_outlives_it(
    furnish: Callable[..., Scene], new_page: Callable[..., Page], desk: LivingDesk
):
    scene = furnish("browser-lease", reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    page, other = (new_page(viewport={"width": 1440, "height": 900}) for _ in (1, 2))
    for number, each in enumerate((page, other), start=1):
        scene.sign_in(each.context, number)
    page.clock.install()
    page.goto(f"{scene.base_url}/cases/{reference}/")
    lease, said, keep = (
        page.locator("#lease"),
        page.locator("#live"),
        page.get_by_role("button", name="Keep it"),
    )
    page.get_by_role("button", name="Take it").click()
    expect(page.get_by_text("You took it")).to_be_visible()
    expect(lease).to_have_attribute("data-state", "mine")
    why = page.get_by_label("In your words")
    why.fill("It never came.")
    expect(keep).to_be_hidden()

    # asked two minutes before it ends, and kept by keyboard
    beat(page)  # which still tells of what was typed
    let_it_end(desk, reference, 100)
    beat(page)
    expect(lease).to_contain_text(f"Are you still on {reference}? It goes back to its role at")
    expect(said).to_contain_text("Are you still on")
    expect(why).to_be_focused()
    keep.focus()
    page.keyboard.press("Enter")
    expect(keep).to_be_hidden()
    expect(said).to_contain_text(f"{reference} is yours until")
    expect(why).to_be_focused()
    assert seconds_left(desk, reference) > 840

    # not answered: it lapses on the record, the page says so, and what was typed is still there
    beat(page)
    let_it_end(desk, reference, 100)
    beat(page)
    expect(keep).to_be_visible()
    let_it_end(desk, reference, 0)
    assert until(lambda: has_lapsed(desk, reference), 60)
    beat(page)
    expect(lease).to_contain_text("the case is its role’s again. What you typed is kept")
    expect(said).to_contain_text("the case is its role’s again")
    expect(why).to_have_value("It never came.")

    # somebody else takes it, which keeps nobody from answering
    other.goto(f"{scene.base_url}/cases/{reference}/")
    expect(other.locator("#history")).to_contain_text("lease")
    other.get_by_role("button", name="Take it").click()
    expect(other.get_by_text("You took it")).to_be_visible()
    beat(page)
    expect(lease).to_contain_text("browser-lease-2 has taken the case since")
    page.get_by_label("Refund in full").check()
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_focused()
    assert scene.agent.decision(reference).json()["rationale"] == "It never came."
