"""The agent API, each call and each refusal, as an agent meets them."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from escalation import keys, ledger, lifecycle
from escalation.actors import OPERATOR
from escalation.ledger import instant
from escalation.models import AgentKey, Case, Delivery, Event
from tests.factories import (
    NINE,
    PACKAGE,
    as_json,
    decide,
    decided_case,
    handed_off_case,
    make_agent,
    make_key,
    make_reviewer,
    make_role,
    open_case,
    package,
    package_with,
    step,
)

pytestmark = pytest.mark.django_db
TWO_MIB = 2 * 1024 * 1024
JSON, PROBLEM = "application/json; charset=utf-8", "application/problem+json"


class Caller:
    """An agent with a key of its own."""

    def __init__(self, *scopes):
        self.agent = make_agent()
        self.key = make_key(self.agent, *scopes)

    def headers(self, **more):
        return {"Authorization": f"Bearer {self.key}", "Idempotency-Key": "k-1"} | more

    def get(self, path, **more):
        return Client().get(f"/api/v1{path}", headers=self.headers(**more))

    def post(self, path, body, *, content_type="application/json", **more):
        sent = body if isinstance(body, bytes) else as_json(body)
        return Client().post(
            f"/api/v1{path}", sent, content_type=content_type, headers=self.headers(**more)
        )


@pytest.fixture
def caller():
    return Caller()


def problem_of(answer):
    """Return the status, the name and the pointers of a refusal that is as RFC 9457 has it."""
    assert answer["Content-Type"] == PROBLEM
    told = answer.json()
    base, name = told["type"].split("#")
    assert base == "http://localhost:8000/docs/problems/"
    assert (told["status"], bool(told["title"]), bool(told["detail"])) == (
        answer.status_code,
        True,
        True,
    )
    return answer.status_code, name, [error["pointer"] for error in told.get("errors", [])]


def answer_of(case, **changes):
    """Return what the contract says of a case of its own package."""
    return {
        "id": str(case.pk),
        "reference": case.reference,
        "status": "open",
        "stakes": "medium",
        "role": None,
        "due_at": None,
        "digest": case.digest,
        "triggers": PACKAGE["triggers"],
        "pause": None,
        "decision": None,
        "url": f"http://localhost:8000/cases/{case.reference}/",
        "created_at": instant(case.created_at),
    } | changes


# Opening -----------------------------------------------------------------------------------------


def test_a_package_opens_a_case(caller):
    answer = caller.post("/cases", PACKAGE)

    case = Case.objects.get()
    assert (answer.status_code, answer["Content-Type"]) == (201, JSON)
    assert answer.json() == answer_of(case)
    assert (case.agent, case.idempotency_key) == (caller.agent, "k-1")
    assert "Idempotency-Replayed" not in answer


def test_the_same_post_again_answers_the_same_case(caller):
    first = caller.post("/cases", PACKAGE)

    again = caller.post("/cases", PACKAGE)

    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")
    assert again.json() == first.json()


def test_a_replay_answers_the_case_as_it_stands(caller):
    case = decided_case(agent=caller.agent)
    sent = package(role=case.role.slug)

    answer = caller.post("/cases", sent, **{"Idempotency-Key": case.idempotency_key})

    assert (answer.status_code, answer.json()["status"]) == (200, "decided")


def test_the_same_key_with_another_body_is_refused(caller):
    caller.post("/cases", PACKAGE)

    answer = caller.post("/cases", package(run="another"))

    assert problem_of(answer) == (422, "idempotency-key-reused", [])
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("", "idempotency-key-missing"),
        ("   ", "idempotency-key-missing"),
        ("x" * 256, "idempotency-key-malformed"),
        ("a\tb", "idempotency-key-malformed"),
    ],
)
def test_a_key_that_cannot_tell_posts_apart_is_refused(caller, key, name):
    answer = caller.post("/cases", PACKAGE, **{"Idempotency-Key": key})

    assert problem_of(answer) == (400, name, [])


DEEP = b'{"resume": {"state": ' + b"[" * 65 + b"]" * 65 + b"}}"


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (b"", (400, "not-json", [])),
        (b"{", (400, "not-json", [])),
        (b"\xff\xfe{\x00}\x00", (400, "not-json", [])),
        (b"[]", (422, "package-rejected", [""])),
        (b'"package"', (422, "package-rejected", [""])),
        (b'{"run": "a", "run": "b"}', (422, "package-rejected", ["/run"])),
        (b'{"run": "a\\u0000"}', (422, "package-rejected", ["/run"])),
        (b'{"run": "\\ud800"}', (422, "package-rejected", ["/run"])),
        (b'{"\\ud800": 1}', (422, "package-rejected", [""])),
        (b'{"steps": [{"duration_ms": 1e400}]}', (422, "package-rejected", ["/steps/0/duration_ms"])),
        (b'{"n": 0.1234567890123456789}', (422, "package-rejected", ["/n"])),
        (b'{"n": 9007199254740992}', (422, "package-rejected", ["/n"])),
        (b'{"n": NaN}', (422, "package-rejected", ["/n"])),
        (DEEP, (422, "package-rejected", ["/resume/state" + "/0" * 62])),
        (b"[" * 100_000, (422, "package-rejected", [""])),
    ],
)  # fmt: skip
def test_a_body_that_is_no_evidence_is_refused_with_a_pointer(caller, body, refusal):
    assert problem_of(caller.post("/cases", body)) == refusal
    assert (Case.objects.count(), Event.objects.filter(action="case.opened").count()) == (0, 0)


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("/urgent", True),
        ("/question/options", PACKAGE["question"]["options"][:1]),
        ("/question/options/0/consequences", []),
        ("/question/options/1/key", "approve"),
        ("/question/recommended", "wait"),
        ("/question/options/1/parameters/properties/amount/type", "money"),
        ("/steps/0/at", "2026-11-20T09:12:04"),
        ("/resume/callback_url", "http://169.254.169.254/latest/meta-data/"),
        ("/stakes", "urgent"),
        ("/identity/session", {"token": "x"}),
    ],
)
def test_a_package_that_is_none_is_refused_with_a_pointer(caller, pointer, value):
    answer = caller.post("/cases", package_with(pointer, value))

    assert problem_of(answer) == (422, "package-rejected", [pointer])


def test_a_refusal_says_what_is_wrong_where(caller):
    answer = caller.post("/cases", package_with("/steps/0/at", "today"))

    assert answer.json() == {
        "type": "http://localhost:8000/docs/problems/#package-rejected",
        "title": "The package was refused",
        "status": 422,
        "detail": "/steps/0/at: must be an RFC 3339 instant with an offset, such as 2026-11-20T09:12:00Z",
        "errors": [
            {
                "pointer": "/steps/0/at",
                "message": "must be an RFC 3339 instant with an offset, such as 2026-11-20T09:12:00Z",
            }
        ],
    }


def sized(length):
    """Return the contract's package, filled up to so many bytes of JSON."""
    empty = as_json(package(request={"content": ""}))
    return as_json(package(request={"content": "x" * (length - len(empty))}))


