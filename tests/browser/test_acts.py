"""What is done with a case beside answering it, by keyboard: ask, hold, talk, hand on, stop its agent."""

import json
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene
from tests.fixtures.living_desk import LivingDesk

ASKS, ROLE = "browser-asks", "browser-acts"
# The role above, with the second reviewer in it; and somebody who sets policy, signed in.
SETTING = f"""
import json
from django.utils.timezone import now
from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers.memberships import join_role
from tests.factories import make_policy_maker, make_role
from tests.fixtures.scene import session_of

higher = make_role("{ROLE}-above")
Role.objects.filter(slug="{ROLE}").update(higher_role=higher)
join_role(higher, User.objects.get(username="{ROLE}-2"), by=OPERATOR, at=now())
print(json.dumps(session_of(make_policy_maker("{ROLE}-setter"))))
"""


def opened(page: Page, act: str) -> None:
    """Open the small form of an act by keyboard, which gives its first field the focus."""
    page.locator(f"summary[data-key={act}]").focus()
    page.keyboard.press("Enter")
    fields = "input:not([type=hidden], [type=checkbox]), select, textarea"
    first = page.locator("details[name=act][open]").locator(fields).first
    expect(first).to_be_focused()


def send(page: Page) -> None:
    page.keyboard.press("ControlOrMeta+Enter")


def said(page: Page, sentence: str) -> None:
    """What came of an act has the focus, and so is read once."""
    news = page.get_by_role("status").filter(has_text=sentence).first
    expect(news).to_be_focused()


