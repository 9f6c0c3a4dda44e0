"""axe finds nothing on any page, and no page is too wide.

Once each, where most goes wrong: in the dark, on a phone. What hangs on colours alone is held in both
schemes by ``test_tokens``; the pictures hold the pages of the demo to axe on a desk, in the light.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import Scene, overflow
from tests.factories import package, step
from tests.fixtures.living_desk import LivingDesk

PHONE = {"width": 390, "height": 844}
# Contrast is most of what axe does: where it is looked at in the dark, one page of each kind.
COLOURFUL = {"a case that waits", "an answer refused", "a case just decided", "/queue/", "/agents/"}
HOSTILE = "<b>x</b>\u202e\u200b" + "x" * 200_000


def hostile(role: str) -> dict[str, Any]:
    steps = [step("s1", text=HOSTILE, input={"k" * 300: HOSTILE}, must_read=True)]
    return package(role=role, resume=None, steps=steps, request={"content": HOSTILE}, run="r" * 255)


def session(desk: LivingDesk, name: str, made: str) -> str:
    """Make a person in one of the ways of ``tests.factories``; return the cookie of their session."""
    return desk.shell(
        "from tests.factories import make_auditor, make_user\n"
        "from tests.fixtures.scene import session_of\n"
        f"print(session_of({made.format(name=name)}))"
    )


AUDITOR = "make_auditor({name!r})"
CALENDAR = """
from tests.factories import make_calendar
print(make_calendar((0, 540, 1020), country="GB").pk)
"""
ADMIN = "make_user({name!r}, is_staff=True, is_superuser=True)"


def test_axe_finds_nothing_and_no_page_is_too_wide(
    desk: LivingDesk,
    furnish: Callable[..., Scene],
    new_page: Callable[..., Page],
    axe: Callable[..., list[str]],
    complaints: list[str],
):
    scene = furnish("axe")
    waiting, decided = (scene.agent.open_awaiting(scene.role) for _ in range(2))
    odd = scene.agent.post(hostile(scene.role)).json()["reference"]
    page = new_page(viewport=PHONE, color_scheme="dark")
    stranger = new_page(viewport=PHONE, color_scheme="dark")
    scene.sign_in(page.context)
    found: dict[str, Any] = {}

    def look(name: str, at: Page = page) -> None:
        own = len(complaints)
        if problems := axe(at, contrast=name in COLOURFUL):
            found[name] = problems
        del complaints[own:]  # of axe itself, which reads imported sheets by inline style
        if overflow(at) > 0:
            found[f"{name} is too wide"] = overflow(at)

    stranger.goto(f"{scene.base_url}/sign-in/")
    look("sign in", stranger)
    page.goto(f"{scene.base_url}/cases/{waiting}/")
    look("a case that waits")
    page.get_by_label("Refund another amount").check()
    page.get_by_label("Amount (USD)").fill("x")
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("alert").wait_for()
    look("an answer refused")
    page.goto(f"{scene.base_url}/cases/{decided}/")
    page.get_by_label("Refuse").check()
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("heading", name="Before you sign").wait_for()
    look("a summary to sign")
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("heading", name="Recorded").wait_for()
    look("a case just decided")
    paths = [
        "/",
        "/queue/",
        "/queue/?q=nothing",
        "/queue/?view=all&q=refund",
        "/account/",
        "/docs/",
    ]
    paths += ["/account/feeds/", "/account/keyboard/", "/on-call/import/", "/offline/"]
    for path in [*paths, f"/cases/{odd}/", "/api/v1/docs"]:
        page.goto(f"{scene.base_url}{path}")
        look(path)
    page.goto(f"{scene.base_url}/queue/")
    page.keyboard.press("?")
    look("the keys")
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type(waiting)
    page.locator("#command [data-goes]").wait_for()
    look("the command bar")
    page.keyboard.press("Escape")
    page.goto(f"{scene.base_url}/nothing/")
    look("404")
    page.goto(f"{scene.base_url}/audit/")
    look("403")
    complaints[:] = [said for said in complaints if "status of 40" not in said]

    def become(name: str, made: str) -> None:
        cookie = session(desk, f"axe-{name}", made)
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": scene.base_url}])

    become("auditor", AUDITOR)
    for path in ["/audit/", f"/audit/{decided}/", f"/cases/{waiting}/", "/queue/"]:
        page.goto(f"{scene.base_url}{path}")
        look(f"{path} as auditor")
    become("admin", ADMIN)
    pages = ["", "escalation/user/", "escalation/role/add/", "escalation/calendar/add/"]
    for path in [
        "/agents/",
        "/policies/",
        "/policies/versions/1/",
        *(f"/admin/{name}" for name in pages),
    ]:
        page.goto(f"{scene.base_url}{path}")
        look(path)
    page.goto(f"{scene.base_url}/agents/")
    page.locator("summary", has_text="Money").first.click()
    look("the money that an agent moves")
    page.goto(f"{scene.base_url}/admin/escalation/calendar/{desk.shell(CALENDAR)}/change/")
    look("a calendar with its holidays")
    assert found == {}