@pytest.mark.parametrize(
    ("length", "status"), [(TWO_MIB, 201), (TWO_MIB + 1, 413), (3 * TWO_MIB, 413)]
)
def test_a_body_is_at_most_two_mib(caller, length, status):
    body = sized(length)
    assert len(body) == length

    answer = caller.post("/cases", body)

    assert answer.status_code == status
    if status == 413:
        assert problem_of(answer) == (413, "body-too-large", [])


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
    ],
)
def test_a_body_that_is_not_sent_as_json_is_refused(caller, content_type):
    answer = caller.post("/cases", PACKAGE, content_type=content_type)

    assert problem_of(answer) == (415, "wrong-media-type", [])


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_json_may_say_its_charset(caller, content_type):
    assert caller.post("/cases", PACKAGE, content_type=content_type).status_code == 201


# Who calls ---------------------------------------------------------------------------------------

CALLS = [
    ("post", "/cases"),
    ("get", "/cases"),
    ("get", "/cases/{}"),
    ("get", "/cases/{}/decision"),
    ("post", "/cases/{}/steps"),
    ("post", "/cases/{}/withdrawal"),
    ("post", "/cases/{}/resumption"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer rk_0_x", "Bearer é"]
)
def test_without_a_valid_key_every_call_is_refused(method, path, authorization):
    case = open_case()

    answer = getattr(Client(), method)(
        f"/api/v1{path.format(case.pk)}", headers={"Authorization": authorization}
    )

    assert problem_of(answer) == (401, "key-refused", [])


def test_a_session_of_a_person_opens_no_call():
    client = Client()
    client.force_login(
        make_reviewer(is_superuser=True), "django.contrib.auth.backends.ModelBackend"
    )

    assert problem_of(client.get("/api/v1/cases")) == (401, "key-refused", [])


def test_a_revoked_key_is_refused_from_the_next_call_on(caller):
    assert caller.get("/cases").status_code == 200

    keys.revoke_key(AgentKey.objects.get(), by=OPERATOR, at=NINE)

    assert problem_of(caller.get("/cases")) == (401, "key-refused", [])


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_key_does_only_what_its_scopes_say(method, path):
    caller = Caller("cases:read" if method == "post" else "cases:write", "evaluate")
    case = open_case(by=caller.agent)
    body = [{}] if method == "post" else []

    answer = getattr(caller, method)(path.format(case.reference), *body)

    assert problem_of(answer) == (403, "scope-missing", [])


@pytest.mark.parametrize(("method", "path"), [call for call in CALLS if "{}" in call[1]])
def test_another_agents_case_is_not_there(caller, method, path):
    bodies = {"steps": {"steps": [step("s3")]}, "withdrawal": {"reason": "x"}}
    body = bodies.get(path.rsplit("/", 1)[1], {"result": "succeeded"})
    other = open_case()

    for name in (other.reference, str(other.pk), "ESC-1", "nothing", "ESC-%00"):
        answer = getattr(caller, method)(path.format(name), *([body] if method == "post" else []))
        assert problem_of(answer) == (404, "not-found", [])


def test_what_is_no_call_is_a_problem_too(caller):
    assert problem_of(caller.get("/nothing")) == (404, "not-found", [])


# Reading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("named_by", ["reference", "id"])
def test_a_case_is_read_as_it_stands(caller, named_by):
    case = handed_off_case(make_role("refunds"), by=caller.agent)

    answer = caller.get(f"/cases/{case.reference if named_by == 'reference' else case.pk}")

    assert (answer.status_code, answer.json()) == (
        200,
        answer_of(case, status="awaiting", role="refunds", due_at=instant(case.due_at)),
    )


def test_a_decision_is_answered_as_the_contract_has_it(caller):
    role = make_role("refunds")
    reviewer = make_reviewer(role, first_name="Mara", last_name="Lind")
    case = decided_case(
        role,
        "modify",
        by=reviewer,
        agent=caller.agent,
        filled={"amount": "20.00"},
        rationale="Half.",
    )
    decision = case.decisions.get()

    answer = caller.get(f"/cases/{case.reference}/decision")

    expected = {
        "id": str(decision.pk),
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
        "state": {"thread": 8841, "node": "refund"},
    }
    assert (answer.status_code, answer.json()) == (200, expected)
    assert caller.get(f"/cases/{case.reference}").json()["decision"] == expected


@pytest.mark.parametrize("in_hands", [False, True])
def test_while_there_is_no_decision_it_says_when_to_ask_again(caller, in_hands):
    case = handed_off_case(make_role(), by=caller.agent) if in_hands else open_case(by=caller.agent)

    answer = caller.get(f"/cases/{case.reference}/decision")

    assert (answer.status_code, answer.content, answer["Retry-After"]) == (204, b"", "1")


def test_a_withdrawn_case_never_has_a_decision(caller):
    case = open_case(by=caller.agent)
    lifecycle.withdraw(case.pk, "x", by=caller.agent, at=NINE)

    assert problem_of(caller.get(f"/cases/{case.reference}/decision")) == (
        410,
        "case-withdrawn",
        [],
    )


@pytest.mark.parametrize(
    ("wait", "refusal"),
    [
        ("61", (422, "package-rejected", ["/wait"])),
        ("-1", (422, "package-rejected", ["/wait"])),
        ("soon", (422, "query-rejected", ["/wait"])),
        ("1.5", (422, "query-rejected", ["/wait"])),
    ],
)
def test_a_wait_is_a_whole_number_of_seconds_up_to_sixty(caller, wait, refusal):
    case = open_case(by=caller.agent)

    assert problem_of(caller.get(f"/cases/{case.reference}/decision?wait={wait}")) == refusal


def test_an_agent_without_a_callback_is_noted_once_as_having_asked(caller):
    case = decided_case(agent=caller.agent, sent=package_with("/resume/callback_url", None))

    for _ in range(3):
        caller.get(f"/cases/{case.reference}/decision")

    assert [line.action for line in ledger.history(case)].count("decision.collected") == 1
    assert Delivery.objects.get(case=case).status == "delivered"


# Listing -----------------------------------------------------------------------------------------


def references(answer):
    assert answer.status_code == 200
    return [item["reference"] for item in answer.json()["items"]]


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_costs_the_same_few_queries_however_long_it_is(
    caller, count, django_assert_num_queries
):
    for _ in range(count):
        decided_case(agent=caller.agent)
    caller.get("/cases")  # marks the key as used

    with django_assert_num_queries(4):
        answer = caller.get("/cases")

    assert len(references(answer)) == count


def test_a_list_is_of_the_agents_own_cases_newest_first(caller):
    mine = [open_case(by=caller.agent) for _ in range(3)]
    open_case()

    answer = caller.get("/cases")

    assert answer.json() == {"items": [answer_of(case) for case in reversed(mine)], "next": None}


def test_a_list_is_narrowed_by_status_and_run(caller):
    role = make_role()
    decided = decided_case(role, agent=caller.agent, sent=package(run="one"))
    awaiting = handed_off_case(role, package(run="one"), by=caller.agent)
    other = handed_off_case(role, package(run="two"), by=caller.agent)

    assert references(caller.get("/cases?status=awaiting")) == [other.reference, awaiting.reference]
    assert references(caller.get("/cases?run=one")) == [awaiting.reference, decided.reference]
    assert references(caller.get("/cases?run=one&status=decided")) == [decided.reference]
    assert references(caller.get("/cases?run=none")) == []


def test_a_long_list_comes_in_pages_of_fifty(caller):
    cases = [open_case(by=caller.agent).reference for _ in range(101)]
    pages, cursor = [], ""

    while cursor is not None:
        answer = caller.get(f"/cases?cursor={cursor}")
        pages.append(references(answer))
        cursor = answer.json()["next"]

    assert [len(page) for page in pages] == [50, 50, 1]
    assert sum(pages, []) == cases[::-1]


def test_a_last_page_that_is_full_names_no_next(caller):
    for _ in range(50):
        open_case(by=caller.agent)

    assert caller.get("/cases").json()["next"] is None


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        *(("status=closed", "/status"), ("status=OPEN", "/status")),
        *(
            ("run=%00", "/run"),
            ("cursor=x", "/cursor"),
            ("cursor=%00", "/cursor"),
            ("cursor=é", "/cursor"),
        ),
        *(("cursor=" + "A" * 10_000, "/cursor"), ("cursor=AAAA", "/cursor")),
    ],
)
def test_a_question_that_makes_no_sense_is_pointed_at(caller, query, pointer):
    assert problem_of(caller.get(f"/cases?{query}")) == (422, "package-rejected", [pointer])


