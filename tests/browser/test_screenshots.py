"""Every page and state at two widths in two schemes, as pictures to look at side by side.

`RECOURSE_SCREENSHOTS=/tmp/pictures python3 manage.py test tests/browser/test_screenshots.py` makes all
of them there, `RECOURSE_SCREENSHOTS=docs/screenshots` those few that the docs show. Without it the pages
are walked once: none is too wide for a desk or for a phone, and axe finds nothing.
"""

import json
import os
import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import overflow
from tests.fixtures.living_desk import LivingDesk

Picture = Callable[[Page, str], None]
KEPT = os.environ.get("RECOURSE_SCREENSHOTS", "")
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "screenshots"
SHOWN = {
    name
    for page in [ROOT / "README.md", *ROOT.glob("docs/*.md")]
    for name in re.findall(r"screenshots/([\w-]+)\.png", page.read_text())
}
WINDOWS = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}
LIGHT = ("light", "1440")
FOR_DOCS = bool(KEPT) and Path(KEPT).resolve() == DOCS
ALL = list(product(("light", "dark"), WINDOWS))
TAKEN = ALL if KEPT and not FOR_DOCS else [LIGHT]
DEMO = {
    "my-work": "/",
    "queue": "/queue/",
    "queue-decided-today": "/queue/?view=decided",
    "queue-overturned": "/queue/?view=overturned",
    "queue-held": "/queue/?view=held",
    "incidents": "/incidents/",
    "keyboard": "/account/keyboard/",
    "offline": "/offline/",
    "step-up": "/account/security/again/",
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
NEEDS_DEMO |= {"queue-bulk", "summary", "reveal", "signed", "overturn", "two-disagree", "rows"}
NEEDS_DEMO |= {
    "policy-route",
    "policy-route-refused",
    "policy-sla-standard",
    "policy-yaml",
    "policy-routes-new",
}

# Contrast is most of what axe does, and the colours are held by test_tokens: one page of each kind.
COLOURFUL = {"my-work", "summary", "reveal", "policies", "on-call-role", "roster"}
# What the demo does not hold: a form with rows, evidence that came after a page was opened, an
# incident, an agent that was stopped. Prints the two cases, the digest of the page, and a case whose
# decision stands: after midnight no view shows one.
FURNISH = """
import json
from django.utils.timezone import now
from escalation import incidents, intake, stopping
from escalation.enums import IncidentKind
from escalation.models import Agent, Decision, Role, User
from tests.factories import case_under, make_policy_maker, options, package, step

at, role = now(), Role.objects.get(slug="refunds-compliance")
text = {"type": "string", "title": "Line"}
amount = {"type": "string", "title": "Amount", "format": "money", "x-currency": "USD"}
line = {"type": "object", "required": ["line"], "properties": {"line": text, "amount": amount}}
lines = {"type": "array", "title": "Lines", "minItems": 1, "items": line}
schema = {"type": "object", "required": ["lines"], "properties": {"lines": lines}}
some = {"key": "lines", "label": "Refund some lines", "outcome": "modify", "parameters": schema,
        "consequences": [{"text": "The lines you leave go back to the card", "reversible": False}]}
rows = case_under(role, package(question=options(some)), at=at)
late = case_under(role, package(), at=at)
from escalation.withholding import opaque_name

seen = opaque_name(late, late.digest)
intake.add_steps(late, {"steps": [step("late", text="The parcel was found in the depot")]},
                 by=late.agent, at=at)
incidents.report(late.pk, IncidentKind.RIGHTS, "A refund went to somebody else's card.",
                 by=User.objects.get(username="reviewer"), at=at)
stopping.stop(Agent.objects.create(name="night-batch").pk, "It asks about the same order all night.",
              by=make_policy_maker(), at=at)
overturned = Decision.objects.exclude(overturns=None).values("overturns")
stands = Decision.objects.filter(role=role, kind="person", overturns=None).exclude(pk__in=overturned)
print(json.dumps([rows.reference, late.reference, seen, stands.first().case.reference]))
"""
# One of high stakes for each look: its answer is stored, so the next look needs another.
COMMITTED = ["Drammen Skipsverft", "Nordsjø Bemanning", "Aurora Satellite", "Marek Dvořák"]


@pytest.fixture(scope="module")
def demo_desk(worker_id: str) -> Iterator[LivingDesk]:
    living = LivingDesk(
        Path(os.environ["RECOURSE_VAR"]) / f"demo-{worker_id}", "--demo", "--port", "0"
    )
    living.bring_tables()
    living.up()
    yield living
    living.stop()


@pytest.fixture(scope="module")
def furnished(demo_desk: LivingDesk) -> list[str]:
    """Return the case with rows, that with late evidence, its digest before, and a decided one."""
    made: list[str] = json.loads(demo_desk.shell(FURNISH))
    return made


def take(page: Page, name: str) -> None:
    """Keep a picture where pictures are asked for, in the docs only of what they show."""
    if not KEPT or (FOR_DOCS and name not in SHOWN):
        return
    Path(KEPT).mkdir(parents=True, exist_ok=True)
    path = Path(KEPT) / f"{name}.png"
    page.screenshot(path=path, caret="initial")
    if FOR_DOCS:  # in 128 colours, a third of its size
        Image.open(path).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)


