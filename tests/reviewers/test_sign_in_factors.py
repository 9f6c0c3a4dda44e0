"""Authenticator app, recovery codes, passkeys' pages, and roles that ask for a second factor."""

import json
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Event
from reviewers import factors
from reviewers.memberships import join_role
from reviewers.signin import FactorAdapter
from tests.factories import make_role, make_user

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "a right password"
SECURITY = "/account/security/"


@pytest.fixture
def lena():
    return make_user("lena", password=PASSWORD)


@pytest.fixture
def lena_with_app(lena):
    Authenticator.objects.create(
        user=lena, type="totp", data={"secret": FactorAdapter().encrypt(SECRET)}
    )
    RecoveryCodes.activate(lena)
    return lena


def code(secret=SECRET, ahead=0):
    counter = int(time.time()) // 30 + ahead
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def sign_in(client, **fields):
    return client.post("/sign-in/", {"username": "lena", "password": PASSWORD, **fields})


def just_signed_in(user):
    """Return a browser in which ``user`` signed in with the password a moment ago."""
    client = Client()
    sign_in(client)
    return client


def recorded():
    return list(Event.objects.order_by("id").values_list("action", flat=True))


# The second step -----------------------------------------------------------------------------------


def test_who_has_an_app_is_asked_for_its_code(lena_with_app):
    client = Client()

    first = sign_in(client, next="/queue/")
    assert first["Location"] == "/sign-in/second-factor/"
    assert client.get("/account/").status_code == 302  # not in yet
    page = client.get("/sign-in/second-factor/").content.decode()
    assert "Your password is right." in page
    second = client.post("/sign-in/second-factor/", {"code": code()})

    assert (second.status_code, second["Location"]) == (302, "/queue/")
    assert client.get("/account/").status_code == 200
    body = json.loads(bytes(Event.objects.get(action="user.signed_in").body))
    assert body["facts"] == {"how": ["password", "totp"]}


def test_a_wrong_code_is_refused_and_too_many_wait(lena_with_app):
    client = Client()
    sign_in(client)

    codes = [client.post("/sign-in/second-factor/", {"code": "000000"}) for _ in range(6)]

    assert [answer.status_code for answer in codes] == [422] * 5 + [429]
    assert b"This code does not fit." in codes[0].content
    assert client.post("/sign-in/second-factor/", {"code": code()}).status_code == 429
    assert recorded().count("user.sign_in_refused") == 5


def test_a_code_is_good_once(lena_with_app):
    used = code()
    for client, expected in ((Client(), 302), (Client(), 422)):
        sign_in(client)
        assert client.post("/sign-in/second-factor/", {"code": used}).status_code == expected


def test_a_code_stays_used_as_long_as_a_clock_that_is_off_would_take_it(lena_with_app):
    early, client = code(ahead=1), Client()
    sign_in(client)
    assert client.post("/sign-in/second-factor/", {"code": early}).status_code == 302
    for key in (f"allauth.mfa.totp.used?user={lena_with_app.pk}&code={early}",):
        cache.delete(key)  # the library forgets it after half a minute

    again = Client()
    sign_in(again)
    assert again.post("/sign-in/second-factor/", {"code": early}).status_code == 422


def test_a_recovery_code_stands_in_once(lena_with_app):
    found = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for client, expected in ((Client(), 302), (Client(), 422)):
        sign_in(client)
        answer = client.post("/sign-in/second-factor/", {"code": found})
        assert answer.status_code == expected


def test_the_second_step_is_nobodys_without_the_first():
    assert Client().get("/sign-in/second-factor/")["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    "sent", ["", "x", "{}", '{"id": 1}', "[]", '"x"', "null", '{"response":1}']
)
@pytest.mark.parametrize("at", ["/sign-in/passkey/", "/sign-in/second-factor/"])
def test_a_passkeys_answer_that_is_none_is_refused(sent, at, lena_with_app):
    client = Client()
    client.get("/sign-in/passkey/")
    if "second" in at:
        sign_in(client)

    assert client.post(at, {"credential": sent}).status_code == 422


def test_the_secret_is_not_readable_in_the_database(lena):
    client = just_signed_in(lena)
    client.get(f"{SECURITY}app/")
    secret = client.session["mfa.totp.secret"]
    client.post(f"{SECURITY}app/", {"code": code(secret)})

    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    assert FactorAdapter().decrypt(kept) == secret


def test_a_secret_kept_under_a_key_that_is_gone_lets_nobody_in(lena_with_app, settings):
    settings.SECRET_KEY = "another key altogether, and long enough too"
    client = Client()
    sign_in(client)

    assert client.post("/sign-in/second-factor/", {"code": code()}).status_code == 422