# Going on ----------------------------------------------------------------------------------------


def test_later_evidence_gives_a_new_digest(caller):
    case = open_case(by=caller.agent)

    answer = caller.post(f"/cases/{case.reference}/steps", {"steps": [step("s3")]})

    changed = Case.objects.get()
    assert (answer.status_code, answer.json()) == (201, answer_of(changed))
    assert changed.digest != case.digest


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/steps"),
        ({"steps": []}, "/steps"),
        ({"steps": [step("s1")]}, "/steps/0/key"),
        ({"steps": [step("s3", colour="red")]}, "/steps/0/colour"),
        ({"steps": [step("s3")], "reason": "x"}, "/reason"),
        ([step("s3")], ""),
    ],
)
def test_evidence_that_does_not_fit_is_pointed_at(caller, body, pointer):
    case = open_case(by=caller.agent)

    answer = caller.post(f"/cases/{case.reference}/steps", body)

    assert problem_of(answer) == (422, "package-rejected", [pointer])


def test_nothing_more_is_taken_once_it_is_decided(caller):
    case = decided_case(agent=caller.agent)

    assert problem_of(caller.post(f"/cases/{case.reference}/steps", {"steps": [step("s3")]})) == (
        409,
        "case-closed",
        [],
    )
    assert problem_of(caller.post(f"/cases/{case.reference}/withdrawal", {"reason": "x"})) == (
        409,
        "already-decided",
        [],
    )


