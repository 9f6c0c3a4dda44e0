"""Two people change the policy: one drafts by keyboard and tries it, the other publishes, one goes back."""

import json
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Scene, overflow
from tests.fixtures.living_desk import LivingDesk

SETTERS = """
import json
from django.contrib.auth.models import Permission
from tests.factories import make_user
from tests.fixtures.scene import session_of

may = Permission.objects.get(codename="set_policies")
sessions = []
for name in ("Ida", "Bob"):
    user = make_user(f"policy-{name}", first_name=name)
    user.user_permissions.add(may)
    sessions.append(session_of(user))
print(json.dumps(sessions))
"""


def test_a_route_is_drafted_by_keyboard_tried_published_by_another_and_gone_back_from(
    desk: LivingDesk, furnish: Callable[..., Scene], new_page: Callable[..., Page]
):
    scene = furnish("policy-journey")
    scene.agent.open_awaiting(scene.role)
    pages = []
    for session in json.loads(desk.shell(SETTERS)):
        one = new_page(viewport={"width": 1440, "height": 900})
        cookie = {"name": "sessionid", "value": session, "url": scene.base_url}
        one.context.add_cookies([cookie])  # type: ignore[list-item]
        pages.append(one)
    ida, bob = pages

    ida.goto(f"{scene.base_url}/policies/")
    press(ida, ida.get_by_role("button", name="Change the policy"))
    press(ida, ida.get_by_role("link", name="Add a route"))
    ida.get_by_label("Name").focus()
    ida.keyboard.type("Of the journey")
    ida.get_by_label("Row 1: field").focus()
    ida.keyboard.type("tenant")
    press(ida, ida.get_by_role("button", name="Add a row"))
    expect(ida.get_by_label("Row 2: field")).to_be_focused()
    ida.keyboard.type("amount")
    expect(ida.get_by_label("Row 2: operator").locator("option:not([disabled])")).to_have_count(6)
    ida.get_by_label("Row 2: operator").select_option("is above")  # typing it is the browser's own
    ida.get_by_label("Row 2: value").focus()
    ida.keyboard.type("lots")
    ida.get_by_label("Row 1: value").focus()
    ida.keyboard.type("journey")
    ida.keyboard.press("Enter")  # saves, though other buttons stand before the one that says so
    expect(ida.get_by_text("such as 500 USD")).to_be_visible()
    ida.get_by_label("Row 2: value").fill("100 USD")
    ida.keyboard.press("Enter")
    expect(ida.get_by_text("tenant is journey and amount is above 100 USD").first).to_be_visible()
    expect(ida.get_by_text("somebody else who sets policy publishes it.")).to_be_visible()
    press(ida, ida.get_by_role("link", name="Simulate"))
    expect(ida.get_by_role("row", name="Of the journey new 0")).to_be_visible()

    bob.goto(f"{scene.base_url}/policies/draft/")
    assert overflow(bob) == 0
    bob.get_by_role("button", name="Publish as version").click()
    expect(bob.get_by_text("is in force for every case from now on")).to_be_visible()

    ida.goto(f"{scene.base_url}/policies/")
    expect(ida.get_by_role("rowheader", name="Of the journey")).to_be_visible()
    press(ida, ida.get_by_role("button", name="Go back to it").first)
    expect(ida.get_by_text("it says what version")).to_be_visible()
    expect(ida.get_by_text("Of the journey")).to_have_count(0)


def press(page: Page, what: Locator) -> None:
    """Press a button or follow a link without a mouse."""
    what.focus()
    page.keyboard.press("Enter")
