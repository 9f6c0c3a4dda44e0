import hashlib
import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import rfc8785
from django.db import connection

from escalation import intake, ledger, lifecycle, storing
from escalation.enums import EffectKind
from escalation.errors import CaseClosed, CaseTooLarge, IdempotencyKeyReused, PackageRejected
from escalation.models import Case, Effect, Event, Evidence, Package
from tests.factories import (
    ABSENT,
    NINE,
    PACKAGE,
    decided_case,
    make_agent,
    make_role,
    open_case,
    package,
    package_with,
    step,
)

pytestmark = pytest.mark.django_db


def digest_of(value):
    return f"sha256:{hashlib.sha256(rfc8785.dumps(value)).hexdigest()}"


def columns(queryset, *names):
    return list(queryset.values_list(*names))


def test_a_case_holds_what_lists_and_routes_read_of_the_package():
    agent = make_agent()

    case = Case.objects.get(pk=open_case(by=agent, key="k-1").pk)

    assert {
        name: getattr(case, name) for name in storing.COLUMNS if name not in ("id", "number")
    } == {
        "agent_id": agent.pk,
        "idempotency_key": "k-1",
        "request_digest": digest_of(PACKAGE),
        "status": "open",
        "stakes": "medium",
        "role_wish": "refunds-compliance",
        "question": "Refund order W88 for $412.50?",
        "recommended": "approve",
        "action": "issue_refund",
        "categories": ["money_movement"],
        "amount": 412.5,
        "currency": "USD",
        "moves_money": True,
        "language": "",
        "approvals": 1,
        "tenant": "nordic-retail",
        "user_id": "cus_19",
        "run": "thread-8841",
        "batch": "",
        "agent_version": "refunds-2.3.1",
        "digest": digest_of(PACKAGE),
        "callback_url": "https://agent.example/hooks/decisions",
        "created_at": NINE,
    }
    assert (case.role, case.version, case.state, case.due_at, case.ended_at) == (
        None,
        1,
        {"thread": 8841, "node": "refund"},
        None,
        None,
    )


def test_the_package_is_kept_byte_for_byte_as_rfc_8785_has_it():
    case = open_case()

    (stored,) = case.packages.all()

    assert (stored.version, bytes(stored.body), stored.digest, stored.received_at) == (
        1,
        rfc8785.dumps(PACKAGE),
        digest_of(PACKAGE),
        NINE,
    )
    assert intake.whole_package(case) == PACKAGE


def test_evidence_firings_and_options_are_rows_as_they_were_sent():
    case = open_case()
    first, second = PACKAGE["steps"]
    (fired,) = PACKAGE["triggers"]

    assert columns(
        case.evidence, "position", "key", "kind", "name", "duration_ms", "must_read", "body"
    ) == [
        (1, "s1", "tool_call", "get_order", 41, True, first),
        (2, "s2", "conclusion", "", None, False, second),
    ]
    assert columns(
        case.firings, "position", "type", "name", "observed", "operator", "threshold", "detail"
    ) == [(1, "confidence", "refund_classification", 0.62, "<", 0.8, fired["detail"])]
    assert columns(case.options, "position", "key", "outcome", "parameters", "consequences") == [
        (n, o["key"], o["outcome"], o.get("parameters"), o["consequences"])
        for n, o in enumerate(PACKAGE["question"]["options"], 1)
    ]


def test_the_least_package_leaves_the_rest_empty():
    sent = package(
        run=ABSENT, steps=ABSENT, proposal=None, resume=ABSENT, stakes=ABSENT, role=ABSENT,
        agent_version=ABSENT, identity={},
    )  # fmt: skip

    case = Case.objects.get(pk=open_case(sent).pk)

    empty = ["run", "role_wish", "action", "currency", "tenant", "user_id", "callback_url"]
    assert {getattr(case, name) for name in empty} == {""}
    assert (case.stakes, case.amount, case.state) == ("medium", None, None)
    assert list(case.evidence.all()) == []


@pytest.mark.parametrize("observed", [None, False, 0, "", [], {"a": [None]}, 0.1, 1e22, "😀"])
def test_any_json_observed_is_kept_as_it_is(observed):
    case = open_case(package_with("/triggers/0/observed", observed))

    assert case.firings.get().observed == observed


