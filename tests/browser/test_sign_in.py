"""Signing in as people do: passkey, authenticator app, and a role that asks for a second step."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.conftest import Scene, overflow
from tests.fixtures.living_desk import LivingDesk
from tests.fixtures.scene import PASSWORD

Furnish = Callable[..., Scene]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def at(desk: LivingDesk) -> str:
    """The desk under the one name without HTTPS for which browsers have passkeys."""
    return desk.base_url.replace("127.0.0.1", "localhost")


@pytest.fixture
def authenticator(page: Page) -> Iterator[CDPSession]:
    """A security key inside the browser, whose finger is always on it."""
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = chrome.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    chrome.authenticator = made["authenticatorId"]  # type: ignore[attr-defined]
    yield chrome


def finger(chrome: CDPSession, *, right: bool) -> None:
    told: dict[str, Any] = {
        "authenticatorId": chrome.authenticator,  # type: ignore[attr-defined]
        "isUserVerified": right,
    }
    chrome.send("WebAuthn.setUserVerified", told)


def code(secret: str) -> str:
    return totp.format_hotp_value(
        totp.hotp_value(secret.replace(" ", ""), int(time.time()) // totp.app_settings.TOTP_PERIOD)
    )


def sign_in(page: Page, at: str, name: str) -> None:
    page.goto(f"{at}/sign-in/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_passkey_is_added_named_used_and_removed(
    furnish: Furnish, page: Page, at: str, authenticator: CDPSession
):
    furnish("sign-in-passkey")
    sign_in(page, at, "sign-in-passkey-1")
    page.goto(f"{at}/account/")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add it").click()

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".codes li")).to_have_count(10)
    with page.expect_download() as file:
        page.get_by_role("link", name="Download them").click()
    assert file.value.suggested_filename == "recourse-recovery-codes.txt"
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("#security ~ *, .ways-in").first).to_be_visible()
    expect(page.get_by_text("My laptop", exact=True)).to_be_visible()

    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()

    page.goto(f"{at}/account/")
    page.get_by_role("link", name="Name My laptop").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Keep the name").click()
    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You no longer sign in with the passkey Old laptop.")).to_be_visible()

    page.get_by_role("button", name="Sign out").first.click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("The desk does not know this passkey.")


def test_a_passkey_is_the_second_step_of_a_password_and_a_wrong_finger_is_told(
    furnish: Furnish, page: Page, at: str, authenticator: CDPSession
):
    furnish("sign-in-second")
    sign_in(page, at, "sign-in-second-1")
    page.goto(f"{at}/account/security/passkeys/")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Sign out").first.click()

    finger(authenticator, right=False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-said]")).to_contain_text("it was cancelled, or took too long")
    finger(authenticator, right=True)
    sign_in(page, at, "sign-in-second-1")
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def test_a_role_asks_for_a_second_step_and_an_app_is_set_up_by_keyboard(
    desk: LivingDesk,
    furnish: Furnish,
    new_page: Callable[..., Page],
    at: str,
    axe: Callable[[Page], list[str]],
    complaints: list[str],
):
    name = "sign-in-app"
    furnish(name)
    desk.shell(
        "from escalation.models import Role\n"
        f"Role.objects.filter(slug={name!r}).update(requires_mfa=True)"
    )
    page = new_page(viewport=PHONE, color_scheme="dark")
    keys, found = page.keyboard, {}

    def look(at: str) -> None:
        own = len(complaints)
        found[at] = axe(page) + ([f"too wide by {overflow(page)}"] if overflow(page) > 0 else [])
        del complaints[own:]  # of axe itself, which reads imported sheets by inline style

    page.goto(f"{at}/queue/")
    expect(page.get_by_label("User name")).to_be_focused()
    keys.type(f"{name}-1")
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()
    look("set up")
    page.goto(f"{at}/queue/")
    expect(page.get_by_role("heading", name="Set up a second step")).to_be_visible()

    page.get_by_role("link", name="Add a passkey").focus()
    keys.press("Enter")
    expect(page.get_by_label("Name")).to_be_focused()
    look("add a passkey")
    page.go_back()
    page.get_by_role("link", name="Set up an app").focus()
    keys.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    secret = page.locator(".secret").inner_text()
    keys.type("000000")
    keys.press("Enter")
    expect(page.locator("#code_error")).to_contain_text("This code does not fit.")
    look("a wrong code")
    assert page.locator(".secret").inner_text() == secret
    keys.type(code(secret))
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    recovery = page.locator(".codes li").first.inner_text()
    look("recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Account")).to_be_visible()
    look("account")
    page.get_by_role("link", name="Remove the authenticator app").click()
    look("a removal refused")
    page.get_by_role("link", name="Leave it as it is").click()

    page.get_by_role("button", name="Sign out").first.click()
    sign_in(page, at, f"{name}-1")
    expect(page.get_by_label("Code, or a recovery code")).to_be_focused()
    look("second step")
    keys.type(recovery)
    keys.press("Enter")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert {at: problems for at, problems in found.items() if problems} == {}


def test_who_signed_in_long_ago_shows_again_who_they_are(
    furnish: Furnish, page: Page, at: str, axe: Callable[[Page], list[str]], complaints: list[str]
):
    scene = furnish("sign-in-again")
    cookie = {"name": "sessionid", "value": scene.sessions[0], "url": at}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{at}/account/security/app/")

    expect(page.get_by_label("Password")).to_be_focused()
    assert axe(page) == []
    complaints.clear()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Authenticator app")).to_be_visible()


def test_guessing_waits_and_the_page_says_until_when(
    furnish: Furnish, page: Page, at: str, axe: Callable[[Page], list[str]], complaints: list[str]
):
    furnish("sign-in-guess")
    for _ in range(6):
        page.goto(f"{at}/sign-in/")
        page.get_by_label("User name").fill("sign-in-guess-1")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_role("heading", name="Too many tries")).to_be_visible()
    assert any("429" in said for said in complaints)
    assert axe(page) == []
    complaints.clear()


def test_without_scripts_the_password_and_the_code_are_enough(
    furnish: Furnish, new_page: Callable[..., Page], at: str
):
    furnish("sign-in-plain")
    page = new_page(java_script_enabled=False)
    sign_in(page, at, "sign-in-plain-1")
    page.goto(f"{at}/account/security/app/")
    page.get_by_label("Code").fill(code(page.locator(".secret").inner_text()))
    page.get_by_role("button", name="Set it up").click()

    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