def test_a_secret_kept_under_an_earlier_key_still_holds(lena_with_app, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key altogether, and long enough too"
    client = Client()
    sign_in(client)

    assert client.post("/sign-in/second-factor/", {"code": code()}).status_code == 302


# Setting up ----------------------------------------------------------------------------------------


def test_an_app_is_set_up_by_its_first_code_and_brings_recovery_codes(lena):
    client = just_signed_in(lena)
    page = client.get(f"{SECURITY}app/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret[:4] in page and "data:image/svg+xml;base64," in page

    wrong = client.post(f"{SECURITY}app/", {"code": "000000"})
    right = client.post(f"{SECURITY}app/", {"code": code(secret)})

    assert wrong.status_code == 422 and secret[:4] in wrong.content.decode()
    assert right["Location"] == f"{SECURITY}recovery-codes/"
    found = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    shown = client.get(right["Location"]).content.decode()
    assert all(each in shown for each in found)
    assert recorded()[1:] == ["user.factor_added"]


def test_recovery_codes_are_shown_where_they_were_made_and_only_for_minutes(lena_with_app):
    client, elsewhere = Client(), Client()
    for each, ahead in ((client, 0), (elsewhere, 1)):
        sign_in(each)
        each.post("/sign-in/second-factor/", {"code": code(ahead=ahead)})
    client.post(f"{SECURITY}recovery-codes/new/")
    found = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    at = f"{SECURITY}recovery-codes/"

    assert found[0] in client.get(at).content.decode()
    file = client.get(f"{at}download/")
    assert found[0] in file.content.decode() and "attachment" in file["Content-Disposition"]
    assert found[0] not in elsewhere.get(at).content.decode()
    assert elsewhere.get(f"{at}download/").status_code == 404
    session = client.session
    session["recovery_codes_until"] = time.time() - 1
    session.save()
    assert found[0] not in client.get(at).content.decode()
    assert client.get(f"{at}download/").status_code == 404


def test_new_recovery_codes_make_the_old_ones_worth_nothing(lena_with_app):
    old = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    client = Client()
    sign_in(client)
    client.post("/sign-in/second-factor/", {"code": code()})
    client.post(f"{SECURITY}recovery-codes/new/")

    again = Client()
    sign_in(again)
    assert again.post("/sign-in/second-factor/", {"code": old}).status_code == 422
    assert "user.recovery_codes_made" in recorded()


def test_recovery_codes_are_not_made_for_who_has_nothing_to_recover(lena):
    client = just_signed_in(lena)

    client.post(f"{SECURITY}recovery-codes/new/")

    assert not Authenticator.objects.exists()


PAGES = ["app/", "passkeys/", "recovery-codes/"]


@pytest.mark.parametrize("page", PAGES)
def test_whoever_signed_in_long_ago_shows_again_who_they_are(page, lena, as_user):
    client = as_user(lena)

    asked = client.get(SECURITY + page)
    assert asked["Location"].startswith(f"{SECURITY}again/?next=")
    wrong = client.post(asked["Location"], {"password": "x", "next": SECURITY + page})
    right = client.post(asked["Location"], {"password": PASSWORD, "next": SECURITY + page})

    assert wrong.status_code == 422 and b"This is not your password." in wrong.content
    assert right["Location"] == SECURITY + page
    assert client.get(SECURITY + page).status_code in (200, 302)
    assert "again" not in client.get(SECURITY + page).get("Location", "")


def test_showing_it_again_leads_nowhere_else(lena, as_user):
    client = as_user(lena)

    answer = client.post(
        f"{SECURITY}again/", {"password": PASSWORD, "next": "https://evil.example/"}
    )

    assert answer["Location"] == "/account/#security"


def test_guessing_at_showing_it_again_is_slowed(lena, as_user):
    client = as_user(lena)
    sent = {"password": "x", "next": "/"}

    codes = [client.post(f"{SECURITY}again/", sent).status_code for _ in range(6)]

    assert codes == [422] * 5 + [429]
    assert client.get("/account/").status_code == 200  # still signed in


def test_showing_it_again_by_code(lena_with_app, as_user):
    client = as_user(lena_with_app)
    at = f"{SECURITY}again/"

    assert client.post(at, {"code": "000000", "next": "/"}).status_code == 422
    assert client.post(at, {"code": code(), "next": f"{SECURITY}app/removal/"}).status_code == 302
    assert client.get(f"{SECURITY}app/removal/").status_code == 200


def test_a_password_is_not_enough_to_show_it_again_where_there_is_more(lena_with_app, as_user):
    client = as_user(lena_with_app)
    sent = {"password": PASSWORD, "next": f"{SECURITY}app/removal/"}

    assert client.post(f"{SECURITY}again/", sent).status_code == 200  # the page, still asking
    assert "again" in client.get(f"{SECURITY}app/removal/")["Location"]


def test_an_app_is_removed_and_its_recovery_codes_go_with_it(lena_with_app):
    client = Client()
    sign_in(client)
    client.post("/sign-in/second-factor/", {"code": code()})

    assert b"It is your only second step" in client.get(f"{SECURITY}app/removal/").content
    client.post(f"{SECURITY}app/removal/")

    assert not Authenticator.objects.exists()
    assert recorded()[-1] == "user.factor_removed"


@pytest.mark.parametrize("page", ["passkeys/1/", "passkeys/1/removal/", "app/removal/"])
def test_a_factor_that_is_not_theirs_is_not_there(page, lena):
    assert just_signed_in(lena).get(SECURITY + page).status_code == 404


@pytest.mark.parametrize("page", ["", *PAGES, "again/", "passkeys/1/"])
def test_these_pages_are_closed_to_strangers(page):
    assert Client().get(SECURITY + page)["Location"].startswith("/sign-in/")


@pytest.mark.parametrize("sent", ["", "x", "{}", '{"id": "x", "response": {}}', "[1]"])
def test_a_passkey_that_is_none_is_not_added(sent, lena):
    client = just_signed_in(lena)
    client.get(f"{SECURITY}passkeys/")

    answer = client.post(f"{SECURITY}passkeys/", {"name": "Mine", "credential": sent})

    assert answer.status_code == 422
    assert b"The passkey was not added" in answer.content and b'value="Mine"' in answer.content
    assert not Authenticator.objects.exists()


# Roles that ask for one ----------------------------------------------------------------------------


@pytest.fixture
def strict(lena):
    role = make_role()
    role.requires_mfa = True
    role.save(update_fields=["requires_mfa"])
    join_role(role, lena, by=OPERATOR, at=now())
    return role


@pytest.mark.parametrize("page", ["/", "/queue/", "/account/", "/audit/", "/admin/", "/docs/"])
def test_who_must_have_one_sees_nothing_else_until_it_is_set_up(page, strict):
    client = Client()
    sign_in(client)

    assert client.get(page)["Location"] == SECURITY
    assert b"Set up a second step" in client.get(SECURITY).content
    assert client.post("/queue/", headers={"HX-Request": "true"})["HX-Redirect"] == SECURITY


def test_the_desk_opens_as_soon_as_it_is_set_up(strict):
    client = Client()
    sign_in(client)
    client.get(f"{SECURITY}app/")
    client.post(f"{SECURITY}app/", {"code": code(client.session["mfa.totp.secret"])})

    assert client.get("/queue/").status_code == 200
    assert client.get(SECURITY)["Location"] == "/account/#security"


def test_who_must_have_one_can_sign_out(strict):
    client = Client()
    sign_in(client)

    assert client.post("/sign-out/")["Location"] == "/sign-in/"


def test_who_must_have_one_cannot_remove_the_last(strict, lena_with_app):
    client = Client()
    sign_in(client)
    client.post("/sign-in/second-factor/", {"code": code()})

    answer = client.post(f"{SECURITY}app/removal/")

    assert answer.status_code == 422
    assert b"A role of yours asks for a second factor." in answer.content
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_role_that_begins_to_ask_does_so_within_a_minute(lena, monkeypatch):
    client = just_signed_in(lena)
    assert client.get("/queue/").status_code == 200
    role = make_role()
    join_role(role, lena, by=OPERATOR, at=now())
    role.requires_mfa = True
    role.save(update_fields=["requires_mfa"])

    session = client.session
    session["second_factor"] = ["free", int(time.time()) - factors.GOOD_FOR]
    session.save()

    assert client.get("/queue/")["Location"] == SECURITY


def test_asking_costs_no_question_to_the_database(lena, django_assert_num_queries):
    client = just_signed_in(lena)

    with django_assert_num_queries(2):  # the session and the person
        client.get("/nothing/")


@pytest.mark.parametrize(
    ("right", "asked"),
    [(access.SUPERVISE, True), (access.AUDIT_ROLE, True), (access.MANAGE, False)],
)
def test_whoever_sees_its_cases_is_asked_and_not_who_only_makes_its_roster(right, asked, lena):
    role = make_role()
    role.requires_mfa = True
    role.save(update_fields=["requires_mfa"])
    access.grant(right, lena, role)

    assert (just_signed_in(lena).get("/account/").status_code == 302) == asked


def test_a_role_that_does_not_ask_leaves_people_alone(lena):
    join_role(make_role(), lena, by=OPERATOR, at=now())

    assert just_signed_in(lena).get("/queue/").status_code == 200
