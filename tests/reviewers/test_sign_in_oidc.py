"""Single sign-on against a real provider: who somebody is, and which roles they get."""

import html
import json
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils.timezone import now

from escalation import access, people
from escalation.actors import OPERATOR
from escalation.models import Event, User
from reviewers import single_sign_on
from reviewers.memberships import join_role
from reviewers.models import Membership
from reviewers.signin import FactorAdapter
from tests.factories import make_role, make_user
from tests.fixtures.provider import OTHER_KEY

pytestmark = pytest.mark.django_db
START = "/sign-in/oidc/"


def through(client, start=START):
    """Follow a browser through the provider and return the desk's answer at the end."""
    away = client.get(start)
    if away.status_code != 302:
        return away
    back = httpx.get(away["Location"]).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def signed_in_as(client):
    return User.objects.get(pk=client.session["_auth_user_id"]) if client.session else None


def roles_of(user):
    held = Membership.objects.current(now()).filter(user=user)
    return set(held.values_list("role__slug", flat=True))


def refusal(answer):
    assert answer.status_code in (403, 502), answer.status_code
    return " ".join(answer.content.decode().split("<h1>Not signed in</h1>")[1].split())[:260]


# Who it is -----------------------------------------------------------------------------------------


def test_the_person_with_the_verified_address_is_in_and_linked(provider):
    lena, client = make_user("lena"), Client()

    answer = through(client, f"{START}?next=/queue/")

    assert (answer.status_code, answer["Location"]) == (302, "/queue/")
    assert signed_in_as(client) == lena
    assert SocialAccount.objects.get().uid == provider.person["sub"]
    assert provider.asked[0]["code_challenge_method"] == "S256"
    assert provider.asked[0]["redirect_uri"] == "http://localhost:8000/sign-in/oidc/callback/"
    assert set(provider.asked[0]["scope"].split()) == {"openid", "profile", "email"}


def test_who_is_linked_stays_so_when_addresses_change(provider):
    lena = make_user("lena")
    through(Client())
    lena.email = "elsewhere@desk.example"
    lena.save(update_fields=["email"])
    make_user("other", email="lena@desk.example")
    client = Client()

    through(client)

    assert signed_in_as(client) == lena


def test_linking_leaves_the_password_as_it_is(provider):
    lena = make_user("lena", password="a right password")

    through(Client())

    assert User.objects.get(pk=lena.pk).check_password("a right password")


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ({}, {"email_verified": "true"}),
        ({}, {"email_verified": "True"}),
        ({"email_verified": True}, {"email_verified": None}),
        ({"email_verified": "true", "email": None}, {"email_verified": None}),
        ({"email_verified": None, "email": None}, {"email_verified": True}),
        ({"email_verified": True}, {"email": None, "email_verified": None}),
        ({"email_verified": True, "email": "LENA@Desk.example "}, {"email_verified": None}),
    ],
)
def test_either_token_says_that_the_address_is_verified(token, told, provider):
    lena, client = make_user("lena"), Client()
    provider.token, provider.told = token, told

    through(client)

    assert signed_in_as(client) == lena


@pytest.mark.parametrize(
    ("token", "told"),
    [
        ({"email_verified": True}, {"email_verified": False}),
        ({"email_verified": "false"}, {"email_verified": "true"}),
        ({"email_verified": True, "email": "kim@desk.example"}, {"email_verified": None}),
    ],
)
def test_an_address_that_one_of_them_does_not_verify_is_not(token, told, provider):
    make_user("lena")
    provider.token, provider.told = token, told

    assert "has not verified your e-mail address" in refusal(through(Client()))


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        ("O'Brien@Bank.example", "O'Brien@bank.example"),
        ("kim@xn--bcher-kva.example", "kim@bücher.example"),
        ("jürgen@müller.example", "jürgen@müller.example"),
        ('"lena moe"@bank.example', '"lena moe"@bank.example'),
        ("Lena <lena@bank.example>", ""),
        ("lena@bank.example\r\nBcc: all@bank.example", ""),
        (["lena@bank.example"], ""),
    ],
)
def test_a_new_person_has_exactly_the_address_that_is_named_or_none(
    named, kept, provider, settings
):
    settings.OIDC_MAKES_PEOPLE = True
    provider.person["email"] = named

    through(client := Client())

    assert signed_in_as(client).email == kept


