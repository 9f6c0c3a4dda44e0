import threading
import time

import pytest
import recourse.desk
from recourse import (
    Conflict,
    Desk,
    Forbidden,
    NoDecisionYet,
    NotFound,
    Package,
    Problem,
    RateLimited,
    Refused,
    Rejected,
    Unauthorised,
    Unreachable,
    Withdrawn,
)

from tests.sdk.scripted import CASE, DECISION, Answer, free_port, problem, scripted

OPENED = Answer(201, CASE)
DECIDED = Answer(200, DECISION)
NOT_YET = Answer(204, headers={"Retry-After": "0"})
DROPPED = Answer(dropped=True)


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(recourse.desk, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(recourse.desk, "LONGEST_PAUSE", 0.02)


@pytest.fixture
def connect():
    opened = []

    def to(server, **options):
        opened.append(Desk(getattr(server, "url", server), "rk_1", **options))
        return opened[-1]

    yield to
    for one in opened:
        one.close()


def test_open_sends_the_package_with_the_key_and_reads_the_case(connect):
    with scripted(OPENED) as server:
        case = connect(server).open(
            {"question": {"text": "Refund?"}}, idempotency_key="run-1:refund"
        )

    (call,) = server.calls
    assert (call.method, call.path) == ("POST", "/api/v1/cases")
    assert call.headers["authorization"] == "Bearer rk_1"
    assert call.headers["content-type"] == "application/json"
    assert call.headers["idempotency-key"] == "run-1:refund"
    assert server.said() == {"question": {"text": "Refund?"}}
    assert (case.reference, case.status, case.replayed) == ("ESC-1042", "awaiting", False)
    assert case.raw == CASE


def test_an_answer_is_sent_once_and_what_was_asked_is_read(connect):
    pause = {
        "reason": "information_requested",
        "asked": "Which address?",
        "since": "2026-03-02T09:00:00Z",
        "until": None,
    }
    asked = Answer(200, CASE | {"status": "information_requested", "pause": pause})
    with scripted(asked, Answer(201, CASE), DROPPED) as server:
        client = connect(server)
        assert client.case("ESC-1042").pause.asked == "Which address?"
        assert client.answer("ESC-1042", "The old one.").pause is None
        with pytest.raises(Unreachable):
            client.answer("ESC-1042", "The old one.")

    assert [call.path for call in server.calls[1:]] == ["/api/v1/cases/ESC-1042/answers"] * 2


def test_open_without_a_key_takes_the_digest_of_the_body_however_it_is_ordered(connect):
    with scripted(OPENED, OPENED, OPENED) as server:
        client = connect(server)
        client.open({"a": "å", "b": 2})
        client.open({"b": 2, "a": "å"})
        client.open({"a": "å", "b": 3})

    first, second, third = (call.headers["idempotency-key"] for call in server.calls)
    assert first == second != third
    assert first.startswith("sha256-") and len(first) == 71


def test_open_says_when_the_post_had_come_before(connect):
    with scripted(Answer(200, CASE, {"Idempotency-Replayed": "true"})) as server:
        assert connect(server).open({}).replayed


@pytest.mark.parametrize(
    "trouble", [DROPPED, Answer(500), Answer(503), Answer(429, headers={"Retry-After": "0"})]
)
def test_open_is_sent_again_with_the_same_key_until_the_desk_takes_it(connect, trouble):
    with scripted(trouble, trouble, OPENED) as server:
        connect(server).open({"a": 1})

    keys = {call.headers["idempotency-key"] for call in server.calls}
    assert (len(server.calls), len(keys)) == (3, 1)


def test_open_names_each_wrong_place(connect):
    refused = problem(
        422,
        "package-rejected",
        ("/question/options", "is required"),
        ("/colour", "this field is not known"),
    )
    with scripted(refused) as server, pytest.raises(Rejected) as refusal:
        connect(server).open({"colour": "red"})

    assert refusal.value.problems == [
        Problem("/question/options", "is required"),
        Problem("/colour", "this field is not known"),
    ]
    assert (refusal.value.status, refusal.value.slug) == (422, "package-rejected")
    assert str(refusal.value) == (
        "package-rejected (422): /question/options: is required; /colour: this field is not known"
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Unauthorised), (403, Forbidden), (404, NotFound), (409, Conflict), (413, Rejected)],
)
def test_a_refusal_that_time_cannot_mend_is_raised_at_once(connect, status, kind):
    with scripted(problem(status, "so-it-is")) as server, pytest.raises(kind) as refusal:
        connect(server).case("ESC-1042")

    assert len(server.calls) == 1
    assert (refusal.value.slug, refusal.value.detail) == ("so-it-is", "it is so-it-is")


