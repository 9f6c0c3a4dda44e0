"""Who signs in by their provider only shows there again who they are, before they sign what asks for it."""

import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils.timezone import now

from escalation import lifecycle
from escalation.models import Case, Decision, User
from reviewers.memberships import join_role
from tests.factories import case_under, make_role, make_user, package
from tests.fixtures.callers import words
from tests.fixtures.provider import Provider

pytestmark = pytest.mark.django_db
AGAIN = "/account/security/again/"
HOUR = 60 * 60


def through(client: Client, start: str = "/sign-in/oidc/") -> Any:
    """Follow a browser through the provider and return the desk's answer at the end."""
    back = urlsplit(httpx.get(client.get(start)["Location"]).headers["Location"])
    return client.get(f"{back.path}?{back.query}")


@pytest.fixture
def lena() -> User:
    return make_user("lena", first_name="Lena", last_name="Moe")


@pytest.fixture
def case(lena: User) -> Case:
    """A case whose answer is signed by who has just shown who they are."""
    role = make_role("refunds-compliance")
    join_role(role, lena, by=lena, at=now())
    terms = {"high": {"protocol": "open", "step_up": True}}
    made = case_under(role, package(stakes="high"), review=terms, at=now())
    lifecycle.open_evidence(made.pk, 1, by=lena, at=now())
    return made


@pytest.fixture
def browser(lena: User, provider: Provider) -> Client:
    """A browser that the provider let in without a question, as it signed in there an hour ago."""
    provider.token["auth_time"] = int(time.time()) - HOUR
    through(client := Client())
    del provider.token["auth_time"]
    return client


def sign(browser: Client, case: Case) -> Any:
    data = {"option": "approve", "rationale": "Right.", "digest": case.digest, "step": "sign"}
    return browser.post(f"/cases/{case.reference}/decision/", data)


def shown(browser: Client, address: str = AGAIN) -> str:
    return words(browser.get(address).content.decode())


def test_the_provider_asks_anew_and_the_signature_goes_on_where_it_was(
    browser: Client, case: Case, provider: Provider
):
    led = sign(browser, case)
    asked = browser.get(led["Location"]).content.decode()
    start = f"{AGAIN}provider/?next=%2Fcases%2F{case.reference}%2Fdecision%2F"
    back = through(browser, start)
    resumed = shown(browser, back["Location"])
    sign(browser, case)

    assert led["Location"].startswith(f"{AGAIN}?next=")
    assert f'href="{start}"' in asked and "Show it at Bank login" in asked
    assert (provider.asked[-1]["prompt"], provider.asked[-1]["max_age"]) == ("login", "0")
    assert back["Location"] == f"/cases/{case.reference}/decision/"
    assert "Before you sign" in resumed and "Show that it is you" not in resumed
    assert Decision.objects.get().rationale == "Right."


def test_being_let_in_without_a_question_shows_nothing(browser: Client, case: Case):
    assert sign(browser, case)["Location"].startswith(AGAIN)
    assert not Decision.objects.exists()


def test_signing_in_there_just_now_is_as_good(lena: User, case: Case, provider: Provider):
    provider.token["auth_time"] = int(time.time())
    through(client := Client())

    sign(client, case)

    assert Decision.objects.exists()


@pytest.mark.parametrize("said", [None, "now", True, 0, -5, 2**40, "an hour ago"])
def test_a_provider_that_did_not_ask_or_does_not_say_when_is_no_proof(
    said: object, browser: Client, case: Case, provider: Provider
):
    provider.token["auth_time"] = int(time.time()) - HOUR if said == "an hour ago" else said

    back = through(browser, f"{AGAIN}provider/?next=/cases/{case.reference}/")
    told = shown(browser, back["Location"])
    sign(browser, case)

    assert back["Location"].startswith(AGAIN)
    assert "Bank login did not ask you anew, or does not say when it did." in told
    assert not Decision.objects.exists()


def test_somebody_else_at_the_provider_is_no_proof_and_signs_nobody_in(
    browser: Client, lena: User, case: Case, provider: Provider
):
    make_user("kim", email="kim@desk.example")
    provider.person |= {"sub": "2", "email": "kim@desk.example"}

    back = through(browser, f"{AGAIN}provider/")
    told = shown(browser, back["Location"])
    sign(browser, case)

    assert "Bank login says that it is somebody else. Show it as Lena Moe." in told
    assert browser.session["_auth_user_id"] == str(lena.pk)
    assert not Decision.objects.exists()


def test_who_gives_up_at_the_provider_is_led_back_to_where_they_were(
    browser: Client, provider: Provider
):
    away = browser.get(f"{AGAIN}provider/?next=/queue/")
    state = away["Location"].partition("state=")[2].partition("&")[0]

    back = browser.get(f"/sign-in/oidc/callback/?error=access_denied&state={state}")

    assert back["Location"] == f"{AGAIN}?next=%2Fqueue%2F"
    assert "Bank login did not say that it is you. Try again." in shown(browser, back["Location"])
    assert "Lena Moe" in shown(browser)


def test_a_provider_that_is_down_is_said_where_it_was_asked_for(
    browser: Client, provider: Provider
):
    provider.discovery = {"issuer": "https://elsewhere.example"}

    back = browser.get(f"{AGAIN}provider/")

    assert "Bank login does not answer as it should." in shown(browser, back["Location"])


def test_who_has_a_second_factor_here_shows_that_one(browser: Client, lena: User):
    Authenticator.objects.create(user=lena, type=Authenticator.Type.TOTP, data={})

    assert "Show it at Bank login" not in shown(browser)


def test_a_way_in_is_added_only_by_who_has_shown_it(browser: Client, provider: Provider):
    led = browser.get("/account/security/passkeys/")
    through(browser, f"{AGAIN}provider/")

    assert led["Location"] == f"{AGAIN}?next=%2Faccount%2Fsecurity%2Fpasskeys%2F"
    assert browser.get("/account/security/passkeys/").status_code == 200


def test_who_was_never_linked_is_not_sent_there(provider: Provider, lena: User):
    client = Client()
    client.force_login(lena)

    assert client.get(f"{AGAIN}provider/").status_code == 404
    assert "You have nothing here to show it with." in shown(client)