@pytest.mark.skipif(FOR_DOCS, reason="they are only being made")
def test_the_docs_show_pictures_that_are_there_and_no_others_are_kept():
    assert {picture.stem for picture in DOCS.iterdir()} == SHOWN
    assert all(name.endswith("-".join(LIGHT)) for name in SHOWN)


def overflow_on_a_phone(page: Page) -> int:
    """Return by how much a page is too wide for a phone, and leave it as it was."""
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size(WINDOWS["390"])
    too_much = overflow(page)
    page.set_viewport_size(before)
    return too_much


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(name)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My work").wait_for()


def draft_of_policy(page: Page, picture: Picture) -> None:
    """Change a little of the draft, and picture all that a change of policy shows."""
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
        page.goto(f"/policies/draft/{name}/")
        picture(page, f"policy-{name.replace('/', '-')}")


def open_case(page: Page, words: str) -> None:
    """Open the one case of the queue whose question holds these words."""
    page.goto("/queue/")
    page.locator(".queue a.question", has_text=words).first.click()
    page.locator("#case").wait_for()


def read_all(page: Page) -> None:
    """Open every step that must be read."""
    closed = page.locator(".step[data-unread] button")
    while left := closed.count():
        closed.first.click()
        expect(closed).to_have_count(left - 1)


def go_to_answer(page: Page) -> None:
    page.goto(f"{page.url.partition('#')[0]}#decision")  # a phone shows it in a sheet


def choose(page: Page, option: str | re.Pattern[str]) -> None:
    page.get_by_label(option).first.check()
    page.get_by_label("In your words").first.fill("The order and the goods do not match yet.")
    listed = page.locator("#answer .reasons input:visible")
    if listed.count():
        listed.first.check()


def the_queue(page: Page, picture: Picture) -> None:
    page.goto("/queue/")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keys").wait_for()
    picture(page, "help")
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("W88")
    page.get_by_role("option", name="W88").first.wait_for()
    picture(page, "command-bar")
    page.keyboard.press("Escape")
    if page.locator(".pane-toggle").is_visible():
        page.keyboard.press("p")
        page.keyboard.press("j")
        page.locator("#glance .ref").wait_for()
        picture(page, "queue-pane")
        page.keyboard.press("p")
    page.locator(".filters summary").click()
    picture(page, "queue-filter")
    chosen = page.locator(".queue a.question").evaluate_all(
        "all => all.slice(-3).map((a) => a.pathname.split('/')[2])"
    )
    page.goto(f"/queue/acts/snooze/?{'&'.join(f'case={each}' for each in chosen)}")
    picture(page, "queue-bulk")


def the_protocols(page: Page, picture: Picture, committed: str) -> None:
    """Each protocol as it asks; one of high stakes answered, revealed, signed and undone."""
    open_case(page, "W91-00412")
    picture(page, "case-low")
    if (take := page.get_by_role("button", name="Take it")).count():  # the first look does
        take.click()
        page.get_by_text("You took it").wait_for()
        page.reload()
    page.locator("#lease[data-state=mine]").evaluate("it => { it.dataset.warns = '2000-01-01' }")
    page.get_by_role("button", name="Keep it").wait_for()
    picture(page, "lease-ends")
    open_case(page, "778120")
    picture(page, "case-medium")
    page.goto(page.url.partition("#")[0] + "similar/")
    picture(page, "similar")
    open_case(page, "only verified backup")
    go_to_answer(page)
    picture(page, "two-disagree")

    open_case(page, committed)
    page.locator(".step[data-unread]").first.scroll_into_view_if_needed()
    picture(page, "must-read-closed")
    read_all(page)
    picture(page, "must-read-opened")
    go_to_answer(page)
    picture(page, "case-high")
    choose(page, re.compile("Take it out of the run|Refuse"))
    page.get_by_role("button", name="Review and store").click()
    page.get_by_role("heading", name="Before it is stored").wait_for()
    picture(page, "summary")
    page.get_by_role("button", name="Store my answer").click()
    page.get_by_role("heading", name="Your answer is stored").wait_for()
    picture(page, "reveal")
    page.get_by_role("button", name=re.compile("^Keep “")).click()
    page.locator(".countdown").wait_for()
    picture(page, "signed")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("status").filter(has_text="Undone").wait_for()
    picture(page, "undone")


