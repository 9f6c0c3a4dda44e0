"""What the database itself refuses, to the desk's own code and to whoever sits at its shell."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, ProgrammingError, connection, transaction

from escalation import attachments, grants, intake, keys, lifecycle
from escalation.actors import OPERATOR
from escalation.enums import HandoffReason
from escalation.models import Case, Decision, Handoff
from reviewers.memberships import leave_role
from tests.factories import (
    NINE,
    decide,
    handed_off_case,
    make_agent,
    make_calendar,
    make_reviewer,
    make_role,
    make_user,
    open_case,
    step,
)

pytestmark = pytest.mark.django_db
NEVER_DELETED = [*grants.ADD_ONLY, *grants.CHANGING]
ONLY_ADDED = "the record is only added to: {} on {} is refused"


@pytest.fixture
def full_record():
    """Return a case that has a row in every table of the record."""
    role = make_role(calendar=make_calendar((0, 480, 960)))
    reviewer = make_reviewer(role)
    case = handed_off_case(role)
    attachments.attach(case, ContentFile(b"Signed.", "n.txt"), "Note", by=case.agent, at=NINE)
    case.refresh_from_db()
    lifecycle.hold(case.pk, "Until the auditor calls.", by=reviewer, at=NINE)
    option = case.options.get(key="approve")
    case.answers.create(option=option, user=make_user(), digest=case.digest, answered_at=NINE)
    review(case, option, reviewer)
    decide(case, by=reviewer)
    lifecycle.mark_resumed(case.pk, "succeeded", by=case.agent, at=NINE)
    case.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in NEVER_DELETED:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] > 0, table
    return case


def review(case, option, reviewer):
    """Leave a row in each table of what people do on the way to a decision."""
    colleague, later = make_user(), NINE + timedelta(minutes=1)
    case.openings.create(user=reviewer, evidence=case.evidence.first(), opened_at=NINE)
    case.comments.create(kind="comment", text="Look.", said_by=reviewer, said_at=NINE)
    case.snoozes.create(user=reviewer, reason="Later.", began_at=NINE, until=later)
    case.opinion_requests.create(of=colleague, asked_by=reviewer, asked_at=NINE)
    case.needless.create(user=reviewer, said_at=NINE)
    case.incidents.create(
        kind="harm", text="Harm.", reported_by=reviewer, reported_at=NINE, notify_by=later
    )
    case.releases.create(
        option=option, digest=case.digest, signed_by=reviewer, signed_at=NINE, due_at=later
    )


@pytest.fixture
def desk_role():
    """Return a database role of its own with the rights that the desk's login has."""
    role = f'"desk-{uuid4().hex}"'
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role}")
        for statement in grants.statements(role):
            cursor.execute(statement)
    return role


@contextmanager
def acting_as(role):
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


def refusal(statement, *values):
    """Return the first line of what the database says to a statement that it refuses."""
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        connection.cursor().execute(statement, values)
    return str(refused.value).splitlines()[0]


def a_column(table):
    with connection.cursor() as cursor:
        names = [
            column.name for column in connection.introspection.get_table_description(cursor, table)
        ]
    return next(name for name in names if name not in ("id", *grants.CHANGING.get(table, [])))


# Triggers stop the owner too ---------------------------------------------------------------------


def test_no_row_of_the_record_is_changed(full_record):
    said = {
        table: refusal(f"UPDATE {table} SET {a_column(table)} = {a_column(table)}")
        for table in grants.ADD_ONLY
    }

    assert said == {table: ONLY_ADDED.format("UPDATE", table) for table in grants.ADD_ONLY}


def test_no_row_of_the_record_is_deleted(full_record):
    said = {table: refusal(f"DELETE FROM {table}") for table in NEVER_DELETED}

    assert said == {table: ONLY_ADDED.format("DELETE", table) for table in NEVER_DELETED}


def test_no_table_of_the_record_is_emptied(full_record):
    said = {table: refusal(f"TRUNCATE {table} CASCADE") for table in NEVER_DELETED}

    beginning = "the record is only added to: TRUNCATE on escalation_"
    assert {table: text.startswith(beginning) for table, text in said.items()} == dict.fromkeys(
        NEVER_DELETED, True
    )


ERASED, ENDED = (
    "a private value can only be erased",
    "a handoff is seen, claimed and ended, each once",
)
TOLD = "what an agent is told is never changed"
CLOCKED = "a clock is breached once, and stopped once"
PAUSED = "a pause can only be ended, once"
KEPT = "a case keeps what it was opened with, and its end"