def test_a_refusal_that_is_no_problem_document_still_has_its_status(connect):
    with scripted(Answer(418, ["teapot"])) as server, pytest.raises(Refused) as refusal:
        connect(server).case("ESC-1042")

    assert (refusal.value.status, str(refusal.value)) == (418, "HTTP 418 (418)")


def test_a_desk_that_nobody_can_reach_is_unreachable_when_patience_ends(connect):
    with pytest.raises(Unreachable):
        connect(f"http://127.0.0.1:{free_port()}", patience=0.1).case("ESC-1042")


def test_a_limit_that_outlasts_patience_is_raised_without_waiting_for_it(connect):
    busy = problem(429, "rate-limited")
    busy.headers["Retry-After"] = "3600"
    with scripted(busy) as server, pytest.raises(RateLimited):
        connect(server).case("ESC-1042")


def test_cases_are_fetched_page_after_page(connect):
    pages = [
        Answer(200, {"items": [CASE, CASE | {"reference": "ESC-1041"}], "next": "c2"}),
        Answer(200, {"items": [CASE | {"reference": "ESC-1040"}], "next": None}),
    ]
    with scripted(*pages) as server:
        found = [case.reference for case in connect(server).cases(status="awaiting", run="r 1")]

    assert found == ["ESC-1042", "ESC-1041", "ESC-1040"]
    assert [call.path for call in server.calls] == [
        "/api/v1/cases?status=awaiting&run=r+1",
        "/api/v1/cases?status=awaiting&run=r+1&cursor=c2",
    ]


# Waiting -----------------------------------------------------------------------------------------


def test_wait_returns_what_the_person_chose(connect):
    with scripted(DECIDED) as server:
        decision = connect(server).wait("ESC-1042")

    assert server.calls[0].path == "/api/v1/cases/ESC-1042/decision?wait=30"
    assert (decision.option, decision.permitted) == ("modify", True)
    assert (decision.parameters, decision.state) == ({"amount": "349.00"}, {"thread": 8841})
    assert (decision.decided_by.name, decision.raw) == ("Nora Lind", DECISION)


def test_wait_asks_again_through_everything_that_passes(connect):
    trouble = [NOT_YET, DROPPED, Answer(500), Answer(502), Answer(503), Answer(429), NOT_YET]
    with scripted(*trouble, DECIDED) as server:
        server.script[0] = Answer(204, headers={"Retry-After": "0"})
        assert connect(server).wait("ESC-1042").option == "modify"

    assert len(server.calls) == 8


def test_wait_outlives_a_restart_of_the_desk(connect):
    port = free_port()
    decisions = []
    with scripted(Answer(dropped=True, after=0.05), port=port) as server:
        waiting = threading.Thread(
            target=lambda: decisions.append(connect(f"http://127.0.0.1:{port}").wait("ESC-1042"))
        )
        waiting.start()
        while not server.calls:
            time.sleep(0.01)
    time.sleep(0.1)  # nobody listens
    with scripted(DECIDED, port=port):
        waiting.join(20)

    assert [decision.reference for decision in decisions] == ["ESC-1042"]


def test_wait_does_as_it_is_told_by_retry_after(connect):
    with scripted(Answer(503, headers={"Retry-After": "1"}), DECIDED) as server:
        started = time.monotonic()
        connect(server).wait("ESC-1042")

    assert time.monotonic() - started >= 1


