"""The calendar in a browser: by mouse, by keyboard and on a phone; a swap from one person to another."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene, overflow
from tests.fixtures.living_desk import LivingDesk

Furnish = Callable[..., Scene]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}

# The first reviewer is on call now and until tonight at the latest; nobody is from then on.
ROSTER = """
from datetime import date, timedelta
from django.utils.timezone import now
from escalation.models import Role, User
from reviewers import absences, overrides, rosters
from reviewers.enums import OverrideKind
from tests.factories import make_layer
slug, at = {slug!r}, now().replace(second=0, microsecond=0)
role, roster = Role.objects.get(slug=slug), rosters.roster_of(Role.objects.get(slug=slug))
one, two = (User.objects.get(username=f"{{slug}}-{{n}}") for n in (1, 2))
make_layer(role, one, name="Every day", at=at, first_on=at.date() - timedelta(days=1), unit="days")
overrides.make(roster, OverrideKind.REMOVE, since=at + timedelta(hours=3), until=at + timedelta(hours=30),
               reason="Works on the archive", out=one, by=one, at=at)
absences.note(two, since=at + timedelta(days=3), until=at + timedelta(days=4), by=two, at=at)
"""


@pytest.fixture
def staffed(desk: LivingDesk, furnish: Furnish) -> Callable[[str], Scene]:
    def made(slug: str) -> Scene:
        scene = furnish(slug, reviewers=2)
        desk.shell(ROSTER.format(slug=slug))
        return scene

    return made


def open_at(page: Page, scene: Scene, path: str, reviewer: int) -> Page:
    scene.sign_in(page.context, reviewer)
    page.goto(f"{scene.base_url}{path}")
    return page


def test_a_gap_is_taken_from_the_calendar_and_a_swap_goes_from_one_to_the_other(
    staffed: Callable[[str], Scene], new_page: Callable[..., Page]
):
    scene = staffed("browser-oncall")
    calendar = f"/on-call/{scene.role}/?span=weeks"
    two = open_at(new_page(viewport=DESK), scene, calendar, 2)
    expect(two.get_by_role("heading", level=1)).to_have_text("Browser oncall")
    expect(two.get_by_role("table").first).to_contain_text("browser-oncall-1")
    expect(
        two.get_by_role("heading", name="This roster leaves 27 h without anyone")
    ).to_be_visible()

    two.locator("svg a:has(.gap)").nth(1).click()  # late in the day its first day is a sliver
    dialog = two.get_by_role("dialog", name="Stand in for Browser oncall")
    expect(dialog.get_by_label("Reason")).to_be_visible()
    dialog.get_by_role("button", name="Stand in").click()
    expect(dialog).to_contain_text("Say why: your colleagues will read it.")
    dialog.get_by_label("Reason").fill("I am here anyway")
    dialog.get_by_role("button", name="Stand in").click()
    expect(two.get_by_role("status").filter(has_text="those concerned are told")).to_be_visible()
    two.goto(f"{scene.base_url}{calendar}")
    expect(two.get_by_role("heading", name="This roster leaves")).to_have_count(0)

    one = open_at(new_page(viewport=DESK), scene, f"/on-call/{scene.role}/", 1)
    one.locator(".said a").first.focus()
    expect(one.locator(".said:focus-within")).to_contain_text("Ask for a swap")
    one.keyboard.press("Enter")
    ask = one.get_by_role("dialog", name="Ask for a swap for Browser oncall")
    expect(ask.get_by_label("Ask", exact=True)).to_be_focused()
    one.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    one.keyboard.press("Enter")
    ask.get_by_label("Ask", exact=True).select_option("browser-oncall-2")
    ask.get_by_role("button", name="Ask", exact=True).click()
    expect(one.get_by_role("status").filter(has_text="browser-oncall-2 is asked.")).to_be_visible()

    two.goto(f"{scene.base_url}/")
    swaps = two.locator("#swaps")
    expect(swaps).to_contain_text("browser-oncall-1 asks you to take")
    swaps.get_by_role("button", name=re.compile("Accept")).click()
    expect(swaps).to_contain_text("The shift is yours.")
    two.goto(f"{scene.base_url}/on-call/")
    row = two.get_by_role("row", name=re.compile("Browser oncall"))
    expect(row).to_contain_text("browser-oncall-2")  # now, or from the next minute on


def test_axe_finds_nothing_and_nothing_is_too_wide(
    staffed: Callable[[str], Scene],
    new_page: Callable[..., Page],
    axe: Callable[..., list[str]],
    complaints: list[str],
):
    scene = staffed("axe-oncall")
    page = new_page(viewport=PHONE, color_scheme="dark")  # the pictures: on a desk, in the light
    found, calendar = {}, f"/on-call/{scene.role}/"
    for path in (
        "/",
        "/on-call/",
        calendar,
        f"{calendar}?span=weeks",
        f"{calendar}?span=day&from=nonsense",
        f"{calendar}swap/",
        f"{calendar}stand-in/",
        "/account/away/",
    ):
        open_at(page, scene, path, 2)
        own = len(complaints)
        if problems := axe(page, contrast=path == calendar):
            found[path] = problems
        del complaints[own:]  # of axe itself, which reads imported sheets by inline style
        if overflow(page) > 0:
            found[f"{path} is too wide"] = overflow(page)
    complaints[:] = [said for said in complaints if "status of 422" not in said]

    assert found == {}


def test_without_scripts_the_same_forms_are_pages(
    staffed: Callable[[str], Scene], new_page: Callable[..., Page]
):
    scene = staffed("browser-oncall-plain")
    page = new_page(viewport=PHONE, java_script_enabled=False)
    open_at(page, scene, f"/on-call/{scene.role}/?span=weeks", 2)

    page.get_by_role("link", name="Stand in").first.click()
    page.get_by_label("Reason").fill("I am here anyway")
    page.get_by_role("button", name="Stand in").click()

    expect(page.get_by_role("status").filter(has_text="those concerned are told")).to_be_visible()
