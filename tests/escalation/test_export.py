"""Histories as files: one that can be checked without the desk, one that is safe to look at."""

import csv
import hashlib
import hmac
import io
import json
from datetime import timedelta
from io import StringIO

import pytest
import rfc8785
from django.core.management import CommandError, call_command

from escalation import export, intake, ledger, lifecycle
from escalation.models import Disclosure, Event
from tests.factories import (
    NINE,
    decided_case,
    handed_off_case,
    make_reviewer,
    make_role,
    package,
    package_with,
)

pytestmark = pytest.mark.django_db


def written(lines):
    return "".join(lines(export.decided_cases()))


def problems_of(text):
    """Check an export as docs/record.md tells an auditor to: with nothing but the file."""
    for line in text.splitlines():
        for event in json.loads(line)["events"]:
            body = json.loads(event["body"])
            if hashlib.sha256(b"\0" + event["body"].encode()).hexdigest() != event["leaf"]:
                yield f"leaf of {body['action']}"
            if event["private"].keys() != body["private"].keys():
                yield f"names of {body['action']}"
            for name, kept in event["private"].items():
                if kept:
                    salt, value = bytes.fromhex(kept["salt"]), kept["value"].encode()
                    mac = "hmac-sha256:" + hmac.digest(salt, value, "sha256").hex()
                    if mac != body["private"][name]:
                        yield f"{name} of {body['action']}"


def test_a_line_of_jsonl_is_a_decided_case_with_its_whole_history():
    role = make_role("refunds")
    mara = make_reviewer(role, first_name="Mara", last_name="Lind")
    case = decided_case(role, "modify", by=mara, filled={"amount": "20.00"}, rationale="Half.")
    handed_off_case(role)

    (line,) = [json.loads(line) for line in written(export.jsonl).splitlines()]

    events = line.pop("events")
    (decision,) = line.pop("decisions")
    assert line == {
        "format": 1,
        "reference": case.reference,
        "case": str(case.pk),
        "agent": case.agent.name,
        "tenant": "nordic-retail",
        "stakes": "medium",
        "question": "Refund order W88 for $412.50?",
        "opened_at": "2026-11-20T09:00:00.000000Z",
        "digest": case.digest,
        "scope": "the whole desk",
    }
    assert decision == {
        "id": str(case.decisions.get().pk),
        "case": str(case.pk),
        "reference": case.reference,
        "option": "modify",
        "outcome": "modify",
        "permitted": True,
        "parameters": {"amount": "20.00"},
        "arguments": {"order": "W88", "amount": "20.00"},
        "reasons": [],
        "rationale": "Half.",
        "decided_by": {"kind": "person", "name": "Mara Lind", "role": "refunds"},
        "decided_at": "2026-11-20T09:01:00.000000Z",
        "overturns": None,
        "digest": case.digest,
    }
    assert [json.loads(event["body"])["action"] for event in events] == [
        "case.opened",
        "case.handed_off",
        "case.decided",
    ]


def test_a_file_can_be_checked_without_the_desk():
    decided_case(rationale="Zażółć \u2028\u2029\x85 😀")
    text = written(export.jsonl)

    assert list(problems_of(text)) == []
    assert list(problems_of(text.replace("approve", "approvd"))) == ["leaf of case.decided"]
    assert list(problems_of(text.replace("cus_19", "cus_91"))) == ["acting_for of case.opened"]


def test_an_erased_value_leaves_the_file_whole():
    decided_case(rationale="Half.")
    Disclosure.objects.filter(name="rationale").update(salt=None, value=None)

    text = written(export.jsonl)

    assert list(problems_of(text)) == []
    events = json.loads(text)["events"]
    assert events[-1]["private"]["rationale"] is None


def test_the_package_that_was_decided_on_is_the_one_whose_digest_is_exported():
    case = decided_case()

    digest = hashlib.sha256(rfc8785.dumps(intake.whole_package(case))).hexdigest()

    assert json.loads(written(export.jsonl))["decisions"][0]["digest"] == f"sha256:{digest}"


@pytest.mark.parametrize("count", [1, 3])
def test_an_export_costs_the_same_queries_however_long_it_is(count, django_assert_num_queries):
    for _ in range(count):
        decided_case()

    with django_assert_num_queries(5):
        assert len(list(export.jsonl(export.decided_cases()))) == count


def test_an_export_walks_page_by_page(monkeypatch):
    monkeypatch.setattr(export, "PAGE", 2)
    cases = [decided_case() for _ in range(5)]

    lines = list(export.jsonl(export.decided_cases()))

    assert [json.loads(line)["reference"] for line in lines] == [c.reference for c in cases]