def test_null_and_absent_are_told_apart_where_it_is_kept():
    sent = package(steps=[step("null", output=None), step("absent")])

    case = open_case(sent)

    assert [item.body for item in case.evidence.all()] == sent["steps"]
    assert intake.whole_package(case) == sent


@pytest.mark.parametrize(
    "state", [{"n": 1e22, "face": "😀"}, {"n": 1e16, "face": "😀"}, [1e-7], "", 0]
)
def test_a_state_comes_back_as_it_was(state):
    case = Case.objects.get(pk=open_case(package_with("/resume/state", state)).pk)

    assert case.state == state


@pytest.mark.parametrize("schema", [None, ABSENT])
def test_an_option_without_a_schema_takes_no_parameters(schema):
    case = open_case(package_with("/question/options/1/parameters", schema))

    assert case.options.get(key="modify").parameters is None


def test_opening_a_case_is_on_the_record_and_due_for_dispatch():
    agent = make_agent()

    case = open_case(by=agent)

    (line,) = ledger.history(case)
    assert (line.action, line.at, line.actor, line.facts, line.private) == (
        "case.opened",
        NINE,
        f"agent:{agent.pk}",
        {
            "reference": case.reference,
            "digest": case.digest,
            "stakes": "medium",
            "tenant": "nordic-retail",
            "agent_version": "refunds-2.3.1",
            "triggers": [["confidence", "refund_classification", "<"]],
            "wished": "refunds-compliance",
        },
        {
            "question": "Refund order W88 for $412.50?",
            "acting_for": "cus_19",
            "values": [[0.62, 0.8]],
        },
    )
    assert columns(Effect.objects, "kind", "target", "due_at", "done_at") == [
        (EffectKind.DISPATCH, case.pk, NINE, None)
    ]


def test_what_is_private_stands_in_no_event_in_the_open():
    case = open_case()

    body = bytes(Event.objects.get(subject=f"case:{case.pk}").body).decode()

    assert [word for word in ("Refund order", "cus_19", "0.62") if word in body] == []


def test_nothing_half_written_stays_of_a_package_that_is_refused():
    with pytest.raises(PackageRejected):
        open_case(package(question={}))

    assert [m.objects.count() for m in (Case, Package, Evidence, Effect, Event)] == [0] * 5


# The same post again -----------------------------------------------------------------------------


def test_the_same_key_and_body_answer_the_same_case_and_use_no_number():
    agent = make_agent()
    first = intake.open_case(package(), key="k", by=agent, at=NINE)

    again = intake.open_case(package(), key="k", by=agent, at=NINE + timedelta(hours=1))
    following = open_case(by=agent)

    assert (first.replayed, again.replayed, again.case.pk) == (False, True, first.case.pk)
    assert following.number == first.case.number + 1
    assert Case.objects.count() == 2


def test_a_body_that_only_looks_different_is_the_same_body():
    agent = make_agent()
    first = open_case(by=agent, key="k")
    reordered = dict(reversed(package().items()))
    reordered["triggers"][0]["observed"] = 6.2e-1

    assert open_case(reordered, by=agent, key="k").pk == first.pk


def test_the_same_key_with_another_body_is_refused():
    agent = make_agent()
    case = open_case(by=agent, key="k")

    with pytest.raises(IdempotencyKeyReused) as refusal:
        open_case(package(run="another"), by=agent, key="k")

    assert str(refusal.value) == (
        f"The key 'k' already opened {case.reference} with another body; use a new key."
    )
    assert Case.objects.get() == case


def test_a_replay_is_still_one_after_evidence_was_added():
    agent = make_agent()
    case = open_case(by=agent, key="k")
    intake.add_steps(case, {"steps": [step("s3")]}, by=agent, at=NINE)

    assert open_case(by=agent, key="k").pk == case.pk


def test_two_agents_may_use_the_same_key():
    assert open_case(key="k").pk != open_case(key="k").pk


