"""The one-time link that makes the first administrator of an empty desk."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.signing import TimestampSigner
from django.test import Client

from escalation import access
from escalation.models import Event, User
from escalation.views import setup
from tests.factories import handed_off_case, make_role, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ACCOUNT = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}


def link():
    out = StringIO()
    call_command("first_admin_link", stdout=out)
    return out.getvalue().strip().removeprefix("http://localhost:8000")


def test_the_link_makes_an_administrator_who_is_signed_in_at_once():
    client, address = Client(), link()

    assert client.get(address).status_code == 200
    answer = client.post(address, ACCOUNT)

    ada = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (ada.username, ada.is_superuser, ada.is_staff) == ("ada", True, True)
    assert client.session["_auth_user_id"] == str(ada.pk)
    assert list(Event.objects.values_list("action", "actor", "subject")) == [
        ("user.first_admin", "system:operator", f"user:{ada.pk}")
    ]


def test_the_link_works_once():
    address = link()
    Client().post(address, ACCOUNT)

    assert Client().get(address).status_code == 404
    assert Client().post(address, ACCOUNT | {"username": "eve"}).status_code == 404
    assert list(User.objects.values_list("username", flat=True)) == ["ada"]
    assert link() == ""


def test_an_administrator_made_elsewhere_makes_the_link_worth_nothing():
    address = link()
    make_user(is_superuser=True)

    assert Client().post(address, ACCOUNT).status_code == 404


def test_the_first_administrator_reads_no_evidence():
    case = handed_off_case(make_role())
    Client().post(link(), ACCOUNT)

    assert list(access.cases_for(User.objects.get())) == []
    assert not access.may_decide(User.objects.get(), case)


@pytest.mark.parametrize("token", ["x", "first-admin", "first-admin~x~y"])
def test_a_link_that_the_desk_did_not_print_is_none(token):
    assert Client().get(f"/set-up/{token}/").status_code == 404


@pytest.mark.parametrize("signed", [{"salt": "another"}, {"salt": setup.SALT, "key": "another"}])
def test_a_link_that_somebody_else_signed_is_none(signed):
    token = TimestampSigner(**signed).sign("first-admin").replace(":", "~")

    assert Client().get(f"/set-up/{token}/").status_code == 404


def test_a_link_is_good_for_a_day(monkeypatch):
    address = link()
    monkeypatch.setattr(setup, "VALID_SECONDS", -1)

    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"password2": "something else"},
        {"password1": "short", "password2": "short"},
        {"password1": "password1234", "password2": "password1234"},
        {"username": ""},
        {"username": "a\x00b"},
    ],
)
def test_an_account_that_is_none_is_asked_for_again(changes):
    answer = Client().post(link(), ACCOUNT | changes)

    assert (answer.status_code, User.objects.count()) == (422, 0)