def test_what_a_reviewer_asks_is_answered_with_evidence(caller):
    role = make_role()
    case, kim = handed_off_case(role, by=caller.agent), make_reviewer(role)
    path = f"/cases/{case.reference}"
    lifecycle.ask(case.pk, "Which address?", by=kim, at=NINE)
    asked = caller.get(path).json()

    answer = caller.post(f"{path}/answers", {"text": "The old one.", "steps": [step("s3")]})

    assert (asked["status"], asked["pause"]) == (
        "information_requested",
        {
            "reason": "information_requested",
            "of": "agent",
            "asked": "Which address?",
            "since": "2026-11-20T09:00:00.000000Z",
            "until": "2026-11-23T09:00:00.000000Z",
        },
    )
    assert (answer.status_code, answer.json()["status"], answer.json()["pause"]) == (
        201,
        "awaiting",
        None,
    )
    assert answer.json()["digest"] != asked["digest"]
    again = caller.post(f"{path}/answers", {"text": "The old one."})
    assert problem_of(again) == (409, "nothing-asked", [])


def test_a_withdrawal_ends_the_case_and_may_be_said_twice(caller):
    case = handed_off_case(make_role("refunds"), by=caller.agent)

    answers = [
        caller.post(f"/cases/{case.reference}/withdrawal", {"reason": "found"}) for _ in range(2)
    ]

    expected = answer_of(case, status="withdrawn", role="refunds")
    assert [(a.status_code, a.json()) for a in answers] == [(200, expected)] * 2


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("withdrawal", {}, "/reason"),
        ("withdrawal", {"reason": " "}, "/reason"),
        ("withdrawal", {"reason": "x", "by": "me"}, "/by"),
        ("resumption", {}, "/result"),
        ("resumption", {"result": "done"}, "/result"),
        ("resumption", {"result": "failed", "at": "2026-02-30T00:00:00Z"}, "/at"),
        ("resumption", {"result": "failed", "detail": 7}, "/detail"),
        ("resumption", {"result": "failed", "code": 7}, "/code"),
    ],
)
def test_what_an_agent_says_of_itself_is_read_as_strictly(caller, path, body, pointer):
    case = decided_case(agent=caller.agent)

    answer = caller.post(f"/cases/{case.reference}/{path}", body)

    assert problem_of(answer) == (422, "package-rejected", [pointer])


