"""What a page keeps while it changes, what it says, and what it is to the hands of who works on it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene, overflow
from tests.factories import step

Furnish = Callable[..., Scene]


def test_a_swap_keeps_what_a_person_did_to_the_page(furnish: Furnish, page: Page):
    scene = furnish("feel-morph", reviewers=2)
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    why = page.get_by_label("In your words")
    page.get_by_label("Refund in full").check()
    why.fill("The photo shows another door.")
    page.evaluate(
        "document.querySelector('#rationale').mark = document.querySelector('h1').mark = 1"
    )

    page.get_by_role("button", name="Take it").click()

    expect(page.get_by_text("You took it")).to_be_visible()
    expect(why).to_have_value("The photo shows another door.")
    expect(page.get_by_label("Refund in full")).to_be_checked()
    assert page.evaluate("document.querySelector('#rationale').mark") == 1
    why.focus()
    page.evaluate("document.querySelector('#rationale').setSelectionRange(4, 9)")

    before = page.get_by_label("Refund in full").bounding_box()

    late = step("late", text="The parcel was found in the depot")
    scene.agent.client.post(f"/cases/{reference}/steps", json={"steps": [late]})
    expect(page.locator("#standing")).to_contain_text("New evidence came")
    expect(page.locator("#live")).to_contain_text("New evidence came")
    expect(why).to_be_focused()
    assert page.get_by_label("Refund in full").bounding_box() == before
    assert page.evaluate("[...document.querySelectorAll('[aria-live=polite]')].length") == 0
    at = "(({selectionStart: a, selectionEnd: b}) => [a, b])(document.querySelector('#rationale'))"
    assert page.evaluate(at) == [4, 9]


def test_single_keys_move_open_and_help_but_never_while_something_is_typed(
    furnish: Furnish, page: Page
):
    scene = furnish("feel-keys")
    reference = scene.agent.open_awaiting(scene.role)
    scene.sign_in(page.context)
    keys = page.keyboard
    page.goto(f"{scene.base_url}/queue/")

    keys.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Go to my work")
    keys.press("Escape")
    keys.type("gw")  # the two of them in one go: they belong together for a moment only
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.wait_for_load_state()

    keys.press("ControlOrMeta+k")
    keys.type(reference)
    expect(page.get_by_role("option", name=reference)).to_have_attribute("aria-selected", "true")
    keys.press("Enter")
    expect(page.locator("#case")).to_be_visible()
    page.wait_for_load_state()  # it is there before the keys are

    keys.press("d")
    keys.press("2")
    expect(page.get_by_label("Refund another amount")).to_be_checked()
    page.get_by_label("In your words").focus()
    keys.type("g?w1d")
    expect(page.get_by_label("In your words")).to_have_value("g?w1d")
    expect(page.get_by_label("Refund another amount")).to_be_checked()
    assert scene.agent.decision(reference).status_code == 204


SMALL = """() => {
  const controls = "button, summary, .rail a, .tabs a, input:not([type=hidden]), select, textarea";
  const found = [];
  for (const each of document.querySelectorAll(controls)) {
    if (!each.checkVisibility({ visibilityProperty: true }) || each.closest(".visually-hidden")) continue;
    if (getComputedStyle(each).display === "inline") continue;
    const area = ((each.matches("[type=radio], [type=checkbox]") && each.closest("label")) || each);
    const { width, height } = area.getBoundingClientRect();
    const said = `${each.outerHTML.slice(0, 80)} ${width}x${height}`;
    if (width && Math.min(width, height) < 23.5) found.push(said);
  }
  return found;
}"""
COVERED = """() => {
  const it = document.activeElement;
  const box = it?.getBoundingClientRect();
  if (!box?.width || it === document.body) return "";
  const at = (x, y) => document.elementFromPoint(x, y);
  const mine = (top) => top && (it.contains(top) || top.contains(it) || top.closest("label")?.contains(it));
  const xs = [box.left + 2, (box.left + box.right) / 2, box.right - 2];
  const ys = [box.top + 2, (box.top + box.bottom) / 2, box.bottom - 2];
  return xs.some((x) => ys.some((y) => mine(at(x, y)))) ? "" : it.outerHTML.slice(0, 100);
}"""


def test_zoomed_to_200_percent_nothing_is_cut_off_covered_or_too_small_to_hit(
    furnish: Furnish, new_page: Callable[..., Page]
):
    scene = furnish("feel-zoom")
    reference = scene.agent.open_awaiting(scene.role)
    page = new_page(
        viewport={"width": 640, "height": 450}, forced_colors="active", reduced_motion="reduce"
    )
    scene.sign_in(page.context)
    found = []
    for path in ["/", "/queue/", f"/cases/{reference}/", "/account/keyboard/", "/offline/"]:
        page.goto(f"{scene.base_url}{path}")
        if (wide := overflow(page)) > 0:
            found.append(f"{path} is {wide} px too wide")
        found += [f"{path} {small}" for small in page.evaluate(SMALL)]
        for _ in range(24):
            page.keyboard.press("Tab")
            if covered := page.evaluate(COVERED):
                found.append(f"{path} hides {covered}")
    assert found == []