def the_documents(page: Page, picture: Picture) -> None:
    """A second blind answer, and the documents that come with it; a photo with another case."""
    for words, names in (("486,200.00", ("BMF-4471.pdf", "payments")), ("W88-20417", ("photo",))):
        open_case(page, words)
        if words == "486,200.00":
            picture(page, "case-critical")
            read_all(page)
        paths = page.locator("a[href*='/attachments/']").evaluate_all(
            "all => all.map((a) => [a.innerText, a.href]).filter(([, at]) => !at.endsWith('raw/'))"
        )
        for name in names:
            page.goto(next(at for said, at in paths if name in said))
            picture(page, f"document-{name.rpartition('.')[2]}")


def the_answers(page: Page, picture: Picture, furnished: list[str]) -> None:
    """Rows filled in and summed up; evidence that came meanwhile; a case on paper."""
    rows, late, seen, _ = furnished
    page.goto(f"/cases/{rows}/#decision")
    choose(page, "Refund some lines")
    picture(page, "rows")
    page.locator(".fill input:visible").first.fill("One lamp, broken")
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("heading", name="Before you sign").wait_for()
    picture(page, "rows-summary")
    page.goto(f"/cases/{late}/#decision")
    choose(page, "Refund in full")
    page.locator("form.answer input[name=digest]").evaluate("(it, was) => it.value = was", seen)
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("alert").filter(has_text="found in the depot").wait_for()
    picture(page, "new-evidence")
    page.emulate_media(media="print")
    picture(page, "print")
    page.emulate_media(media="screen")


@pytest.mark.parametrize(("scheme", "window"), TAKEN)
def test_every_page_can_be_pictured(
    window: str,
    scheme: str,
    demo_desk: LivingDesk,
    furnished: list[str],
    new_page: Callable[..., Page],
    axe: Callable[..., list[str]],
):
    too_wide, faults = [], {}
    # Elsewhere axe looks at phones and at the dark, and test_tokens at its colours.
    axed = (scheme, window) == LIGHT

    def picture(page: Page, name: str) -> None:
        take(page, f"{name}-{scheme}-{window}")
        if overflow(page) > 0:
            too_wide.append(name)
        if not KEPT and overflow_on_a_phone(page) > 0:
            too_wide.append(f"{name} on a phone")
        if name in NEEDS_DEMO and axed and (found := axe(page, contrast=name in COLOURFUL)):
            faults[name] = found

    def look() -> Page:
        return new_page(base_url=demo_desk.base_url, viewport=WINDOWS[window], color_scheme=scheme)

    signed_out = look()
    signed_out.goto("/sign-in/")
    picture(signed_out, "sign-in")

    page = look()
    sign_in(page, "reviewer")
    for name, path in DEMO.items():
        page.goto(path)
        picture(page, name)
    page.goto("/queue/?view=overturned")
    page.locator("main a[href^='/cases/']").first.click()
    page.locator("#case").wait_for()
    picture(page, "case-overturned")
    the_queue(page, picture)
    the_protocols(page, picture, COMMITTED[TAKEN.index((scheme, window))])
    the_documents(page, picture)
    the_answers(page, picture, furnished)
    open_case(page, "W88-20417")
    page.get_by_role("heading", name="Why it stopped").wait_for()
    picture(page, "case")
    read_all(page)
    go_to_answer(page)
    page.get_by_label("Refund another amount").check()
    page.locator(".fill input:visible").first.fill("about half")
    page.get_by_role("button", name="Review and store").click()
    page.get_by_role("alert").wait_for()
    picture(page, "answer-refused")

    manager = look()
    sign_in(manager, "manager")
    manager.goto(f"/cases/{furnished[-1]}/")
    manager.get_by_text("Overturn", exact=True).click()
    go_to_answer(manager)
    picture(manager, "overturn")
    manager.goto("/admin/")
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
    manager.goto("/policies/")
    picture(manager, "policies")
    begin = manager.get_by_role("button", name="Change the policy")
    begin.click() if begin.count() else manager.goto("/policies/draft/")
    draft_of_policy(manager, picture)

    auditor = look()
    sign_in(auditor, "auditor")
    auditor.goto("/audit/")
    picture(auditor, "audit")
    auditor.locator(".queue a.question").first.click()
    auditor.get_by_text("This history holds").wait_for()
    picture(auditor, "history")
    auditor.get_by_role("link", name="Open the case").click()
    picture(auditor, "case-decided")

    admin = look()
    sign_in(admin, "admin")
    admin.goto("/agents/")
    picture(admin, "agents")
    admin.goto("/admin/")
    picture(admin, "admin")
    assert (too_wide, faults) == ([], {})
