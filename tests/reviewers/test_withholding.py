"""What a reviewer must not have before their own answer is nowhere in what the desk sends.

Every address that takes a case, whatever is added later, is asked by every kind of reader, whole and
as a fragment; and so are the pages that list cases.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

from escalation import access, comments, ledger, lifecycle, opinions
from escalation.enums import AnswerStage, HandoffReason, StepKind
from escalation.errors import AlreadyAnswered
from escalation.lifecycle import Hands
from escalation.models import Answer, Case, Draft, Role, User
from escalation.withholding import Sight
from reviewers import casenews
from reviewers.models import Notice
from reviewers.notices.channels import slack
from reviewers.notifications import messages
from tests.factories import (
    NINE,
    PACKAGE,
    case_under,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    open_all,
    package,
    step,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
REVIEW = {
    "high": {"protocol": "commit_first", "because": "optional"},
    "critical": {"protocol": "two_blind", "because": "optional"},
}
CONFIDENCE = 0.618034
MARKERS = (
    str(CONFIDENCE), "MARK-reasoning", "mark-key-a", "MARK-name-a", "MARK-text-a", "MARK-input-a",
    "MARK-output-a", "mark-key-b", "MARK-name-b", "MARK-text-b", "MARK-output-b",
)  # fmt: skip


def sent(stakes: str = "high", recommended: str = "reject") -> dict[str, Any]:
    """Return a package whose every part that is withheld carries a marker of its own."""
    proposal = PACKAGE["proposal"] | {"confidence": CONFIDENCE, "reasoning": "MARK-reasoning"}
    steps = [
        *deepcopy(PACKAGE["steps"][:1]),
        step("mark-key-a", kind=StepKind.REASONING, name="MARK-name-a", text="MARK-text-a",
             input={"a": "MARK-input-a"}, output={"b": "MARK-output-a"}),
        step("mark-key-b", kind=StepKind.CONCLUSION, name="MARK-name-b", text="MARK-text-b",
             output=["MARK-output-b"], must_read=True),
    ]  # fmt: skip
    question = PACKAGE["question"] | {"recommended": recommended}
    return package(steps=steps, proposal=proposal, question=question, stakes=stakes)


def addresses(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    for found in (resolver or get_resolver()).url_patterns:
        address = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from addresses(found, address)
        else:
            yield address


FILLED = {  # what may stand in an address beside the case
    "raw/<slug:part>": [f"raw/{part}" for part in ("arguments", "proposal", "steps", "question")],
    "steps/<int:position>/<slug:part>": ["steps/2/input", "steps/2/text", "steps/3/output"],
    "<int:position>": ["2", "3"],
    "<slug:sha256>": ["0" * 64],
    "<int:number>": ["1"],
    "<uuid:asked>": [str(UUID(int=1))],
}
LISTS = (
    "", "queue/", "queue/decided/", "queue/news/?since=2026-01-01T00:00:00Z", "audit/",
    "audit/export/?format=jsonl", "audit/export/?format=csv", "queue/?q=W88", "queue/?view=mine",
    "queue/?trigger=confidence", "queue/news/?since=2026-01-01T00:00:00Z&empty=1", "find/?q=W88",
    "incidents/", "agents/", "account/", "urgent/", "policies/", "on-call/", "admin/",
)  # fmt: skip


def asked(case: Case) -> Iterator[str]:
    """Yield every address that a case stands in, then those that list cases."""
    for address in sorted(set(addresses())):
        if "<str:name>" in address and ("cases/" in address or address.startswith("audit/")):
            paths = [address.replace("<str:name>", case.reference)]
            for place, values in FILLED.items():
                paths = [path.replace(place, value) for path in paths for value in values]
            yield from sorted(set(paths))
    yield from LISTS


def bodies(browser: Client, case: Case) -> Iterator[tuple[str, str]]:
    """Yield what each address answers to a page and to a fragment of one."""
    for path in asked(case):
        if "<" in path:
            pytest.fail(f"{path} takes something that this test does not know")
        whole = browser.get(f"/{path}")
        yield path, text(whole)
        _check_unkept(path, whole, case)
        if "cases/" in path and "/raw/" not in path and "/steps/" not in path:
            answer = browser.get(f"/{path}", headers={"HX-Request": "true"})
            yield f"{path} (fragment)", text(answer)


def _check_unkept(path: str, answer: Any, case: Case) -> None:
    """Nothing of a case stays in a browser or a proxy: after signing out it is not to be had again."""
    said = answer.headers.get("Cache-Control", "")
    of_case = path.startswith(("cases/", "audit/")) or case.reference in text(answer)
    if answer.status_code == 200 and of_case:
        assert "no-store" in said.split(", "), f"{path} says {said!r}"


def text(answer: Any) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()
    return answer.content.decode() + str(answer.headers)


def posted(browser: Client, case: Case) -> Iterator[tuple[str, str]]:
    """Yield what forms are answered with that are refused: filled in for an old package, or not."""
    for act in ("decision", "hand-over", "question", "hold", "take-up", "overturn"):
        for body in ({}, {"option": "approve", "digest": "sha256:old"}):
            answer = browser.post(
                f"/cases/{case.reference}/{act}/", body, headers={"HX-Request": "true"}
            )
            yield f"POST {act} {body}", text(answer)


def found(told: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    return [
        (path, marker)
        for path, body in told
        for marker in MARKERS
        if marker in body and f"q={marker}" not in path
    ]


@pytest.fixture
def role() -> Role:
    return make_role("refunds-compliance")


def answer(case: Case, by: User, key: str = "reject", **fields: Any) -> Answer:
    """Store an answer as it stands in the tables, by whatever door it came."""
    option = case.options.get(key=key)
    given = {"stage": AnswerStage.COMMITTED, "digest": case.digest, "answered_at": NINE}
    return Answer.objects.create(case=case, user=by, option=option, **given | fields)


def runs_desk(role: Role) -> User:
    user = make_reviewer(role, is_superuser=True, is_staff=True)
    for right in (access.SUPERVISE, access.OVERTURN):
        access.grant(right, user, role)
    return user


READERS = {
    "reviewer": lambda role: make_reviewer(role),
    "auditor": lambda role: make_auditor(),
    "auditor of the role": lambda role: person(access.AUDIT_ROLE, role),
    "supervisor who runs the desk": runs_desk,
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("stakes", "kind"),
    [*(("high", kind) for kind in READERS), ("critical", "reviewer"), ("critical", "auditor")],
)
def test_nothing_of_the_agents_view_is_sent_before_the_readers_own_answer(
    stakes: str, kind: str, role: Role, as_user: Browser
):
    case = case_under(role, sent(stakes), review=REVIEW, approvals=2 if stakes == "critical" else 1)
    answer(case, make_reviewer(role))  # somebody else's answer opens nothing for anybody else
    browser = as_user(READERS[kind](role))

    told = dict(bodies(browser, case))

    assert not found(iter(told.items()))
    assert not found(posted(browser, case))
    assert [path for path, body in told.items() if case.digest[7:23] in body] == []
    page = told[f"cases/{case.reference}/"]
    assert "get_order" in page
    assert "2 steps are withheld until" in page
    assert "what the agent concluded" in page
    assert "how sure the agent is" in page
    assert "0.62" in page  # why it stopped is a fact: what fired is shown with its value


def person(right: str, role: Role) -> User:
    user = make_user()
    access.grant(right, user, role)
    return user


def test_all_of_it_is_sent_to_who_has_answered_and_to_nobody_else(role: Role, as_user: Browser):
    case = case_under(role, sent(), review=REVIEW)
    reader, colleague = make_reviewer(role), make_reviewer(role)
    last = f"/cases/{case.reference}/steps/3/open/"
    before = as_user(reader).post(last).status_code
    answer(case, reader)

    opened = as_user(reader).post(last).status_code
    page = as_user(reader).get(f"/cases/{case.reference}/").content.decode()
    raw = as_user(reader).get(f"/cases/{case.reference}/steps/2/output/").content.decode()

    assert (before, opened) == (404, 302)
    shown = [marker for marker in MARKERS if "key" not in marker]
    assert not [marker for marker in shown if marker not in page]
    assert json.loads(raw) == {"b": "MARK-output-a"}
    assert "withheld until" not in page
    assert not found(
        iter([("", as_user(colleague).get(f"/cases/{case.reference}/").content.decode())])
    )


def test_what_was_shown_for_an_old_package_is_withheld_again_with_new_evidence(role: Role):
    case = case_under(role, sent(), review=REVIEW)
    reader = make_reviewer(role)
    answer(case, reader, digest="sha256:of-the-first")

    assert not Sight(case, reader).is_revealed


def test_a_decided_case_withholds_nothing(role: Role, as_user: Browser):
    case = case_under(role, sent("medium"), review={"medium": {"protocol": "two_blind"}})
    by = make_reviewer(role)
    Case.objects.filter(pk=case.pk).update(status="withdrawn", ended_at=NINE)

    page = as_user(by).get(f"/cases/{case.reference}/").content.decode()

    assert "MARK-reasoning" in page and "MARK-text-b" in page


@pytest.mark.parametrize("stakes", ["low", "medium", "high", "critical"])
def test_which_option_is_recommended_changes_no_byte_of_the_page(
    stakes: str, role: Role, as_user: Browser
):
    """Order, class and attributes tell nothing: the same page comes, whatever is recommended."""
    browser = as_user(make_reviewer(role))
    pages = set()
    for recommended in ("approve", "reject", None):
        given = sent(stakes)
        given["question"]["recommended"] = recommended
        case = case_under(role, given, review=REVIEW)
        page = browser.get(f"/cases/{case.reference}/").content.decode()
        start = page.index('id="decision"')
        form = page[start : page.index("</aside>", start)]
        pages.add(bare(form, case))

    assert len(pages) == 1


def bare(page: str, case: Case) -> str:
    """Return a page without what differs from case to case and from one reading to the next."""
    page = page.replace(case.reference, "ESC").replace(case.agent.name, "AGENT")
    page = re.sub(r'(csrfmiddlewaretoken" value|data-etag)="[^"]*"', "", page)
    assert case.digest not in page
    return re.sub(r"version(:|%3A)[^&\"]*", "", page)


def test_a_blind_reader_is_told_nothing_of_anothers_answer_on_the_record(
    role: Role, as_user: Browser
):
    case = case_under(role, sent("critical"), review=REVIEW, approvals=2)
    first, second = make_reviewer(role), make_reviewer(role)
    for action in ("case.answered", "case.committed"):
        private = {"option": "modify", "rationale": "MARK-rationale", "parameters": {"amount": "7"}}
        ledger.append(action, subject=case, by=first, at=NINE, private=private, of=2)

    for reader, path in ((second, "cases"), (make_auditor(), "cases"), (make_auditor(), "audit")):
        page = as_user(reader).get(f"/{path}/{case.reference}/").content.decode()
        assert "MARK-rationale" not in page
        assert "case.answered" in page or "answered, as one of 2" in page


def test_an_arbiter_is_told_both_answers(role: Role):
    case = case_under(role, sent("critical"), review=REVIEW, approvals=2)
    arbiter = make_reviewer(role)
    for key in ("approve", "reject"):
        assert not Sight(case, arbiter).sees_answers
        answer(case, make_reviewer(role), key, stage=AnswerStage.FINAL)

    assert Sight(case, arbiter).sees_answers


@pytest.mark.parametrize("words", [*MARKERS, "618034", "MARK"])
def test_a_search_is_no_oracle(words: str, role: Role, as_user: Browser):
    case = case_under(role, sent(), review=REVIEW)
    browser = as_user(make_reviewer(role))

    for path in (f"/queue/?q={words}", f"/find/?q={words}", f"/queue/?q={words[:6]}*"):
        # its address: the page names a reference as an example, which this case may happen to have
        assert f"/cases/{case.reference}/" not in browser.get(path).content.decode(), path


PARTS = ("", "standing/", "talk/", "similar/")
SAID = ("MARK-rationale", "MARK-comment", "MARK-opinion", "MARK-draft", "613.37")


@pytest.mark.long
def test_the_second_of_two_is_sent_nothing_of_what_the_first_did(role: Role, as_user: Browser):
    """Through the doors, and on every address: the answer, the comments, the opinion, the draft."""
    case = case_under(role, sent("critical"), review=REVIEW)
    first, second, third = (make_reviewer(role) for _ in range(3))
    comments.comment(case.pk, "MARK-comment", by=first, at=NINE)
    asked_for = opinions.ask(case.pk, third, "", by=first, at=NINE)
    opinions.give(asked_for.pk, "MARK-opinion", key="reject", by=third, at=NINE)
    open_all(case, by=first)
    lifecycle.decide(
        case.pk, "modify", filled={"amount": "613.37"}, rationale="MARK-rationale",
        digest=case.digest, by=first, at=NINE,
    )  # fmt: skip
    Draft.objects.create(
        case=case,
        user=third,
        fields={"rationale": ["MARK-draft"]},
        digest=case.digest,
        saved_at=NINE,
    )

    told = dict(bodies(as_user(second), case)) | dict(posted(as_user(second), case))
    for reader in (make_auditor(), runs_desk(role)):
        for path in (
            f"audit/{case.reference}/",
            *(f"cases/{case.reference}/{part}" for part in PARTS),
        ):
            told[f"{path} for {reader}"] = text(as_user(reader).get(f"/{path}"))

    assert not [(path, said) for path, body in told.items() for said in SAID if said in body]
    assert "MARK-comment" in as_user(first).get(f"/cases/{case.reference}/").content.decode()


@pytest.mark.parametrize("act", ["hand_over", "move_over"])
def test_who_has_answered_blind_leaves_no_note_for_the_one_who_follows(act: str, role: Role):
    case = case_under(role, sent("critical"), review=REVIEW)
    first, second, other = make_reviewer(role), make_reviewer(role), make_role()
    make_reviewer(other)
    access.grant(access.SUPERVISE, first, role)
    open_all(case, by=first)
    lifecycle.decide(case.pk, "reject", digest=case.digest, by=first, at=NINE)

    with pytest.raises(AlreadyAnswered, match="You have answered"):
        if act == "hand_over":
            hands = Hands(case.pk, role, HandoffReason.HANDED_OVER, "Refuse it.", user=second)
            lifecycle.hand_over(hands, by=first, at=NINE)
        else:
            lifecycle.move_over(case.pk, other, "Refuse it.", by=first, at=NINE)


def test_what_leaves_the_desk_about_a_case_tells_nothing_of_it(role: Role):
    """A notice on a page, in a mail, pushed or in a chat is made of these words."""
    case = case_under(role, sent(), review=REVIEW, shows_question=True, decide_in_chat=True)
    user, other = make_reviewer(role), make_reviewer(role)
    said = comments.comment(case.pk, f"@{other.username} MARK-comment", by=user, at=NINE)
    hands = Hands(case.pk, role, HandoffReason.HANDED_OVER, "Look", user=other)
    casenews.turns([lifecycle.hand_over(hands, by=user, at=NINE)], at=NINE)
    casenews.commented(said, at=NINE)
    casenews.answered(case, at=NINE)

    told = [messages.of([one], at=NINE).whole for one in Notice.objects.all()]

    assert len(told) == 2
    in_chat = str(slack._message(messages.of(list(Notice.objects.all()[:1]), at=NINE)))
    assert not found(iter((one, one) for one in [*told, in_chat]))
    assert "MARK-comment" not in "".join(told)


def test_what_was_answered_in_a_chat_is_bare_to_who_must_agree(role: Role):
    case = case_under(role, sent("low"), approvals=2)
    first, second = make_reviewer(role), make_reviewer(role)
    ledger.append("case.answered_in_chat", subject=case, by=first, at=NINE, option="reject")

    lines = Sight(case, second).lines(ledger.history(case))

    assert "reject" not in str([line.facts for line in lines])


# No oracle -----------------------------------------------------------------------------------------

VARYING = [  # what differs from one case, and from one reading, to the next
    r"(?<=x-csrftoken\": \")\w+",
    r"ESC-\d+", r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"version(?::|%3A)[0-9a-f]{40}", r"(?<=csrfmiddlewaretoken\" value=\")\w+", r"agent-\d+",
    r"nonce-[^'\"]+", r"[0-9a-f]{64}", r"[0-9a-f]{32}", r"\d{4}-\d\d-\d\d[T ][\d:.]+(?:\+00:00|Z)?",
    r"\b\d\d:\d\d(?::\d\d)?\b", r"(?<=event )\d+", r"(?<=data-etag=\")[^\"]*", r"(?i)etag[^,}]*",
]  # fmt: skip


def same_for_all(body: str) -> str:
    for pattern in VARYING:
        body = re.sub(pattern, "~", body)
    return body


@pytest.mark.long
@pytest.mark.parametrize("stakes", ["high", "critical"])
def test_two_cases_that_differ_in_what_is_withheld_are_the_same_bytes(
    stakes: str, role: Role, as_user: Browser
) -> None:
    """Lengths, order, versions, validators: nothing that is sent depends on what is not."""
    readers = [make_reviewer(role), make_auditor()]
    told = [
        dict(seen_alone(given, role, readers, as_user, stakes)) for given in alike_in_sight(stakes)
    ]

    for other in told[1:]:
        assert [path for path in told[0] if told[0][path] != other[path]] == []


def alike_in_sight(stakes: str) -> list[dict[str, Any]]:
    """Return packages that differ only in what is withheld: in it, in how much, in whether it is there."""
    one, other, bare_one = sent(stakes), sent(stakes, recommended="approve"), sent(stakes)
    one["steps"][2]["input"] = {"a": 1}
    other["proposal"] |= {"confidence": 0.1, "reasoning": "Quite other, and much longer. " * 400}
    for withheld in other["steps"][1:]:
        withheld |= {"text": "x" * 5_000, "output": {"rows": [1] * 300}, "input": {"y": "z"}}
    for name in ("confidence", "reasoning"):
        bare_one["proposal"].pop(name, None)
    return [one, other, bare_one]


def begin_numbers_anew() -> None:
    """Number cases and events as before: a longer number makes a longer page."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('escalation_case_number', 5000)")
        cursor.execute("SELECT setval(pg_get_serial_sequence('escalation_event', 'id'), 5000)")


