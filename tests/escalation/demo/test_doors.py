"""A demo's accounts exist only in a demo: on its data without it, every door is shut to them."""

import pytest
from allauth.account.adapter import get_adapter
from django.core.management import call_command
from django.urls import reverse
from django.utils.timezone import now

from escalation import access, health, keys, people
from escalation.actors import OPERATOR
from escalation.demo import cast, doors
from escalation.models import Agent, User
from escalation.views import setup
from reviewers import feeds
from reviewers.chat import answering
from reviewers.enums import ContactKind
from reviewers.models import ContactPoint

pytestmark = pytest.mark.django_db
NAMES = "admin, auditor, manager, reviewer"


@pytest.fixture
def four() -> dict[str, User]:
    """The four sign-ins, as ``load_demo`` makes them."""
    made = {
        person.username: User.objects.create_user(
            person.username, person.email, person.username, has_demo_password=True
        )
        for person in cast.SIGN_INS
    }
    User.objects.filter(username="admin").update(is_staff=True, is_superuser=True)
    return made


def sign_in(client, name: str, password: str) -> bool:
    client.post("/sign-in/", {"username": name, "password": password})
    return "_auth_user_id" in client.session and client.get("/account/").status_code == 200


@pytest.mark.parametrize("name", ["reviewer", "manager", "auditor", "admin"])
def test_the_four_passwords_open_a_demo_and_nothing_else(client, four, settings, name):
    settings.DEMO = False
    refused = client.post("/sign-in/", {"username": name, "password": name})
    assert refused.status_code == 422
    assert "do not go together, or the account is closed" in refused.content.decode()
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/").status_code == 302

    settings.DEMO = True
    assert sign_in(client, name, name)


def test_a_session_of_the_demo_ends_with_it_and_holds_nothing_meanwhile(client, four, settings):
    settings.DEMO = True
    assert sign_in(client, "admin", "admin")
    assert client.get("/admin/", follow=True).status_code == 200

    settings.DEMO = False

    for path in ("/account/", "/admin/", "/"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer["Location"].partition("?")[0] in ("/sign-in/", "/admin/login/")
    assert access.rights(User.objects.get(username="admin")) == access.NOTHING


def test_no_other_way_lets_them_in(client, rf, four, settings):
    settings.DEMO = True
    reviewer = four["reviewer"]
    link = people.one_time_link(reviewer, by=OPERATOR, at=now())
    secret = feeds.make_feed(reviewer, None, by=reviewer, at=now())
    ContactPoint.objects.create(
        user=reviewer, kind=ContactKind.SLACK, address="U1", confirmed_at=now()
    )
    assert client.get(link).status_code == 200
    assert answering.person("U1") == reviewer

    settings.DEMO = False

    assert client.get(link).status_code == 404
    assert feeds.feed_called(secret, at=now()) is None
    assert answering.person("U1") is None
    refused = get_adapter().pre_login(  # which passkeys and single sign-on pass too
        rf.get("/"), reviewer, email_verification="none", signal_kwargs=None, email=None,
        signup=False, redirect_url=None,
    )  # fmt: skip
    assert refused.status_code >= 400


def test_an_account_with_a_password_of_its_own_is_its_persons(client, four, settings):
    settings.DEMO = False
    four["reviewer"].set_password("a long one of my own")
    four["reviewer"].save()

    assert sign_in(client, "reviewer", "a long one of my own")
    assert doors.accounts() == ["admin", "auditor", "manager"]


def test_a_rehash_of_the_demos_password_makes_it_nobodys_own(four):
    four["reviewer"].set_password("reviewer")

    assert four["reviewer"].has_demo_password


def test_nobody_else_is_shut_out(client, settings):
    settings.DEMO = False
    User.objects.create_user("reviewer", password="a long one of my own")

    assert sign_in(client, "reviewer", "a long one of my own")


def test_the_key_of_the_demos_agent_opens_a_demo_alone(settings):
    agent = Agent.objects.create(name=cast.AGENT, type=cast.AGENT_TYPE)
    _, text = keys.issue_key(agent, by=OPERATOR, at=now())
    _, other = keys.issue_key(Agent.objects.create(name="refunds"), by=OPERATOR, at=now())

    settings.DEMO = False
    assert keys.key_called(text, at=now()) is None
    assert keys.key_called(other, at=now()) is not None
    settings.DEMO = True
    assert keys.key_called(text, at=now()) is not None


def test_a_desk_on_a_demos_data_has_no_administrator_and_gets_a_first_one(client, four, settings):
    settings.DEMO = True
    assert not setup.is_empty()
    settings.DEMO = False
    assert setup.is_empty()
    assert client.get(f"/set-up/{setup.token()}/").status_code == 200


def test_doctor_and_readyz_say_how_it_is(client, four, settings):
    settings.DEMO = False
    shut = doors.SHUT.format(names=NAMES)
    assert shut in health.warnings(at=now())
    assert client.get(reverse("readyz")).json()["demo"] == shut

    settings.DEMO = True
    opened = doors.OPEN.format(names=NAMES)
    assert shut not in health.warnings(at=now())
    assert opened in health.notes(at=now())
    assert client.get(reverse("readyz")).json()["demo"] == opened


def test_a_desk_without_a_demos_data_says_nothing_of_one(client, settings):
    settings.DEMO = False

    assert "demo" not in client.get(reverse("readyz")).json()
    assert doors.warnings(at=now()) == doors.notes(at=now()) == []


def test_load_demo_marks_the_four_and_nobody_else(settings, tmp_path):
    settings.DEMO, settings.VAR = True, tmp_path
    call_command("load_demo", verbosity=0)

    assert ", ".join(doors.accounts()) == NAMES
    assert User.objects.filter(has_demo_password=True).count() == 4