@pytest.mark.parametrize("verified", [False, "false", None, "no", 0, 1])
def test_an_address_that_is_not_verified_is_nobodys(verified, provider):
    make_user("lena")
    provider.person["email_verified"] = verified
    client = Client()

    answer = through(client)

    assert "Bank login has not verified your e-mail address." in refusal(answer)
    assert client.get("/account/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_an_address_of_two_people_is_neithers(provider):
    make_user("lena")
    make_user("lena-2", email="LENA@desk.example")

    assert "Two people here have your e-mail address." in refusal(through(Client()))


def test_who_has_no_account_is_told_so(provider):
    assert "You have no account on this desk yet." in refusal(through(Client()))
    assert not User.objects.exists()


@pytest.mark.parametrize("linked", [True, False])
def test_who_left_is_refused(linked, provider):
    lena = make_user("lena")
    if linked:
        through(Client())
    people.deactivate(lena, by=OPERATOR, at=now())

    assert "This account is closed." in refusal(through(Client()))


def test_new_people_are_made_where_the_operator_says_so(provider, settings):
    settings.OIDC_MAKES_PEOPLE = True
    client = Client()

    through(client)

    made = signed_in_as(client)
    assert (made.username, made.name, made.email) == ("lena.moe", "Lena Moe", "lena@desk.example")
    assert not made.has_usable_password() and not made.is_staff
    assert list(Event.objects.order_by("id").values_list("action", "actor")) == [
        ("user.made", "system:single-sign-on"),
        ("user.signed_in", f"user:{made.pk}"),
    ]


def test_a_person_made_with_an_unverified_address_does_not_get_it(provider, settings):
    settings.OIDC_MAKES_PEOPLE = True
    provider.person["email_verified"] = False

    through(client := Client())

    assert signed_in_as(client).email == ""


def test_a_person_made_under_a_name_that_is_taken_gets_another(provider, settings):
    settings.OIDC_MAKES_PEOPLE = True
    other = make_user("lena.moe", email="other@desk.example")

    through(client := Client())

    assert signed_in_as(client) != other


def test_people_cannot_take_anothers_address_while_single_sign_on_is_on(provider, as_user):
    user = make_user()

    as_user(user).post("/account/", {"email": "boss@desk.example", "time_zone": "UTC"})

    assert User.objects.get(pk=user.pk).email == user.email


# What the provider says, checked -------------------------------------------------------------------


@pytest.mark.parametrize(
    "token",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"exp": int(time.time()) - 3600},
        {"sub": "somebody else"},
    ],
)
def test_a_token_that_is_not_for_us_is_refused(token, provider):
    make_user("lena")
    provider.token = token

    assert "Bank login did not say who you are." in refusal(through(Client()))


def test_a_token_that_another_key_signed_is_refused(provider):
    make_user("lena")
    provider.key = OTHER_KEY

    assert "did not say who you are" in refusal(through(Client()))


@pytest.mark.parametrize(("key", "algorithm"), [("x" * 40, "HS256"), (None, "none")])
def test_a_token_that_a_shared_secret_or_nothing_signed_is_refused(key, algorithm, provider):
    make_user("lena")
    provider.key, provider.algorithm = key, algorithm

    assert "did not say who you are" in refusal(through(Client()))


def test_user_info_about_somebody_else_is_refused(provider):
    make_user("lena")
    provider.told = {"sub": "somebody else"}

    assert "did not say who you are" in refusal(through(Client()))


@pytest.mark.parametrize(
    "discovery", [{"issuer": "https://evil.example"}, {"token_endpoint": None}, {"jwks_uri": 7}]
)
def test_a_provider_that_is_another_or_half_there_is_refused(discovery, provider):
    provider.discovery = discovery

    assert "Bank login does not answer as it should." in refusal(Client().get(START))


def test_a_provider_that_is_down_leaves_the_other_ways_open(provider, settings):
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"] = {
        "server_url": "http://127.0.0.1:9"
    }

    answer = Client().get(START)

    assert answer.status_code == 502
    assert "or use your password" in refusal(answer)


def test_an_answer_to_another_browser_is_refused(provider):
    make_user("lena")
    back = httpx.get(Client().get(START)["Location"]).headers["Location"]
    parts = urlsplit(back)

    answer = Client().get(f"{parts.path}?{parts.query}")

    assert "did not say who you are" in refusal(answer)


def test_an_answer_is_good_once(provider):
    make_user("lena")
    client = Client()
    parts = urlsplit(httpx.get(client.get(START)["Location"]).headers["Location"])
    client.get(f"{parts.path}?{parts.query}")

    assert client.get(f"{parts.path}?{parts.query}").status_code == 502