def seen_alone(
    given: dict[str, Any], role: Role, readers: list[User], as_user: Browser, stakes: str
) -> Iterator[tuple[str, str]]:
    """Yield what every address says, lists too, while there is no other case; and then there is none."""
    with transaction.atomic():
        begin_numbers_anew()
        case = case_under(role, given, review=REVIEW, approvals=2 if stakes == "critical" else 1)
        for number, reader in enumerate(readers):
            for path, body in bodies(as_user(reader), case):
                assert case.digest[7:23] not in body, path
                yield f"{number} {same_for_all(path)}", same_for_all(body)
        transaction.set_rollback(True)


@pytest.mark.parametrize("stakes", ["high", "critical"])
def test_a_digest_cannot_be_tried(stakes: str, role: Role, as_user: Browser) -> None:
    """Whoever works one out is told alike whether it is the package's or not."""
    case = case_under(role, sent(stakes), review=REVIEW, approvals=2 if stakes == "critical" else 1)
    browser = as_user(make_reviewer(role))
    told = []
    for digest in (case.digest, f"sha256:{'1' * 64}"):
        poll = browser.get(f"/cases/{case.reference}/standing/", {"digest": digest})
        given = {"option": "approve", "digest": digest, "step": "summary"}
        answer = browser.post(f"/cases/{case.reference}/decision/", given)
        bodies = [same_for_all(one.content.decode()) for one in (poll, answer)]
        told.append((answer.status_code, bodies))

    assert told[0] == told[1]
    assert told[0][0] == 409
