"""What an agent attached, on pages of its own: turned and read by keyboard, and clean to axe.

In the dark, on a phone, where most goes wrong; ``test_tokens`` holds the colours of both schemes.
"""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Scene, overflow
from tests.reviewers.viewer import files

WIDE = "order;total\nW89\nBlåbær;1,50;more\n" + f"W88;{'9' * 400}\n" * 40
DOCUMENTS = {
    "two.pdf": files.pdf("First", "Second"),
    "photo.png": files.png((1600, 900)),
    "orders.csv": WIDE.encode("cp1252"),
    "note.txt": b"It was left.\n" * 200,
}


def test_documents_are_read_by_keyboard_alone(
    furnish: Callable[..., Scene],
    new_page: Callable[..., Page],
    axe: Callable[..., list[str]],
):
    scene = furnish("documents")
    reference = scene.agent.open_awaiting(scene.role)
    for name, body in DOCUMENTS.items():
        sent = scene.agent.client.post(
            f"/cases/{reference}/attachments", files={"file": (name, body)}, data={"title": name}
        )
        assert sent.status_code == 201, sent.text
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    scene.sign_in(page.context)
    page.goto(f"{scene.base_url}/cases/{reference}/")
    links = {name: page.locator(".attached a", has_text=name).first for name in DOCUMENTS}
    paths = {name: link.get_attribute("href") for name, link in links.items()}

    def holds(*, contrast: bool = True) -> None:
        assert axe(page, contrast=contrast) == []
        assert overflow(page) <= 0

    def shows(name: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.wait_for_load_state()  # with what turns its pages in place

    # from the case to a document of two pages, which are turned in place, said, and keep the focus
    links["two.pdf"].focus()
    page.keyboard.press("Enter")
    shows("two.pdf")
    picture = page.locator(".viewer .drawn")
    before, after = (page.get_by_role("link", name=f"{one} page") for one in ("Previous", "Next"))
    expect(picture).to_have_accessible_name("Page 1 of 2 of two.pdf")
    expect(before).to_be_disabled()
    page.evaluate("window.isSame = true")
    for link, other, number in ((after, before, 2), (before, after, 1), (after, before, 2)):
        link.focus()
        page.keyboard.press("Enter")
        expect(picture).to_have_accessible_name(f"Page {number} of 2 of two.pdf")
        expect(page.locator("#live")).to_have_text(f"Page {number} of 2")
        expect(link).to_be_focused()
        expect(link).to_be_disabled()
        expect(other).to_be_enabled()
    assert page.evaluate("window.isSame")
    page.keyboard.press("Tab")
    expect(page.get_by_text("The text of this page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".page-text")).to_contain_text("Second")
    holds()

    page.goto(f"{scene.base_url}{paths['photo.png']}")
    shows("photo.png")
    expect(picture).to_have_accessible_name("photo.png")
    expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)
    holds(contrast=False)

    # what is longer or wider than its place scrolls there, by the arrows
    for name, moved in (("orders.csv", "scrollLeft"), ("note.txt", "scrollTop")):
        page.goto(f"{scene.base_url}{paths[name]}")
        shows(name)
        page.get_by_role("link", name="Download").focus()
        sheet = page.get_by_role("region", name=name)
        for _ in range(12):  # past the choices of delimiter and encoding
            page.keyboard.press("Tab")
            if sheet.evaluate("it => it === document.activeElement"):
                break
        expect(sheet).to_be_focused()
        page.keyboard.press("ArrowRight" if moved == "scrollLeft" else "ArrowDown")
        expect(sheet).not_to_have_js_property(moved, 0)
        holds(contrast=moved == "scrollLeft")
