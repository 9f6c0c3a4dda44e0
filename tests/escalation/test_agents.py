"""Agents and their keys, on the page and from the shell."""

import json
import re
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client

from escalation import keys, ledger, resume
from escalation.actors import OPERATOR
from escalation.models import Agent, AgentKey, Event
from tests.factories import NINE, make_agent, make_auditor, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
KEY = re.compile(r"rk_[0-9a-f]{8}_[\w-]{43}")


@pytest.fixture
def manager():
    user = make_user()
    user.user_permissions.add(Permission.objects.get(codename="change_agent"))
    return user


def told():
    return [(e.action, e.actor) for e in Event.objects.order_by("id")]


def test_the_page_is_for_those_who_run_the_desk(as_user):
    for other in (
        make_user(),
        make_reviewer(make_role()),
        make_auditor(),
        make_user(is_staff=True),
    ):
        assert as_user(other).get("/agents/").status_code == 403
    assert Client().get("/agents/").status_code == 302


def test_a_new_agent_gets_a_key_that_is_shown_once(as_user, manager):
    browser = as_user(manager)

    answer = browser.post("/agents/", {"name": "refunds-bot", "type": "refunds"})

    (text,) = set(KEY.findall(answer.content.decode()))
    agent = Agent.objects.get()
    assert (agent.name, agent.type) == ("refunds-bot", "refunds")
    assert keys.key_called(text, at=NINE).agent == agent
    assert resume.secret_text(agent) in answer.content.decode().replace("&#x3D;", "=")
    assert "no-store" in answer["Cache-Control"]
    assert told() == [("key.issued", f"user:{manager.pk}")]
    assert KEY.findall(browser.get("/agents/").content.decode()) == []


@pytest.mark.parametrize("name", ["", "two words", "refunds-bot", "a" * 65, "<b>"])
def test_a_name_that_is_none_is_asked_for_again(name, as_user, manager):
    make_agent("refunds-bot")

    answer = as_user(manager).post("/agents/", {"name": name})

    assert (answer.status_code, Agent.objects.count(), AgentKey.objects.count()) == (422, 1, 0)


def test_a_key_is_revoked_on_the_page(as_user, manager):
    key, text = keys.issue_key(make_agent(), by=OPERATOR, at=NINE)

    answer = as_user(manager).post(f"/agents/keys/{key.pk}/revocation/")

    assert answer["Location"] == "/agents/"
    assert keys.key_called(text, at=NINE) is None
    assert told()[-1] == ("key.revoked", f"user:{manager.pk}")


def test_keys_are_changed_only_by_posts_of_those_who_may(as_user, manager):
    key, text = keys.issue_key(make_agent("a"), by=OPERATOR, at=NINE)
    addresses = ["/agents/a/keys/", f"/agents/keys/{key.pk}/revocation/"]

    assert [as_user(manager).get(address).status_code for address in addresses] == [405, 405]
    assert [as_user(make_user()).post(address).status_code for address in addresses] == [403, 403]
    assert as_user(manager).post("/agents/nobody/keys/").status_code == 404
    assert keys.key_called(text, at=NINE) == key


def test_another_key_for_the_same_agent_leaves_the_first_one_valid(as_user, manager):
    _, first = keys.issue_key(make_agent("a"), by=OPERATOR, at=NINE)

    answer = as_user(manager).post("/agents/a/keys/")

    (second,) = set(KEY.findall(answer.content.decode()))
    assert keys.key_called(first, at=NINE) and keys.key_called(second, at=NINE)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_queries_however_many_there_are(
    count, as_user, manager, django_assert_num_queries
):
    for _ in range(count):
        keys.issue_key(make_agent(), by=OPERATOR, at=NINE)
    browser = as_user(manager)

    with django_assert_num_queries(9):
        browser.get("/agents/")


# From the shell ----------------------------------------------------------------------------------


def issue_agent_key(*arguments):
    out = StringIO()
    call_command("issue_agent_key", *arguments, stdout=out)
    return out.getvalue()


def test_issue_agent_key_makes_the_agent_and_prints_its_key_once():
    said = issue_agent_key("refunds-bot", "--type", "refunds")

    agent = Agent.objects.get()
    (text,) = KEY.findall(said)
    assert (agent.name, agent.type) == ("refunds-bot", "refunds")
    assert keys.key_called(text, at=NINE).agent == agent
    assert said == (
        f"Key of refunds-bot, shown only now:\n\n  {text}\n"
        f"Its callbacks are signed with:\n\n  {resume.secret_text(agent)}\n"
    )
    assert [ledger.Line.of(e).actor for e in Event.objects.all()] == ["system:operator"]


def test_issue_agent_key_gives_an_agent_another_key_for_programs():
    agent = make_agent("refunds-bot")

    printed = json.loads(issue_agent_key("refunds-bot", "--json"))

    key = AgentKey.objects.get()
    assert keys.key_called(printed.pop("key"), at=NINE) == key
    assert printed == {
        "agent": "refunds-bot",
        "prefix": key.prefix,
        "callback_secret": resume.secret_text(agent),
    }


@pytest.mark.parametrize("name", ["two words", "a" * 65, "é", ""])
def test_issue_agent_key_refuses_a_name_that_is_none(name):
    with pytest.raises(CommandError):
        issue_agent_key(name)

    assert Agent.objects.count() == 0
