import hashlib
import hmac
import json
from datetime import timedelta, timezone
from io import StringIO

import pytest
import rfc8785
from django.core.management import CommandError, call_command
from django.db import connection

from escalation import ledger, verification
from escalation.actors import OPERATOR
from escalation.models import Disclosure, Event
from routing import fallback
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_agent,
    make_role,
    open_case,
    publish_policy,
    sla_facts,
)

pytestmark = pytest.mark.django_db


def tampered(statement, *values):
    """Change the record as somebody could who owns the database and takes its triggers away."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        assert cursor.rowcount >= 1
        cursor.execute("SET LOCAL session_replication_role = origin")


def an_event(**changes):
    given = {"subject": "desk", "by": OPERATOR, "at": NINE, "private": {"note": "x"}, "count": 3}
    return ledger.append("desk.tested", **(given | changes))


def all_events():
    return Event.objects.order_by("id").prefetch_related("disclosures")


# Writing -----------------------------------------------------------------------------------------


def test_an_event_is_canonical_json_with_its_own_hash():
    agent = make_agent()

    event = Event.objects.get(pk=an_event(by=agent, subject=agent, on_behalf_of="user:7").pk)

    (note,) = event.disclosures.all()
    body = {
        "version": 1,
        "action": "desk.tested",
        "at": "2026-11-20T09:00:00.000000Z",
        "actor": f"agent:{agent.pk}",
        "on_behalf_of": "user:7",
        "subject": f"agent:{agent.pk}",
        "facts": {"count": 3},
        "private": {"note": "hmac-sha256:" + hmac.digest(note.salt, b'"x"', "sha256").hex()},
    }
    assert bytes(event.body) == rfc8785.dumps(body)
    assert bytes(event.leaf) == hashlib.sha256(b"\x00" + rfc8785.dumps(body)).digest()
    assert (event.action, event.actor, event.subject, event.on_behalf_of, event.at) == (
        body["action"],
        body["actor"],
        body["subject"],
        body["on_behalf_of"],
        NINE,
    )
    assert (bytes(note.value), len(note.salt)) == (b'"x"', 32)


def test_an_event_knows_its_transaction():
    first, second = an_event(), an_event()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        (current,) = cursor.fetchone()
    xids = set(Event.objects.filter(pk__in=[first.pk, second.pk]).values_list("xid", flat=True))
    assert xids == {int(current)}


def test_equal_values_are_not_seen_to_be_equal():
    bodies = [json.loads(bytes(an_event().body))["private"]["note"] for _ in range(2)]

    assert bodies[0] != bodies[1]


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (NINE, "2026-11-20T09:00:00.000000Z"),
        (NINE.replace(microsecond=5), "2026-11-20T09:00:00.000005Z"),
        (NINE.astimezone(timezone(timedelta(hours=-5))), "2026-11-20T09:00:00.000000Z"),
    ],
)  # fmt: skip
def test_an_instant_is_written_in_utc_to_the_microsecond(at, written):
    assert ledger.instant(at) == written


def test_a_line_is_what_people_read():
    an_event(private={"note": {"a": [1]}, "none": None})

    (line,) = [ledger.Line.of(event) for event in all_events()]
    assert (line.action, line.at, line.actor, line.facts, line.private) == (
        "desk.tested",
        NINE,
        "system:operator",
        {"count": 3},
        {"note": {"a": [1]}, "none": None},
    )


def test_a_history_is_of_one_case_and_in_order():
    role = make_role()
    case, _other = decided_case(role), handed_off_case(role)

    assert [line.action for line in ledger.history(case)] == [
        "case.opened",
        "case.handed_off",
        "case.decided",
    ]


# Checking ----------------------------------------------------------------------------------------


def test_a_record_of_what_nobody_answered_is_whole():
    case = missed_case()

    assert verification.verify().problem == ""
    assert case.status == "decided"


def missed_case():
    """Return a case that a fallback denied, after each of its deadlines."""
    publish_policy(sla_facts({"do": "deny"}))
    case = handed_off_case(make_role())
    fallback.act(case.pk, at=NINE + timedelta(days=1))
    case.refresh_from_db()
    return case


def test_a_record_that_nobody_touched_is_whole():
    decided_case()

    assert ledger.first_break(all_events()) is None
    assert verification.verify() == verification.Verified(Event.objects.count(), "")


def test_erasing_a_value_leaves_the_record_whole_and_the_value_unknown():
    event = an_event()
    Disclosure.objects.filter(event=event).update(salt=None, value=None)

    (line,) = [ledger.Line.of(event) for event in all_events()]
    assert ledger.first_break(all_events()) is None
    assert line.private == {"note": None}


ALTERED = "its body is not the one that was hashed"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("body = convert_to(replace(convert_from(body, 'UTF8'), ':3', ':4'), 'UTF8')", ALTERED),
        ("leaf = decode(repeat('00', 32), 'hex')", ALTERED),
        ("action = 'desk.quiet'", "its column action says 'desk.quiet', its body 'desk.tested'"),
        ("actor = 'user:9'", "its column actor says 'user:9', its body 'system:operator'"),
        ("subject = 'case:9'", "its column subject says 'case:9', its body 'desk'"),
        ("on_behalf_of = 'user:9'", "its column on_behalf_of says 'user:9', its body ''"),
        (
            "at = at + interval '1 microsecond'",
            "its column at says '2026-11-20T09:00:00.000001Z', its body '2026-11-20T09:00:00.000000Z'",
        ),
    ],
)
def test_a_changed_event_is_the_first_break(change, problem):
    _before, event, _after = an_event(), an_event(), an_event()
    tampered(f"UPDATE escalation_event SET {change} WHERE id = %s", event.pk)

    assert ledger.first_break(all_events()) == ledger.Break(event.pk, problem)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            "UPDATE escalation_disclosure SET value = convert_to('\"y\"', 'UTF8') WHERE event_id = %s",
            "its private value note is not the one it commits to",
        ),
        (
            "DELETE FROM escalation_disclosure WHERE event_id = %s",
            "the private values beside it are not the ones it commits to",
        ),
        (
            "UPDATE escalation_disclosure SET name = 'other' WHERE event_id = %s",
            "the private values beside it are not the ones it commits to",
        ),
    ],
)
def test_a_changed_private_value_is_found(statement, problem):
    event = an_event()
    tampered(statement, event.pk)

    assert ledger.first_break(all_events()) == ledger.Break(event.pk, problem)


def test_verifying_walks_page_by_page(monkeypatch):
    monkeypatch.setattr(verification, "PAGE", 2)
    events = [an_event() for _ in range(5)]

    assert verification.verify() == verification.Verified(5, "")

    tampered("UPDATE escalation_event SET actor = 'x' WHERE id = %s", events[4].pk)
    assert verification.verify() == verification.Verified(
        4, f"event {events[4].pk}: its column actor says 'x', its body 'system:operator'"
    )


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("case.opened", "was opened"),
        ("case.handed_off", "was handed off"),
        ("case.decided", "was decided"),
    ],
)
def test_an_event_that_was_deleted_is_missed(action, sentence):
    is_missed_of(action, sentence, decided_case())


@pytest.mark.parametrize(
    ("action", "sentence"),
    [("case.fell_back", "was ended by a fallback"), ("clock.breached", "missed a deadline")],
)
def test_an_event_of_a_missed_deadline_that_was_deleted_is_missed(action, sentence):
    is_missed_of(action, sentence, missed_case())


def is_missed_of(action, sentence, case):
    decided_case()
    tampered("DELETE FROM escalation_disclosure USING escalation_event WHERE event_id = escalation_event.id"
             " AND subject = %s", f"case:{case.pk}")  # fmt: skip
    tampered(
        "DELETE FROM escalation_event WHERE subject = %s AND action = %s", f"case:{case.pk}", action
    )
    tampered("UPDATE escalation_event SET subject = subject")

    said = next(verification._missing())

    assert said == f"a missing event: case {case.pk} {sentence}, but no {action} says so"


def test_a_package_that_was_changed_is_found():
    case = open_case()
    tampered(
        "UPDATE escalation_package SET body = convert_to(replace(convert_from(body, 'UTF8'), '0.62', '0.92'),"
        " 'UTF8')"
    )

    assert verification.verify().problem == (
        f"{case.reference}: its package is not the one that {case.digest} names"
    )


def test_a_package_that_was_deleted_is_found():
    case = open_case()
    tampered("DELETE FROM escalation_package")

    assert verification.verify().problem.startswith(f"{case.reference}: its package is not the one")


# The command -------------------------------------------------------------------------------------


def verify_ledger(**options):
    out = StringIO()
    try:
        call_command("verify_ledger", stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_verify_ledger_says_that_the_record_is_whole():
    an_event()

    assert verify_ledger() == ("The record is whole: 1 events.\n", 0)
    assert verify_ledger(json=True) == ('{"events": 1, "problem": null}\n', 0)


def test_verify_ledger_fails_at_the_first_break_and_names_it():
    an_event()
    event = an_event()
    tampered("UPDATE escalation_event SET actor = 'x' WHERE id = %s", event.pk)
    problem = f"event {event.pk}: its column actor says 'x', its body 'system:operator'"

    with pytest.raises(CommandError) as refused:
        verify_ledger()

    assert (str(refused.value), refused.value.returncode) == (
        f"The record is broken at {problem}.",
        1,
    )
    printed, code = verify_ledger(json=True)
    assert (json.loads(printed), code) == ({"events": 1, "problem": problem}, 1)