def test_who_says_no_at_the_provider_is_told(provider):
    client = Client()
    state = parse_qs(urlsplit(client.get(START)["Location"]).query)["state"][0]

    answer = client.get(f"{START}callback/?error=access_denied&state={state}")

    assert "did not say who you are. Try again" in refusal(answer)


def test_the_way_back_leads_nowhere_else(provider):
    make_user("lena")

    assert through(Client(), f"{START}?next=https://evil.example/")["Location"] == "/"


def test_without_a_provider_there_is_no_such_page():
    assert Client().get(START).status_code == Client().get(f"{START}callback/").status_code == 404
    assert b"Continue with" not in Client().get("/sign-in/").content


def test_the_sign_in_page_offers_it(provider):
    page = Client().get("/sign-in/?next=/queue/").content.decode()

    assert 'href="/sign-in/oidc/?next=%2Fqueue%2F"' in page and "Continue with Bank login" in page


# Roles ---------------------------------------------------------------------------------------------


@pytest.fixture
def mapped(provider, settings):
    """Two roles in the map, and one that the map leaves alone."""
    settings.OIDC_ROLE_MAP = [
        ("desk-refunds", "refunds"),
        ("desk-all", "refunds"),
        ("desk-all", "credit"),
        ("desk-audit", "@auditor"),
    ]
    roles = {slug: make_role(slug) for slug in ("refunds", "credit", "own")}
    lena = make_user("lena")
    join_role(roles["own"], lena, by=OPERATOR, at=now())
    return lena


@pytest.mark.parametrize(
    ("groups", "roles", "auditor"),
    [
        (["desk-refunds"], {"refunds", "own"}, False),
        (["desk-all", "else"], {"refunds", "credit", "own"}, False),
        ("desk-refunds", {"refunds", "own"}, False),
        (["desk-audit"], {"own"}, True),
        ("desk-refunds desk-audit", {"refunds", "own"}, True),
        ([], {"own"}, False),
        (None, {"own"}, False),
        (7, {"own"}, False),
    ],
)
def test_people_join_the_roles_that_their_provider_gives(groups, roles, auditor, provider, mapped):
    provider.person["groups"] = groups

    assert through(Client()).status_code == 302

    assert roles_of(mapped) == roles
    assert access.held(mapped).desk == auditor


def test_people_leave_the_roles_that_it_takes_away_on_the_record(provider, mapped):
    provider.person["groups"] = ["desk-all", "desk-audit"]
    through(Client())
    provider.person["groups"] = []
    through(Client())

    assert roles_of(mapped) == {"own"}
    assert not access.held(mapped).desk
    assert not access.roles_with(access.DECIDE, mapped).filter(slug="refunds").exists()
    by_provider = Event.objects.filter(actor="system:single-sign-on").order_by("id")
    assert list(by_provider.values_list("action", flat=True)) == [
        "user.auditor_made",
        "role.joined",
        "role.joined",
        "user.auditor_unmade",
        "role.left",
        "role.left",
    ]