@pytest.mark.django_db(transaction=True)
def test_equal_posts_at_one_instant_open_one_case():
    agent, together, opened = make_agent(), Barrier(8), []

    def post():
        together.wait()
        opened.append(intake.open_case(package(), key="k", by=agent, at=NINE))
        connection.close()

    posts = [Thread(target=post) for _ in range(8)]
    for thread in posts:
        thread.start()
    for thread in posts:
        thread.join()

    assert len({one.case.pk for one in opened}) == 1
    assert sorted(one.replayed for one in opened) == [False] + [True] * 7
    assert [model.objects.count() for model in (Case, Package, Effect)] == [1, 1, 1]


# Later evidence ----------------------------------------------------------------------------------


def test_added_evidence_gives_a_digest_that_the_posted_bodies_give_too():
    agent = make_agent()
    case = open_case(by=agent)
    more = [[step("s3")], [step("s4", output=1e16, text="😀"), step("s5")]]

    for steps in more:
        case = intake.add_steps(case, {"steps": steps}, by=agent, at=NINE + timedelta(minutes=1))

    whole = package(steps=[*PACKAGE["steps"], *more[0], *more[1]])
    assert (case.version, case.digest) == (3, digest_of(whole))
    assert intake.whole_package(case) == whole
    assert [json.loads(bytes(p.body)) for p in case.packages.all()] == [
        PACKAGE,
        {"steps": more[0]},
        {"steps": more[1]},
    ]
    assert columns(case.evidence, "position", "version", "key") == [
        (1, 1, "s1"),
        (2, 1, "s2"),
        (3, 2, "s3"),
        (4, 3, "s4"),
        (5, 3, "s5"),
    ]
    assert [(line.action, line.facts.get("steps")) for line in ledger.history(case)] == [
        ("case.opened", None),
        ("case.evidence_added", ["s3"]),
        ("case.evidence_added", ["s4", "s5"]),
    ]


def test_evidence_may_follow_a_package_that_had_none():
    agent = make_agent()
    case = open_case(package(steps=ABSENT), by=agent)

    case = intake.add_steps(case, {"steps": [step("s1")]}, by=agent, at=NINE)

    assert case.digest == digest_of(package(steps=[step("s1")]))


def test_a_step_key_is_taken_once_in_a_case_however_late():
    agent = make_agent()
    case = open_case(by=agent)

    with pytest.raises(PackageRejected, match="the case already has a step s2"):
        intake.add_steps(case, {"steps": [step("s2")]}, by=agent, at=NINE)

    assert Case.objects.get().version == 1


def test_the_size_limit_holds_over_all_versions(settings):
    agent = make_agent()
    case = open_case(by=agent)
    settings.PACKAGE_BYTES = len(rfc8785.dumps(PACKAGE)) + 200

    case = intake.add_steps(case, {"steps": [step("s3", text="x" * 50)]}, by=agent, at=NINE)
    with pytest.raises(CaseTooLarge):
        intake.add_steps(case, {"steps": [step("s4", text="x" * 50)]}, by=agent, at=NINE)

    assert Case.objects.get().version == 2


def test_a_case_holds_a_limited_number_of_steps(monkeypatch):
    monkeypatch.setattr(intake, "MOST_EVIDENCE", 3)
    agent = make_agent()
    case = intake.add_steps(open_case(by=agent), {"steps": [step("s3")]}, by=agent, at=NINE)

    with pytest.raises(CaseTooLarge, match="at most 3 steps"):
        intake.add_steps(case, {"steps": [step("s4")]}, by=agent, at=NINE)


def test_nothing_is_added_to_a_case_that_has_ended():
    agent = make_agent()
    decided = decided_case(make_role(), agent=agent)
    withdrawn = open_case(by=agent)
    lifecycle.withdraw(withdrawn.pk, "not needed", by=agent, at=NINE)

    for case, status in ((decided, "decided"), (withdrawn, "withdrawn")):
        with pytest.raises(CaseClosed) as refusal:
            intake.add_steps(case, {"steps": [step("s3")]}, by=agent, at=NINE)
        assert str(refusal.value) == (
            f"{case.reference} is {status}; evidence can no longer be added."
        )
