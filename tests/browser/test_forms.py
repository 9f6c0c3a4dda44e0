"""The form of an answer: limits, numbers, long lists, branches; by keyboard and without scripts."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import asked
from tests.browser.conftest import Scene
from tests.fixtures.living_desk import LivingDesk

Furnish = Callable[..., Scene]
LIMITED = """
from escalation.models import Limit, Role
from tests.factories import make_role

higher = make_role({role!r} + "-above")
Role.objects.filter(slug={role!r}).update(higher_role=higher)
Limit.objects.create(role=Role.objects.get(slug={role!r}), currency="USD", amount=5000)
"""


def asking(furnish: Furnish, desk: LivingDesk, role: str) -> tuple[Scene, str]:
    scene = furnish(role)
    desk.shell(LIMITED.format(role=role))
    return scene, scene.agent.post_awaiting(asked.a_form(role))


def retype(page: Page, field: Locator, text: str) -> None:
    field.focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def signed(page: Page, scene: Scene, reference: str) -> object:
    """Sign what the summary shows, and return what the agent is told to act with."""
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("heading", name="Recorded").wait_for()
    page.get_by_role("button", name="Undo").wait_for(state="detached")
    return scene.agent.decision(reference, wait=30).json()["arguments"]


def test_a_form_of_all_kinds_is_filled_in_by_keyboard(
    furnish: Furnish, page: Page, desk: LivingDesk, axe: Callable[..., list[str]]
):
    scene, reference = asking(furnish, desk, "browser-forms")
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    keys = page.keyboard
    page.get_by_label("Refund another amount").focus()
    keys.press("Space")
    amount, weight = page.get_by_label("Amount", exact=True), page.get_by_label("Weight in kg")
    over = page.locator(".field", has=amount).locator(".over-limit")
    expect(amount).to_have_value("412.50")

    # over the limit it is said at the field, with the way up next to it; back under it goes away
    retype(page, amount, "99,999.00")
    expect(over).to_contain_text("Your limit is $5,000.00; this is $99,999.00.")
    assert axe(page) == []
    keys.press("Tab")
    expect(over.get_by_role("link", name="Escalate")).to_be_focused()
    keys.press("Enter")
    note = page.locator("#id_up-note")
    expect(note).to_be_focused()
    keys.press("Escape")
    expect(note).to_be_hidden()

    # a number of two readings is refused while it is typed; the limit is said on beside it
    retype(page, weight, "1,250")
    expect(page.locator(".field", has=weight).locator(".heard")).to_contain_text(
        "It can be read as 1,250 or 1.250."
    )
    expect(over).to_contain_text("this is $99,999.00.")
    keys.press("ControlOrMeta+Enter")
    expect(weight).to_have_attribute("aria-invalid", "true")
    expect(over).to_contain_text("this is $99,999.00.")
    retype(page, weight, "12.5")
    retype(page, amount, "4,000.00")
    expect(over).to_have_text("")
    expect(page.locator(".field", has=amount).locator(".heard")).to_contain_text(
        "Read as $4,000.00: four thousand US dollars"
    )

    # one of 249, found without its accents
    page.get_by_role("searchbox", name="Search Country").focus()
    keys.type("aland")
    expect(page.locator("[data-found]")).to_have_text("1 of 249")
    keys.press("Enter")
    country = page.get_by_role("listbox", name="Country")
    expect(country).to_be_focused()
    expect(country).to_have_value(
        page.get_by_role("option", name="Åland").get_attribute("value") or ""
    )

    # the branch that the proposal is of; switching away and back keeps what was typed in each
    code, iban = page.get_by_label("Voucher code"), page.get_by_label("IBAN")
    expect(page.get_by_label("Voucher", exact=True)).to_be_checked()
    expect(code).to_have_value("W-1")
    retype(page, code, "W-2")
    page.get_by_label("Voucher", exact=True).focus()
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(code).to_be_hidden()
    retype(page, iban, "NO93 8601")
    page.get_by_label("Bank account").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(iban).to_be_hidden()
    expect(code).to_have_value("W-2")
    page.get_by_label("Voucher", exact=True).focus()
    keys.press("ArrowUp")
    keys.press("ArrowUp")
    expect(iban).to_have_value("NO93 8601")

    keys.press("ControlOrMeta+Enter")
    page.get_by_role("heading", name="Before you sign").wait_for()
    assert signed(page, scene, reference) == {
        "amount": "4000.00",
        "weight": 12.5,
        "country": "Åland Islands",
        "payee": {"kind": "bank", "iban": "NO93 8601"},
    }


def test_the_same_form_without_scripts_on_a_phone(
    furnish: Furnish, new_page: Callable[..., Page], desk: LivingDesk
):
    scene, reference = asking(furnish, desk, "browser-plain-forms")
    page = new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/#decision")
    page.get_by_label("Refund another amount").check()
    page.get_by_label("Amount", exact=True).fill("99,999.00")
    page.get_by_role("searchbox", name="Search Country").fill("aland")
    page.get_by_role("button", name="Search Country").click()

    country = page.get_by_role("listbox", name="Country")
    expect(country.get_by_role("option")).to_have_text(["Choose", "Denmark", "Åland Islands"])
    expect(page.locator(".over-limit .error").first).to_have_text(
        "Your limit is $5,000.00; this is $99,999.00."
    )
    country.select_option(label="Åland Islands")
    page.get_by_label("Amount", exact=True).fill("400.00")
    page.get_by_label("Card", exact=True).check()
    page.get_by_label("Card ending in").fill("4242")
    expect(page.get_by_label("Voucher code")).to_be_hidden()
    page.get_by_role("button", name="Review and sign").click()
    page.get_by_role("heading", name="Before you sign").wait_for()
    page.get_by_role("button", name="Sign", exact=True).click()
    expect(page.get_by_text("decided", exact=True)).to_be_visible()
    assert scene.agent.decision(reference, wait=30).json()["arguments"] == {
        "amount": "400.00",
        "weight": 1.25,
        "country": "Åland Islands",
        "payee": {"kind": "card", "card": "4242"},
    }