# CSV ---------------------------------------------------------------------------------------------


def rows():
    text = written(export.rows_csv)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_a_row_of_csv_is_a_decision():
    role = make_role("refunds")
    mara = make_reviewer(role, first_name="Mara", last_name="Lind")
    case = decided_case(role, "modify", by=mara, filled={"amount": "20.00"}, rationale="Half.")
    lifecycle.mark_resumed(case.pk, "succeeded", by=case.agent, at=NINE)

    assert dict(zip(*rows(), strict=True)) == {
        "reference": case.reference,
        "case": str(case.pk),
        "agent": case.agent.name,
        "tenant": "nordic-retail",
        "role": "refunds",
        "stakes": "medium",
        "question": "Refund order W88 for $412.50?",
        "action": "issue_refund",
        "amount": "412.50",
        "currency": "USD",
        "opened_at": "2026-11-20T09:00:00.000000Z",
        "decided_at": "2026-11-20T09:01:00.000000Z",
        "option": "modify",
        "outcome": "modify",
        "permitted": "yes",
        "decided_by_kind": "person",
        "decided_by": "Mara Lind",
        "reasons": "",
        "rationale": "Half.",
        "parameters": '{"amount": "20.00"}',
        "arguments": '{"order": "W88", "amount": "20.00"}',
        "digest": case.digest,
        "decision": str(case.decisions.get().pk),
        "overturns": "",
        "resumed": "succeeded",
        "scope": "the whole desk",
    }


def test_hostile_text_stays_in_its_cell():
    hostile = '=HYPERLINK("http://evil.example","x"),\r\n"next",=1'
    decided_case(sent=package_with("/question/text", hostile), rationale=hostile)

    header, row = rows()

    assert len(header) == len(row)
    shown = """'=HYPERLINK("http://evil.example","x"),\r\n"next",'=1"""
    assert row[header.index("question")] == row[header.index("rationale")] == shown


def test_a_negative_amount_stays_a_number():
    decided_case(sent=package_with("/proposal/amount/amount", "-12.50"))

    header, row = rows()

    assert row[header.index("amount")] == "-12.50"


def test_an_empty_desk_exports_a_header_and_nothing_else():
    assert rows() == [export.COLUMNS]
    assert written(export.jsonl) == ""


# The command -------------------------------------------------------------------------------------


def export_decisions(*arguments):
    out = StringIO()
    call_command("export_decisions", *map(str, arguments), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("chosen", "lines"), [("jsonl", 2), ("csv", 3)])
def test_export_decisions_writes_a_new_file_and_says_so_on_the_record(tmp_path, chosen, lines):
    for _ in range(2):
        decided_case()
    target = tmp_path / f"decisions.{chosen}"

    said = export_decisions("--format", chosen, "--to", target)

    assert said == f"2 written to {target}.\n"
    assert len(target.read_text().splitlines()) == lines
    event = Event.objects.order_by("id").last()
    assert (event.action, event.actor, ledger.Line.of(event).facts) == (
        "audit.exported",
        "system:operator",
        {"filter": {}, "format": chosen, "scope": "the whole desk"},
    )


def test_export_decisions_takes_a_stretch_of_time(tmp_path):
    days = [decided_case(sent=package(), at=NINE + timedelta(days=day)) for day in range(3)]
    target = tmp_path / "two.jsonl"

    export_decisions(
        *("--since", "2026-11-21T10:01:00+01:00", "--until", "2026-11-22T09:01:00Z", "--to", target)
    )

    assert [json.loads(x)["reference"] for x in target.read_text().splitlines()] == [
        days[1].reference
    ]


def test_export_decisions_overwrites_nothing(tmp_path):
    target = tmp_path / "kept.jsonl"
    target.write_text("kept")

    with pytest.raises(CommandError, match=r"kept\.jsonl cannot be written: File exists\."):
        export_decisions("--to", target)

    assert target.read_text() == "kept"
    assert Event.objects.count() == 0


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-11-20", "is no instant with an offset, such as 2026-11-20T09:12:00Z"),
        ("2026-11-20T09:12:00", "is no instant with an offset, such as 2026-11-20T09:12:00Z"),
        ("2026-02-30T09:12:00Z", "is not a date that exists"),
    ],
)
def test_export_decisions_asks_for_an_instant_that_exists(tmp_path, since, said):
    with pytest.raises(CommandError, match=said):
        export_decisions("--since", since, "--to", tmp_path / "x")