CHANGES = {
    "escalation_disclosure SET value = '\\x00'": ERASED,
    "escalation_disclosure SET name = 'x', salt = NULL, value = NULL": ERASED,
    "escalation_handoff SET ended_at = now()": ENDED,
    "escalation_delivery SET body = '\\x00'": TOLD,
    "escalation_delivery SET url = 'https://evil.example/'": TOLD,
    "escalation_delivery SET webhook_id = 'msg_2'": TOLD,
    "escalation_case SET status = 'withdrawn'": KEPT,
    "escalation_case SET number = 7": KEPT,
    "escalation_case SET idempotency_key = 'x'": KEPT,
    "escalation_case SET request_digest = 'x'": KEPT,
    "escalation_case SET created_at = now()": KEPT,
    "escalation_case SET question = 'Refund nothing?'": KEPT,
    "escalation_case SET tenant = 'x', stakes = 'low'": KEPT,
    "escalation_case SET state = '{}'": KEPT,
    "escalation_case SET approvals = 0": KEPT,
    "escalation_case SET terms_id = NULL": KEPT,
    "escalation_clock SET seconds = 1": CLOCKED,
    "escalation_clock SET stopped_at = NULL": CLOCKED,
    "escalation_pause SET ended_at = NULL": PAUSED,
    "escalation_handoff SET seen_at = NULL, claimed_at = NULL, ended_at = now()": ENDED,
}


def test_what_may_change_of_a_row_changes_only_as_it_may(full_record):
    assert {change: refusal(f"UPDATE {change}") for change in CHANGES} == CHANGES


@pytest.mark.parametrize("column", ["role_id", "reason", "note", "started_at", "due_at", "case_id"])
def test_a_current_handoff_changes_in_nothing_but_its_end(column):
    handed_off_case(make_role())
    other = {
        "role_id": make_role().pk,
        "reason": "default",
        "note": "changed",
        "started_at": NINE.replace(hour=8),
        "due_at": NINE,
        "case_id": open_case().pk,
    }

    said = refusal(f"UPDATE escalation_handoff SET {column} = %s", other[column])

    assert said == "a handoff is seen, claimed and ended, each once"


def test_a_private_value_is_erased_whole(full_record):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE escalation_disclosure SET salt = NULL, value = NULL")
        assert cursor.rowcount > 0

    with pytest.raises(IntegrityError, match="disclosure_whole_or_erased"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO escalation_disclosure (event_id, name, salt)"
            " SELECT id, 'half', 'x' FROM escalation_event LIMIT 1"
        )


# Grants stop the desk's login even where the triggers are gone ------------------------------------


ACTS = ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]


def test_the_desks_login_may_not_change_the_record(full_record, desk_role):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    said = {}
    for table in NEVER_DELETED:
        for act in ACTS:
            statement = act.format(table, column=a_column(table))
            with acting_as(desk_role):
                said[statement] = (table, refusal(statement))

    assert len(said) == len(NEVER_DELETED) * len(ACTS)
    for statement, (table, refused) in said.items():
        assert refused == f"permission denied for table {table}", statement


def test_the_desks_login_may_not_take_the_triggers_away(full_record, desk_role):
    with acting_as(desk_role):
        assert [
            refusal("ALTER TABLE escalation_event DISABLE TRIGGER ALL"),
            refusal("SET session_replication_role = replica"),
            refusal("DROP TRIGGER event_refuse ON escalation_event"),
        ] == [
            "must be owner of table escalation_event",
            'permission denied to set parameter "session_replication_role"',
            "must be owner of relation escalation_event",
        ]


def test_the_desk_does_all_of_its_work_with_these_rights(desk_role):
    with acting_as(desk_role):
        agent, higher = make_agent(), make_role()
        role = make_role(higher_role=higher)
        reviewer = make_reviewer(role)
        key, _ = keys.issue_key(agent, by=OPERATOR, at=NINE)
        case = handed_off_case(role, by=agent)
        case = intake.add_steps(case, {"steps": [step("s3")]}, by=agent, at=NINE)
        decide(case, by=reviewer)
        lifecycle.mark_resumed(case.pk, "succeeded", by=agent, at=NINE)
        lifecycle.withdraw(open_case(by=agent).pk, "x", by=agent, at=NINE)
        keys.revoke_key(key, by=OPERATOR, at=NINE)
        leave_role(role, reviewer, by=OPERATOR, at=NINE)

    assert list(Case.objects.order_by("id").values_list("status", flat=True)) == [
        "decided",
        "withdrawn",
    ]