def test_a_resumption_closes_the_loop_and_may_be_said_twice(caller):
    case = decided_case(agent=caller.agent)
    said = {"result": "succeeded", "detail": "Refunded.", "at": "2026-11-20T10:02:00+01:00"}

    answers = [caller.post(f"/cases/{case.reference}/resumption", said) for _ in range(2)]

    assert [(a.status_code, a.json()["status"]) for a in answers] == [(200, "decided")] * 2
    assert case.resumptions.get().at == NINE + timedelta(minutes=2)
    assert problem_of(caller.post(f"/cases/{case.reference}/resumption", {"result": "failed"})) == (
        409,
        "already-resumed",
        [],
    )


@pytest.mark.parametrize("named", ["x", "0197c6a0-0000-7000-8000-000000000002"])
def test_a_resumption_names_a_decision_of_the_case_or_none(caller, named):
    case = decided_case(agent=caller.agent)
    path, said = f"/cases/{case.reference}/resumption", {"result": "skipped"}

    refused = caller.post(path, said | {"decision": named})
    taken = caller.post(path, said | {"decision": str(case.decisions.get().pk)})

    assert problem_of(refused) == (422, "package-rejected", ["/decision"])
    assert taken.status_code == 200


def test_nobody_goes_on_before_a_decision(caller):
    case = handed_off_case(make_role(), by=caller.agent)

    answer = caller.post(f"/cases/{case.reference}/resumption", {"result": "succeeded"})

    assert problem_of(answer) == (409, "not-decided", [])