def test_a_case_is_asked_about_held_and_talked_about_by_keyboard(
    furnish: Callable[..., Scene], new_page: Callable[..., Page]
):
    scene = furnish(ASKS, reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    one, two = (new_page(viewport={"width": 1440, "height": 900}) for _ in (1, 2))
    for number, page in enumerate((one, two), start=1):
        scene.sign_in(page.context, number)
        page.goto(f"{scene.base_url}/cases/{reference}/")
    keys = one.keyboard

    # taken, and the agent asked; its answer comes into the open page
    keys.press("c")
    expect(one.get_by_text("You took it")).to_be_visible()
    keys.press("r")
    text = one.get_by_label("What do you need to know?")
    expect(text).to_be_focused()
    send(one)
    expect(text).to_be_focused()
    expect(text).to_have_accessible_description("Say what is to be found out.")
    keys.type("Was the parcel signed for?")
    send(one)
    said(one, f"{ASKS} was asked.")
    answer = {"text": "By a neighbour.", "steps": []}
    assert scene.agent.client.post(f"/cases/{reference}/answers", json=answer).status_code == 201
    expect(one.locator("#standing")).to_contain_text("The answer came")
    expect(one.locator("#live")).to_contain_text("The answer came")
    one.locator("#standing").get_by_role("link", name="Show it").focus()
    keys.press("Enter")
    expect(one.locator("#case")).to_contain_text("By a neighbour.")
    one.wait_for_load_state()

    # the requester asked through the agent
    keys.press("r")
    one.get_by_label("Whom").select_option("requester")
    text.focus()
    keys.type("Do you know the neighbour?")
    send(one)
    said(one, f"{ASKS} was told to ask the requester.")
    expect(one.locator("#paused")).to_contain_text("The requester was asked, through the agent")

    # held: a time that has passed is refused where it stands, and what was typed is kept
    opened(one, "hold")
    expect(one.get_by_label("Why does it wait?")).to_be_focused()
    keys.type("The neighbour is on holiday.")
    one.get_by_label("Until").fill("2024-01-01T09:00")
    send(one)
    until = one.get_by_label("Until")
    expect(until).to_be_focused()
    expect(until).to_have_accessible_description(re.compile("That has already passed"))
    expect(one.get_by_label("Why does it wait?")).to_have_value("The neighbour is on holiday.")
    until.fill("")
    send(one)
    said(one, "It is held.")
    one.get_by_role("button", name="Take it up again").focus()
    keys.press("Enter")
    said(one, "It awaits a decision again.")

    # a comment that names a colleague, who reads it without loading the page
    one.get_by_label("Say something").focus()
    keys.type(f"Look at step 1, @{ASKS[:5]}")
    expect(one.get_by_role("option", name=f"@{ASKS}-2")).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    keys.type("please.")
    expect(one.get_by_label("Say something")).to_have_value(f"Look at step 1, @{ASKS}-2 please.")
    send(one)
    said(one, "Said.")
    expect(two.locator("#talk")).to_contain_text(f"@{ASKS}-2 please.")

    # a second opinion, asked and given
    keys.press("u")
    of = one.get_by_label("Of", exact=True)
    expect(of).to_be_focused()
    of.select_option(f"{ASKS}-2")
    keys.press("Tab")
    keys.type("Is a neighbour enough?")
    send(one)
    said(one, f"{ASKS}-2 was asked and told.")
    expect(two.locator("#talk")).to_contain_text("asks for your opinion")
    two.get_by_label("I would choose").select_option("reject")
    two.get_by_label("What I think").focus()
    two.keyboard.type("Not for this sum.")
    send(two)
    said(two, f"{ASKS}-1 was told that it is there.")
    expect(one.locator("#talk")).to_contain_text("Not for this sum.")

    # that it should not have been escalated is one key, and the same key takes it back
    one.locator("#talk-title").evaluate("title => { title.tabIndex = -1; title.focus() }")
    keys.press("!")
    said(one, "Noted: this should not have been escalated.")
    keys.press("!")
    said(one, "Taken back.")
    assert scene.agent.decision(reference).status_code == 204


def test_a_case_is_handed_on_and_its_agent_stopped_and_started_by_keyboard(
    furnish: Callable[..., Scene], new_page: Callable[..., Page], desk: LivingDesk
):
    scene = furnish(ROLE, reviewers=2)
    session = json.loads(desk.shell(SETTING))
    reference = scene.agent.open_awaiting(scene.role)
    one, two, setter = (new_page(viewport={"width": 1440, "height": 900}) for _ in range(3))
    for number, page in enumerate((one, two), start=1):
        scene.sign_in(page.context, number)
        page.goto(f"{scene.base_url}/cases/{reference}/")

    # handed over, not without a note
    opened(one, "hand_over")
    one.get_by_label("To", exact=True).select_option(f"{ROLE}-2")
    send(one)
    note = one.get_by_label("What should they know?")
    expect(note).to_be_focused()
    expect(one.get_by_label("To", exact=True)).to_have_value(
        one.get_by_role("option", name=f"{ROLE}-2").first.get_attribute("value") or "?"
    )
    one.keyboard.type("I know the requester.")
    send(one)
    said(one, f"{ROLE}-2 has it now and was told.")
    two.reload()
    expect(two.locator("#turn")).to_contain_text("It is your turn.")

    # a serious incident
    opened(two, "incident")
    kind = two.get_by_label("What is it?")
    send(two)
    expect(kind).to_have_accessible_description(re.compile("^Choose what it is"))
    expect(kind).to_be_focused()
    kind.select_option(index=1)
    two.get_by_label("What happened?").focus()
    two.keyboard.type("A refund went to somebody else.")
    send(two)
    said(two, "The incident is on record")

    # the agent stopped: its calls are refused, and somebody else starts it again
    opened(two, "stop")
    two.keyboard.type("It asks about other people's money.")
    send(two)
    sure = two.get_by_label("Stop it now")
    expect(sure).to_be_focused()
    two.keyboard.press("Space")
    send(two)
    said(two, f"{ROLE} is stopped: its calls are refused")
    refused = scene.agent.post({})
    assert refused.status_code == 403
    setter.context.add_cookies([{"name": "sessionid", "value": session, "url": scene.base_url}])
    setter.goto(f"{scene.base_url}/agents/")
    again = setter.locator(f"section[aria-labelledby='agent-{ROLE}']")
    again.get_by_role("textbox").focus()
    setter.keyboard.type("It was a test order.")
    setter.keyboard.press("Tab")
    setter.keyboard.press("Enter")
    expect(again.get_by_text("stopped", exact=True)).to_have_count(0)
    assert scene.agent.case(reference)["status"] == "awaiting"

    # passed up, out of sight of whoever is not of the higher role
    one.goto(f"{scene.base_url}/queue/")  # a page left open would ask for what it may not see
    two.reload()
    opened(two, "escalate")
    two.keyboard.type("Above what we decide.")
    send(two)
    said(two, f"{ROLE.replace('-', ' ').capitalize()} above has it now and was told.")
    one.reload()
    expect(one.get_by_role("row", name=reference)).to_have_count(0)
    assert scene.agent.decision(reference).status_code == 204