def test_wait_raises_when_the_case_was_withdrawn(connect):
    gone = problem(410, "case-withdrawn")
    with scripted(NOT_YET, gone) as server, pytest.raises(Withdrawn) as refusal:
        connect(server).wait("ESC-1042")

    assert refusal.value.slug == "case-withdrawn"


def test_wait_raises_a_refused_key_at_once(connect):
    with scripted(problem(401, "key-refused")) as server, pytest.raises(Unauthorised):
        connect(server).wait("ESC-1042")

    assert len(server.calls) == 1


@pytest.mark.parametrize("timeout", [0, 0.05])
def test_wait_ends_when_its_time_is_over_and_has_asked_once_at_least(connect, timeout):
    script = [Answer(204)] * 9
    with scripted(*script) as server, pytest.raises(NoDecisionYet, match="ESC-1042") as refusal:
        connect(server).wait("ESC-1042", timeout=timeout)

    assert isinstance(refusal.value, TimeoutError)
    assert 1 <= len(server.calls) <= 2


def test_wait_does_not_hammer_a_desk_that_answers_too_soon(connect):
    with scripted(*[Answer(204)] * 99) as server, pytest.raises(NoDecisionYet):
        connect(server).wait("ESC-1042", timeout=2.2)

    assert len(server.calls) <= 4


# While it waits, and after -----------------------------------------------------------------------


def test_steps_are_not_sent_twice_when_the_answer_was_lost(connect):
    with scripted(DROPPED, OPENED) as server, pytest.raises(Unreachable):
        connect(server).add_steps("ESC-1042", [{"key": "s9", "kind": "other", "text": "more"}])

    assert len(server.calls) == 1
    assert server.said() == {"steps": [{"key": "s9", "kind": "other", "text": "more"}]}


def test_withdraw_and_resume_are_sent_again_for_saying_them_twice_changes_nothing(connect):
    with scripted(DROPPED, OPENED, DROPPED, OPENED) as server:
        client = connect(server)
        client.withdraw("ESC-1042", "the customer found it")
        client.resume("ESC-1042", "succeeded", "refunded $349.00")

    assert [call.path.rpartition("/")[2] for call in server.calls] == [
        *("withdrawal", "withdrawal", "resumption", "resumption")
    ]
    assert server.said(1) == {"reason": "the customer found it"}
    assert server.said(3) == {"result": "succeeded", "detail": "refunded $349.00"}


def test_an_agent_stops_in_ten_lines(connect):
    with scripted(OPENED, DECIDED) as server:
        client = connect(server)
        stop = Package("My parcel never came", tenant="nordic-retail", run="thread-8841")
        stop.tool_call("get_order", {"order": "W88"}, {"total": "412.50"}, must_read=True)
        stop.trigger("confidence", "refund_classification", 0.62, "<", 0.8)
        stop.propose("issue_refund", {"order": "W88"}, amount=("412.50", "USD"))
        stop.approve("Refund in full", ("$412.50 leaves the account today", False))
        stop.reject("Refuse", "The customer is told no")
        case = client.open(stop.ask("Refund order W88 for $412.50?"))
        decision = client.wait(case.reference)

    assert decision.permitted
    sent = server.said(0)
    assert sent["question"] == {
        "text": "Refund order W88 for $412.50?",
        "recommended": None,
        "options": [
            {
                "key": "approve",
                "label": "Refund in full",
                "outcome": "approve",
                "consequences": [{"text": "$412.50 leaves the account today", "reversible": False}],
            },
            {
                "key": "reject",
                "label": "Refuse",
                "outcome": "reject",
                "consequences": [{"text": "The customer is told no"}],
            },
        ],
    }


def test_attach_sends_a_form_and_sends_it_again_as_it_was(connect, tmp_path):
    path = tmp_path / "invoice.pdf"
    path.write_bytes(b"%PDF-1.7")
    with scripted(Answer(503), Answer(201, CASE)) as server:
        connect(server).attach("ESC-1042", path, "The invoice", must_read=True)

    first, second = server.calls
    assert (first.method, first.path) == ("POST", "/api/v1/cases/ESC-1042/attachments")
    assert first.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'filename="invoice.pdf"' in first.body
    assert b"The invoice" in first.body
    assert second.body == first.body
