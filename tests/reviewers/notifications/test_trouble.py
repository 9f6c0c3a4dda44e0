from datetime import timedelta

import pytest
from django.core.management import call_command

from escalation import health
from reviewers import profiles
from reviewers.enums import NoticeKind
from reviewers.models import ContactPoint, Notice
from reviewers.notices import inbox
from reviewers.notifications import trouble
from tests.factories import NINE, make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def kim():
    user = make_user("kim", first_name="Kim")
    profiles.add_contact(user, "webhook", "https://bank.example/kim")
    profiles.add_contact(user, "ntfy", "https://ntfy.sh/kim")
    return user


def kill(kind, error="answered 404"):
    ContactPoint.objects.filter(kind=kind).update(dead_since=NINE, last_error=error)


def test_ways_that_work_are_nothing_to_warn_of(kim):
    assert trouble.warnings(at=NINE) == []


def test_a_dead_way_is_named_with_its_person_and_the_reason(kim):
    kill("webhook")

    assert trouble.warnings(at=NINE) == [
        "Kim's Webhook has been dead since 20 November 2026 09:00 UTC: answered 404"
    ]


def test_whoever_is_left_without_a_way_that_works_is_named(kim):
    kill("webhook")
    ContactPoint.objects.filter(kind="ntfy").update(kind="slack", address="U024BE7LH")

    assert trouble.warnings(at=NINE)[1:] == ["No way that Kim named works."]


def test_somebody_who_left_is_nothing_to_warn_of(kim):
    kill("webhook")
    type(kim).objects.update(is_active=False)

    assert trouble.warnings(at=NINE) == []


def test_what_could_be_sent_no_way_is_counted_for_a_day_or_until_it_is_seen(kim):
    for about in "ab":
        inbox.tell(kim, NoticeKind.CASE, about=about, text="A case.", at=NINE)
    Notice.objects.update(status="failed")

    assert trouble.warnings(at=NINE) == [
        "2 notices of the last day could be sent no way, and stand unseen on the desk."
    ]
    assert trouble.warnings(at=NINE + timedelta(days=1)) == []
    Notice.objects.update(seen_at=NINE)
    assert trouble.warnings(at=NINE) == []


def test_what_is_not_set_up_is_said_with_its_settings(settings):
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example", "desk@bank.example"

    said = trouble.notes(at=NINE)

    assert said[0].startswith("People can be told by E-mail, Teams, ntfy, Webhook")
    assert "Slack is not set up: SLACK_BOT_TOKEN." in said
    assert not any(one.startswith("E-mail") for one in said)


def test_people_who_can_be_told_on_the_desk_only_are_counted(kim):
    make_reviewer(make_role())

    assert trouble.notes(at=NINE)[-1] == (
        "One person of a role has named no way to be reached: told on this desk only."
    )


def test_the_operator_is_told_by_a_command(kim, capsys):
    kill("webhook")

    call_command("say_warnings")

    assert "Kim's Webhook has been dead since" in capsys.readouterr().out
    assert health.warnings(at=NINE) != []