KEPT = {
    "missing": ({}, "its answer has no claim “groups”."),
    "null": ({"groups": None}, "its claim “groups” is no list of names."),
    "number": ({"groups": 7}, "its claim “groups” is no list of names."),
    "object": ({"groups": {"a": 1}}, "its claim “groups” is no list of names."),
    "commas": ({"groups": "a,b"}, "its claim “groups” is no list of names."),
    "partly": ({"groups": [7]}, "not everything in its claim “groups” is a name."),
    "capitals": (
        {"groups": ["Desk-All", "desk-audit"]},
        "it says “Desk-All”, and the roles here are for “desk-all”.",
    ),
    "overage": (
        {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://x"}}},
        "there are more groups than fit into its answer (“_claim_names”).",
    ),
    "overage and empty": (
        {"groups": [], "_claim_names": {"groups": "src1"}},
        "there are more groups than fit into its answer (“_claim_names”).",
    ),
    "hasgroups": (
        {"hasgroups": True},
        "there are more groups than fit into its answer (“hasgroups”).",
    ),
    "src1": (
        {"groups:src1": "x"},
        "there are more groups than fit into its answer (“groups:src1”).",
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_groups_that_are_missing_or_unreadable_take_nothing_away_and_are_said(
    case, provider, mapped, caplog
):
    provider.person["groups"] = ["desk-all", "desk-audit"]
    through(Client())
    before = Event.objects.filter(actor="system:single-sign-on").count()
    del provider.person["groups"]
    said, why = KEPT[case]
    provider.person |= said
    client = Client()

    through(client)

    assert roles_of(mapped) == {"refunds", "credit", "own"}
    assert access.held(mapped).desk
    assert Event.objects.filter(actor="system:single-sign-on").count() == before
    body = json.loads(bytes(Event.objects.filter(action="user.signed_in").latest("id").body))
    assert body["facts"] == {"how": ["single sign-on"], "roles_kept": why}
    page = " ".join(html.unescape(client.get("/account/").content.decode()).split())
    assert f"Bank login did not say which groups you are in: {why} Your roles stay" in page
    assert why in caplog.text
    assert single_sign_on.warnings(at=now())[:1] == [
        "Single sign-on does not say the groups of 1 of the last 1 people who came by it, who keep"
        f" their roles: {why}"
    ]


def test_groups_beside_an_overage_are_joined_all_the_same(provider, mapped):
    provider.person["groups"] = ["desk-refunds"]
    through(Client())
    provider.person |= {"groups": ["desk-audit"], "_claim_names": {"groups": "src1"}}

    through(Client())

    assert roles_of(mapped) == {"refunds", "own"}
    assert access.held(mapped).desk


def test_with_groups_that_read_there_is_nothing_to_warn_of(provider, mapped):
    provider.person["groups"] = ["desk-all"]
    through(client := Client())

    assert single_sign_on.warnings(at=now()) == []
    assert "Your roles stay" not in client.get("/account/").content.decode()


def test_signing_in_again_with_the_same_changes_nothing(provider, mapped):
    provider.person["groups"] = ["desk-all"]
    through(Client())
    before = Event.objects.filter(action="role.joined").count()

    through(Client())

    assert Event.objects.filter(action="role.joined").count() == before


def test_another_claim_can_name_the_groups(provider, mapped, settings):
    settings.OIDC_ROLES_CLAIM = "roles"
    provider.person |= {"groups": ["desk-all"], "roles": ["desk-refunds"]}

    through(Client())

    assert roles_of(mapped) == {"refunds", "own"}


def test_a_role_of_the_map_that_does_not_exist_stops_nobody(provider, mapped, settings, caplog):
    settings.OIDC_ROLE_MAP = [*settings.OIDC_ROLE_MAP, ("x", "gone")]

    assert through(Client()).status_code == 302
    assert "OIDC_ROLE_MAP names roles that do not exist: gone" in caplog.text
    assert single_sign_on.warnings(at=now())[:1] == [
        "OIDC_ROLE_MAP names roles that do not exist: gone."
    ]


def test_a_password_changes_no_roles(provider, mapped, as_user):
    provider.person["groups"] = ["desk-all"]
    through(Client())

    as_user(mapped).get("/queue/")

    assert roles_of(mapped) == {"refunds", "credit", "own"}


# Second factor -------------------------------------------------------------------------------------


@pytest.fixture
def strict(provider):
    lena, role = make_user("lena"), make_role("strict")
    role.requires_mfa = True
    role.save(update_fields=["requires_mfa"])
    join_role(role, lena, by=OPERATOR, at=now())
    return lena


@pytest.mark.parametrize(
    ("amr", "trusted", "opens"),
    [
        (["pwd", "mfa"], True, True),
        (["pwd", "mfa"], False, False),
        (["pwd"], True, False),
        (None, True, False),
        ("mfa", True, False),
    ],
)
def test_the_providers_second_factor_counts_where_it_is_trusted(
    amr, trusted, opens, provider, strict, settings
):
    settings.OIDC_TRUSTS_MFA = trusted
    provider.token = {"amr": amr}
    client = Client()

    through(client)

    answer = client.get("/queue/")
    assert (answer.status_code, answer.get("Location")) == (
        (200, None) if opens else (302, "/account/security/")
    )


@pytest.mark.parametrize("trusted", [True, False])
def test_who_has_a_factor_here_is_asked_for_it_unless_the_provider_did(
    trusted, provider, strict, settings
):
    settings.OIDC_TRUSTS_MFA = trusted
    provider.token = {"amr": ["mfa"]}
    secret = FactorAdapter().encrypt("JBSWY3DPEHPK3PXP")
    Authenticator.objects.create(user=strict, type="totp", data={"secret": secret})

    answer = through(Client())

    assert answer["Location"] == ("/" if trusted else "/sign-in/second-factor/")
