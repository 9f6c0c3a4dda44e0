"""Every page and state at two widths in two schemes, as pictures to look at side by side.

`RECOURSE_SCREENSHOTS=docs/screenshots python3 manage.py test tests/browser/test_screenshots.py`
writes them there. Without it both schemes and both widths are taken once each, to a throw-away
folder, to prove that pictures can be made and to hold the pages to axe.
"""

import os
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import overflow
from tests.fixtures.living_desk import LivingDesk

KEPT = os.environ.get("RECOURSE_SCREENSHOTS", "")
WINDOWS = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
AXED = [("light", "1440"), ("dark", "390")]  # as LOOKS does elsewhere
TAKEN = list(product(("light", "dark"), WINDOWS)) if KEPT else AXED
DEMO = {
    "my-work": "/",
    "queue": "/queue/",
    "decided-today": "/queue/decided/",
    "account": "/account/",
    "reach": "/account/reach/",
    "on-call": "/on-call/",
    "on-call-role": "/on-call/refunds-compliance/",
    "on-call-weeks": "/on-call/refunds-compliance/?span=weeks",
}

# Pages that say little without the demo's rosters; axe looks at the others in test_accessible.
NEEDS_DEMO = {
    "on-call",
    "on-call-role",
    "on-call-weeks",
    "reach",
    "my-work",
    "roster-desk",
    "roster",
}
NEEDS_DEMO |= {"next-case", "layer-preview", "policies", "policy-draft", "policy-simulation"}
NEEDS_DEMO |= {
    "policy-route",
    "policy-route-refused",
    "policy-sla-standard",
    "policy-yaml",
    "policy-routes-new",
}


@pytest.fixture(scope="module")
def demo_desk(worker_id: str) -> Iterator[LivingDesk]:
    living = LivingDesk(
        Path(os.environ["RECOURSE_VAR"]) / f"demo-{worker_id}", "--demo", "--port", "0"
    )
    living.up()
    yield living
    living.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chosen = Path(KEPT) if KEPT else tmp_path
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def sign_in(page: Page, desk: LivingDesk, name: str) -> None:
    page.goto(f"{desk.base_url}/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My work").wait_for()


def draft_of_policy(page: Page, picture: Callable[[Page, str], None]) -> None:
    """Change a little of the draft, and picture all that a change of policy shows."""
    desk = page.url.partition("/policies/")[0]
    page.get_by_role("link", name="Edit Large payments").click()
    picture(page, "policy-route")
    page.get_by_label("Row 1: value").fill("a lot")
    page.get_by_role("button", name="Save in the draft").last.click()
    page.get_by_text("such as 500 USD").wait_for()
    picture(page, "policy-route-refused")
    page.get_by_label("Row 1: value").fill("50000 EUR")
    page.get_by_label("People who must approve").fill("2")
    page.get_by_role("button", name="Save in the draft").last.click()
    page.get_by_role("heading", name="What it changes").wait_for()
    picture(page, "policy-draft")
    for name in ("simulation", "yaml", "sla/standard", "routes/new"):
        page.goto(f"{desk}/policies/draft/{name}/")
        picture(page, f"policy-{name.replace('/', '-')}")


@pytest.mark.parametrize(("scheme", "window"), TAKEN)
def test_every_page_can_be_pictured(
    window: str,
    scheme: str,
    demo_desk: LivingDesk,
    new_page: Callable[..., Page],
    axe: Callable[[Page], list[str]],
    folder: Path,
):
    too_wide, faults = [], {}
    axed = (scheme, window) in AXED

    def picture(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}-{scheme}-{window}.png", caret="initial")
        if overflow(page) > 0:
            too_wide.append(name)
        if name in NEEDS_DEMO and axed and (found := axe(page)):
            faults[name] = found

    signed_out = new_page(viewport=WINDOWS[window], color_scheme=scheme)
    signed_out.goto(f"{demo_desk.base_url}/sign-in/")
    picture(signed_out, "sign-in")

    page = new_page(viewport=WINDOWS[window], color_scheme=scheme)
    sign_in(page, demo_desk, "reviewer")
    for name, path in DEMO.items():
        page.goto(f"{demo_desk.base_url}{path}")
        picture(page, name)
    page.goto(f"{demo_desk.base_url}/queue/?q=W88")
    page.locator(".queue a.question").first.click()
    page.get_by_role("heading", name="Why it stopped").wait_for()
    picture(page, "case")
    page.goto(f"{page.url}#decision")
    page.get_by_label("Refund another amount").check()
    page.locator(".fill:visible input").first.fill("about half")
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("alert").wait_for()
    picture(page, "answer-refused")

    manager = new_page(viewport=WINDOWS[window], color_scheme=scheme)
    sign_in(manager, demo_desk, "manager")
    manager.goto(f"{demo_desk.base_url}/admin/")
    picture(manager, "roster-desk")
    manager.get_by_role("link", name="Refunds compliance").click()
    manager.get_by_role("heading", name="Who gets the next case?").wait_for()
    picture(manager, "roster")
    manager.get_by_role("button", name="Who gets it, and why").click()
    manager.wait_for_load_state()
    picture(manager, "next-case")
    manager.go_back()
    manager.get_by_role("link", name="Weekday days").first.click()
    manager.wait_for_load_state()  # what is typed before htmx is there shows no preview
    manager.get_by_label("Starts at").fill("14:00")
    manager.get_by_role("heading", name="Before and after").wait_for()
    picture(manager, "layer-preview")
    manager.goto(f"{demo_desk.base_url}/policies/")
    picture(manager, "policies")
    begin = manager.get_by_role("button", name="Change the policy")
    begin.click() if begin.count() else manager.goto(f"{demo_desk.base_url}/policies/draft/")
    draft_of_policy(manager, picture)

    auditor = new_page(viewport=WINDOWS[window], color_scheme=scheme)
    sign_in(auditor, demo_desk, "auditor")
    auditor.goto(f"{demo_desk.base_url}/audit/")
    picture(auditor, "audit")
    auditor.locator(".queue a.question").first.click()
    auditor.get_by_text("This history holds").wait_for()
    picture(auditor, "history")
    auditor.get_by_role("link", name="Open the case").click()
    picture(auditor, "case-decided")

    admin = new_page(viewport=WINDOWS[window], color_scheme=scheme)
    sign_in(admin, demo_desk, "admin")
    admin.goto(f"{demo_desk.base_url}/agents/")
    picture(admin, "agents")
    admin.goto(f"{demo_desk.base_url}/admin/")
    picture(admin, "admin")
    assert (too_wide, faults) == ([], {})