def test_the_desks_own_login_has_these_rights_and_no_more():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, array_agg(privilege_type::text ORDER BY privilege_type)"
            " FROM information_schema.role_table_grants"
            " WHERE grantee = %s AND table_name = ANY(%s) GROUP BY table_name",
            [settings.DESK_DATABASE_ROLE, NEVER_DELETED],
        )
        found = dict(cursor.fetchall())

    adding = dict.fromkeys([*grants.ADD_ONLY, *grants.CHANGING], ["INSERT", "SELECT"])
    assert found == adding


# Constraints -------------------------------------------------------------------------------------


def refused_by(constraint):
    return pytest.raises(IntegrityError, match=constraint)


def a_decision(case, **changes):
    """Return a person's approval of ``case``, not yet stored, but for ``changes``."""
    given = {
        "case": case,
        "option": case.options.get(key="approve"),
        "outcome": "approve",
        "permitted": True,
        "kind": "person",
        "decided_by": make_reviewer(case.role),
        "role": case.role,
        "decided_at": NINE,
        "digest": case.digest,
    }
    given |= changes
    return Decision(arguments={"order": "W88"} if given["permitted"] else None, **given)


BY_FALLBACK = {
    "kind": "fallback",
    "decided_by": None,
    "option": None,
    "outcome": "no_answer",
    "permitted": False,
    "fallback": "deny",
    "policy": "Standard, version 1",
}


@pytest.mark.parametrize("changes", [{}, BY_FALLBACK])
def test_a_person_approves_and_a_fallback_gives_no_answer(changes):
    a_decision(handed_off_case(make_role()), **changes).save()


@pytest.mark.parametrize(
    "changes",
    [
        BY_FALLBACK | {"permitted": True},
        BY_FALLBACK | {"outcome": "approve"},
        BY_FALLBACK | {"outcome": "approve", "permitted": True},
        BY_FALLBACK | {"outcome": "modify", "permitted": True},
        BY_FALLBACK | {"outcome": "reject"},
        {"kind": "fallback"},
        {"outcome": "reject"},
        {"outcome": "other"},
        {"permitted": False},
        {"decided_by": None},
        {"option": None},
        {"outcome": "no_answer", "permitted": False},
        {"outcome": "escalate", "permitted": False},
    ],
)
def test_nothing_but_a_person_who_approves_means_yes(changes):
    decision = a_decision(handed_off_case(make_role()), **changes)

    with refused_by("decision_"):
        decision.save()


def test_a_fallback_cannot_carry_an_option():
    case = handed_off_case(make_role())

    with refused_by("decision_person_or_no_answer"):
        a_decision(case, **BY_FALLBACK | {"option": case.options.get(key="reject")}).save()


def test_two_decisions_cannot_stand_on_one_case():
    case = handed_off_case(make_role())
    a_decision(case).save()

    with refused_by("decision_first_once"):
        a_decision(case).save()


def test_a_decision_is_overturned_once():
    case = handed_off_case(make_role())
    first = a_decision(case)
    first.save()
    a_decision(case, overturns=first).save()

    with refused_by("overturns"):
        a_decision(case, overturns=first).save()


def test_a_case_has_one_current_handoff():
    role = make_role()
    case = handed_off_case(role)

    with refused_by("handoff_current"):
        Handoff.objects.create(case=case, role=role, reason=HandoffReason.DEFAULT, started_at=NINE)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("case_in_hands_has_a_role", {"status": "awaiting"}),
        ("case_in_hands_has_a_role", {"status": "held"}),
        ("case_ended_at_when_ended", {"status": "withdrawn"}),
        ("case_ended_at_when_ended", {"ended_at": NINE}),
    ],
)
def test_a_case_is_in_hands_or_ended_as_it_says(constraint, changes):
    case = open_case()

    with refused_by(constraint):
        Case.objects.filter(pk=case.pk).update(**changes)


def test_a_role_is_not_its_own_higher_role():
    role = make_role()
    role.higher_role = role

    with refused_by("role_not_its_own_higher"):
        role.save(update_fields=["higher_role"])
