"""A manager in a browser: a rotation is edited, the preview moves, it is saved, the next case follows."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene, overflow
from tests.fixtures.living_desk import LivingDesk

WINDOWS = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
STAFF = """
import json
from django.utils.timezone import now, timedelta
from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import rosters
from reviewers.models import Layer, Turn
from tests.factories import make_user
from tests.fixtures.scene import session_of

role = Role.objects.get(slug="SLUG")
kim, lena = User.objects.filter(username__startswith="SLUG-").order_by("username")
for user, first, last in ((kim, "Kim", "Osei"), (lena, "Lena", "Moe")):
    user.first_name, user.last_name = first, last
    user.save()
manager = make_user("SLUG-manager", is_staff=True)
access.grant(access.MANAGE, manager, role)
monday = (now() - timedelta(days=now().weekday())).date()
layer = Layer.objects.create(
    roster=rosters.roster_of(role), name="Weeks", time_zone="UTC", first_on=monday, first_time=0
)
Turn.objects.create(layer=layer, order=1).members.add(kim)
rosters.publish(layer, by=OPERATOR, at=now())
print(json.dumps({"session": session_of(manager), "layer": str(layer.pk),
                  "roster": str(layer.roster_id)}))
"""


@pytest.fixture
def staffed(desk: LivingDesk, furnish: Callable[..., Scene]) -> Callable[[str], Any]:
    """A role with Kim on call, Lena beside, and a manager who is signed in on a page."""

    def made(slug: str, page: Page) -> tuple[Scene, dict[str, str]]:
        scene = furnish(slug, reviewers=2)
        found: dict[str, str] = json.loads(desk.shell(STAFF.replace("SLUG", slug)))
        cookie = {"name": "sessionid", "value": found["session"], "url": scene.base_url}
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        return scene, found

    return made


def holder(desk: LivingDesk, reference: str) -> str:
    """Return who has the case in hand."""
    return desk.shell(
        "from escalation.models import Handoff\n"
        f"found = Handoff.objects.get(case__number={reference.split('-')[1]}, ended_at=None)\n"
        "print(found.user.username if found.user else 'nobody')"
    )


@pytest.mark.parametrize("window", WINDOWS)
def test_a_manager_edits_a_rotation_and_the_next_case_goes_to_the_new_person(
    window: str, desk: LivingDesk, staffed: Any, new_page: Callable[..., Page]
):
    page = new_page(viewport=WINDOWS[window])
    slug = f"desk-{window}"
    scene, found = staffed(slug, page)
    assert holder(desk, scene.agent.open_awaiting(scene.role)) == f"{slug}-1"

    page.goto(f"{scene.base_url}/admin/")
    page.get_by_role("link", name=slug.replace("-", " ").capitalize(), exact=True).click()
    page.get_by_role("row", name="Weeks").get_by_role("link", name="Weeks", exact=True).click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("As it is planned")
    first = page.locator("ol[data-rows=turns] > li").nth(0)
    first.get_by_label("Kim Osei").uncheck()
    first.get_by_label("Lena Moe").check()

    expect(preview).to_contain_text("Before and after")
    expect(preview).to_contain_text("Kim Osei loses")
    expect(preview).to_contain_text("Lena Moe gets it")
    assert holder(desk, scene.agent.open_awaiting(scene.role)) == f"{slug}-1"  # nothing saved yet
    assert overflow(page) <= 0

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("decides who is on call from now on")
    expect(page.locator(".strip")).to_contain_text("Lena Moe")
    assert holder(desk, scene.agent.open_awaiting(scene.role)) == f"{slug}-2"


def test_the_desk_is_worked_by_keyboard_and_without_scripts(
    desk: LivingDesk, staffed: Any, new_page: Callable[..., Page]
):
    page = new_page(viewport=WINDOWS["desk"], java_script_enabled=False)
    scene, found = staffed("desk-plain", page)
    page.goto(f"{scene.base_url}/admin/reviewers/layer/{found['layer']}/change/")
    second = page.locator("ol[data-rows=turns] > li").nth(1)

    second.get_by_label("Lena Moe").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Look first").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#preview")).to_contain_text("Kim Osei loses")
    expect(page.locator("ol[data-rows=turns] > li").nth(1).get_by_label("Lena Moe")).to_be_checked()
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Not saved")
    page.get_by_label("Name").fill("Weeks of two")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Weeks of two decides")


def test_axe_finds_nothing_on_the_roster_desk_and_no_page_is_too_wide(
    staffed: Any,
    new_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    complaints: list[str],
):
    # on a phone and in the dark; the pictures hold the same pages to axe on a desk, in the light
    page = new_page(viewport=WINDOWS["phone"], color_scheme="dark")
    scene, ids = staffed("desk-axe", page)
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        own = len(complaints)
        if problems := axe(page):
            found[name] = problems
        del complaints[own:]  # of axe itself, which reads imported sheets by inline style
        if overflow(page) > 0:
            found[f"{name} is too wide"] = overflow(page)

    layer, roster = ids["layer"], ids["roster"]
    for path in [
        "",
        f"reviewers/roster/{roster}/change/",
        f"reviewers/roster/{roster}/next-case/",
        f"reviewers/layer/{layer}/change/",
        f"reviewers/layer/{layer}/history/",
        f"reviewers/layer/{layer}/retire/",
        f"reviewers/layer/add/?roster={roster}",
        f"reviewers/override/add/?roster={roster}",
        f"reviewers/absence/add/?roster={roster}",
        "reviewers/override/",
        "reviewers/absence/",
        "reviewers/membership/",
        "reviewers/membership/add/",
        "reviewers/profile/",
        "escalation/role/",
    ]:
        page.goto(f"{scene.base_url}/admin/{path}")
        look(path)
    page.goto(f"{scene.base_url}/admin/reviewers/profile/")
    page.get_by_role("link", name="Kim Osei").click()
    look("a reviewer")
    page.goto(f"{scene.base_url}/admin/escalation/role/")
    page.locator("#result_list tbody a").first.click()
    look("a role")
    page.goto(f"{scene.base_url}/admin/reviewers/layer/{layer}/change/")
    page.locator("ol[data-rows=turns] > li").nth(0).get_by_label("Lena Moe").check()
    expect(page.locator("#preview")).to_contain_text("Before and after")
    look("a preview")
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("a layer refused")
    assert found == {}
