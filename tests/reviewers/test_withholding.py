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
from django.test import Client
from django.urls import URLResolver, get_resolver

from escalation import access, ledger
from escalation.enums import AnswerStage, StepKind
from escalation.models import Answer, Case, Role, User
from escalation.withholding import Sight
from tests.factories import (
    NINE,
    PACKAGE,
    case_under,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
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
    "audit/export/?format=jsonl", "queue/?q=W88", "queue/?q=MARK-text-a",
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
        yield path, text(browser.get(f"/{path}"))
        if "/raw/" not in path and "/steps/" not in path:
            answer = browser.get(f"/{path}", headers={"HX-Request": "true"})
            yield f"{path} (fragment)", text(answer)


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


READERS = {
    "reviewer": lambda role: make_reviewer(role),
    "supervisor": lambda role: person(access.SUPERVISE, role),
    "auditor": lambda role: make_auditor(),
    "auditor of the role": lambda role: person(access.AUDIT_ROLE, role),
}


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
    page = told[f"cases/{case.reference}/"]
    assert "get_order" in page
    assert "2 steps are withheld until" in page
    assert "what the agent concluded" in page
    assert "how sure the agent is" in page


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
    return re.sub(r"sha256[^&\"]*", "", page)


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