def test_a_fault_of_ours_is_a_problem_that_names_its_request(caller, monkeypatch, caplog):
    monkeypatch.setattr("escalation.answers.case_answer", lambda case: 1 / 0)
    case = open_case(by=caller.agent)

    answer = caller.get(f"/cases/{case.reference}", **{"X-Request-Id": "proxy-0001"})

    assert problem_of(answer) == (500, "internal-error", [])
    assert answer.json()["detail"] == (
        "The desk failed; nothing was recorded. Its log names this request proxy-0001."
    )
    assert "division by zero" in caplog.text


def test_hostile_text_comes_back_as_it_was(caller):
    hostile = "<script>\u202e\u200b\x1b[31m'\"&\U0001f600"

    answer = caller.post("/cases", package_with("/triggers/0/detail", hostile))

    assert answer.json()["triggers"][0]["detail"] == hostile


def test_a_list_says_of_a_case_what_the_case_says(caller):
    role = make_role()
    case = handed_off_case(role, by=caller.agent)
    decide(case, by=make_reviewer(role, username="mara"))

    listed = caller.get("/cases").json()["items"][0]

    assert listed["decision"]["decided_by"] == {"kind": "person", "name": "mara", "role": role.slug}
    assert listed == caller.get(f"/cases/{case.reference}").json()


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip", "x"])
def test_a_body_that_would_have_to_be_unpacked_is_refused(caller, encoding):
    answer = caller.post("/cases", PACKAGE, **{"Content-Encoding": encoding})

    assert problem_of(answer) == (415, "wrong-media-type", [])
    assert encoding in answer.json()["detail"]


def test_a_body_as_it_is_is_taken(caller):
    assert caller.post("/cases", PACKAGE, **{"Content-Encoding": "identity"}).status_code == 201


def test_a_case_that_would_be_too_large_is_told_from_a_body_that_is(caller):
    reference = caller.post("/cases", PACKAGE).json()["reference"]
    long = {"key": "long", "kind": "other", "at": "2026-11-20T09:12:00Z", "text": "x" * 1_500_000}
    assert caller.post(f"/cases/{reference}/steps", {"steps": [long]}).status_code == 201

    answer = caller.post(f"/cases/{reference}/steps", {"steps": [long | {"key": "again"}]})

    assert problem_of(answer) == (413, "case-too-large", [])
    assert "A case holds at most 2097152 bytes" in answer.json()["detail"]


def test_a_step_without_a_key_is_taken_and_named_by_its_position(caller):
    steps = [{"kind": "other", "at": "2026-11-20T09:12:00Z"} for _ in range(2)]
    opened = caller.post("/cases", package(steps=steps)).json()
    more = caller.post(f"/cases/{opened['reference']}/steps", {"steps": steps[:1]})

    assert more.status_code == 201
    case = Case.objects.get(pk=opened["id"])
    assert list(case.evidence.values_list("key", flat=True)) == ["#1", "#2", "#3"]


def test_a_confidence_finer_than_a_double_is_taken(caller):
    body = json.dumps(PACKAGE).replace('"confidence": 0.62', '"confidence": 0.62000000000000002')
    assert "0.62000000000000002" in body

    assert caller.post("/cases", body.encode()).status_code == 201
