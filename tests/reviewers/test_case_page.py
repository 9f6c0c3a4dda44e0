import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import intake, ledger, lifecycle
from escalation.models import Case, Delivery, User
from tests.factories import (
    ABSENT,
    NINE,
    case_under,
    decided_case,
    handed_off_case,
    make_agent,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
    open_case,
    options,
    package,
    package_with,
    step,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
HOSTILE = "<script>alert(1)</script>\u202e\u200b\x1b[31m<a href='javascript:x'>"


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def read(case: Case, browser: Client) -> str:
    page = browser.get(f"/cases/{case.reference}/")
    assert page.status_code == 200
    return page.content.decode()


@pytest.fixture
def case() -> Case:
    return handed_off_case(make_role("refunds-compliance"))


@pytest.fixture
def reviewer(case: Case) -> User:
    assert case.role
    return make_reviewer(case.role)


def test_case_shows_all_seven_parts_in_the_order_that_decides_well(as_user: Browser):
    role = make_role(guidance="Misdelivered parcels are paid.")
    review = {"medium": {"protocol": "evidence_first"}}
    case = case_under(role, package(stakes="medium"), review=review)

    shown = read(case, as_user(make_reviewer(role)))
    text = words(re.sub(r'(?s)<section class="dossier.*?</section>', "", shown))

    parts = [
        "Refund order W88 for $412.50?",
        "confidence 0.62 on refund classification , below 0.80",
        "My parcel never came, I want my money back!!",
        "get_order must read",
        "delivered",
        "Carrier says delivered; customer disagrees.",
        "Ida Holm",
        "payments:refund",
        "Misdelivered parcels are paid.",
        "Refunds over $200 belong to refunds compliance",
        "issue_refund",
        "cannot be undone",
        "money_movement",
        "Goodwill policy covers first-time disputes.",
        "agent.example",
        "Its digest is shown once you have answered",
        "stopped and asked",
        "Your answer",
        "$412.50 leaves the account today final",
        "The customer is told no; a chargeback may follow can be undone",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_case_never_tells_what_the_agent_recommends(as_user: Browser):
    role = make_role()
    case = handed_off_case(role, package_with("/question/recommended", "reject"))
    browser = as_user(make_reviewer(role))

    pages = [
        browser.get(f"/cases/{case.reference}/{part}").content.decode()
        for part in ("", "standing/", "raw/arguments/", "raw/request/", "raw/identity/")
    ]

    assert not [page for page in pages if "recommend" in page]
    assert "checked" not in pages[0]


def test_opening_a_case_is_on_the_record_with_the_digest_on_screen(
    case: Case, reviewer: User, as_user: Browser
):
    read(case, as_user(reviewer))

    [viewed] = [line for line in ledger.history(case) if line.action == "case.viewed"]
    assert (viewed.actor, viewed.facts) == (f"user:{reviewer.pk}", {"digest": case.digest})


@pytest.mark.parametrize(
    "path", ["", "standing/", "raw/arguments/", "steps/1/input/"], ids=lambda path: path or "page"
)
def test_a_case_of_another_role_looks_like_one_that_never_was(
    path: str, case: Case, as_user: Browser
):
    outsider = as_user(make_reviewer(make_role()))

    assert outsider.get(f"/cases/{case.reference}/{path}").status_code == 404
    assert outsider.get(f"/cases/ESC-999999999/{path}").status_code == 404


def test_an_auditor_reads_but_is_offered_no_form(case: Case, as_user: Browser):
    page = read(case, as_user(make_auditor()))

    assert "Answers on offer" in page
    assert "<textarea" not in page


def test_hostile_text_in_any_field_stays_text(as_user: Browser):
    role = make_role()
    sent = package(
        run=HOSTILE, agent_version=HOSTILE,
        request={"content": HOSTILE + "x" * 200_000, "media_type": HOSTILE, "channel": HOSTILE},
        steps=[step("<b>", name=HOSTILE, text=HOSTILE, input={HOSTILE: HOSTILE}, output=[HOSTILE])],
        triggers=[{"type": "risk", "name": HOSTILE, "observed": HOSTILE, "operator": "in",
                   "threshold": [HOSTILE], "detail": HOSTILE}],
        proposal={"action": HOSTILE, "arguments": {HOSTILE: HOSTILE}, "reasoning": HOSTILE,
                  "categories": [HOSTILE]},
        question={"text": HOSTILE, "options": [
            {"key": key, "label": HOSTILE, "outcome": "modify",
             "consequences": [{"text": HOSTILE}],
             "parameters": {"type": "object", "properties": {
                 HOSTILE: {"type": "string", "title": HOSTILE, "description": HOSTILE,
                           "enum": [HOSTILE]}}}} for key in ("<i>", "b")]},
        identity={"user": {"id": HOSTILE, "name": HOSTILE}, "tenant": HOSTILE,
                  "credentials": [HOSTILE], "authority": HOSTILE},
        batch=HOSTILE, resume=ABSENT,
    )  # fmt: skip
    agent = make_agent()
    case = handed_off_case(role, sent, by=agent)
    handed_off_case(role, sent, by=agent)
    browser = as_user(make_reviewer(role))

    for page in (
        read(case, browser),
        browser.get("/queue/").content.decode(),
        browser.get("/").content.decode(),
    ):
        assert "<script>alert" not in page
        assert "href='javascript" not in page
        assert "\u202e" not in page and "\u200b" not in page and "\x1b" not in page
    assert "U+202E" in page


def test_a_case_without_steps_and_without_a_proposal_says_so(as_user: Browser):
    role = make_role()
    case = handed_off_case(role, package(steps=[], proposal=None))

    text = words(read(case, as_user(make_reviewer(role))))

    assert "The agent sent no steps" in text
    assert "The agent proposes nothing" in text


def test_steps_show_the_pauses_between_them(as_user: Browser):
    role = make_role()
    steps = [step("a", at="2026-11-20T09:12:00Z"), step("b", at="2026-11-20T09:15:00Z")]

    page = read(handed_off_case(role, package(steps=steps)), as_user(make_reviewer(role)))

    assert "3 min in which nothing is recorded" in words(page)


def test_the_others_of_a_batch_are_named_when_they_are_for_this_reader(as_user: Browser):
    role, other, agent = make_role(), make_role(), make_agent()
    sent = package(batch="b1")
    case, sibling, hidden = (
        handed_off_case(role, sent, by=agent),
        handed_off_case(role, sent, by=agent),
        handed_off_case(other, sent, by=agent),
    )

    page = read(case, as_user(make_reviewer(role)))

    assert sibling.reference in page
    assert hidden.reference not in page


def test_case_asks_as_much_of_the_database_with_one_step_as_with_thirty(
    as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role()
    browser = as_user(make_reviewer(role))
    for count in (1, 30):
        case = handed_off_case(role, package(steps=[step(f"s{n}") for n in range(count)]))
        read(case, browser)  # the reading that follows tells one event more
        with django_assert_num_queries(45):
            read(case, browser)


def test_raw_is_the_value_as_text_that_no_browser_runs(
    case: Case, reviewer: User, as_user: Browser
):
    answer = as_user(reviewer).get(f"/cases/{case.reference}/steps/1/output/")

    assert answer.content.decode() == '{\n  "total": "412.50",\n  "status": "delivered"\n}' or (
        answer.json() == {"total": "412.50", "status": "delivered"}
    )
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    viewed = ledger.history(case)[-1]
    assert (viewed.action, viewed.facts["part"]) == (
        "case.viewed",
        f"/cases/{case.reference}/steps/1/output/",
    )


@pytest.mark.parametrize(
    "path", ["steps/9/input/", "steps/1/text/", "raw/question/", "raw/resume/"]
)
def test_raw_gives_nothing_else(path: str, case: Case, reviewer: User, as_user: Browser):
    assert as_user(reviewer).get(f"/cases/{case.reference}/{path}").status_code == 404


def test_standing_says_nothing_until_something_changes(
    case: Case, reviewer: User, as_user: Browser
):
    browser = as_user(reviewer)
    page = read(case, browser)
    tag = re.search(r'id="standing".+?data-etag="&quot;(.+?)&quot;"', page)
    assert tag
    address = f"/cases/{case.reference}/standing/"
    headers = {"If-None-Match": f'"{tag[1]}"'}
    before = browser.get(address, {"digest": case.digest}, headers=headers)

    intake.add_steps(case, {"steps": [step("late")]}, by=case.agent, at=NINE)
    after = browser.get(address, {"digest": case.digest}, headers=headers)

    assert (before.status_code, after.status_code) == (304, 200)
    assert "New evidence came" in after.content.decode()


def test_a_decided_case_shows_how_its_agent_goes_on(as_user: Browser):
    role = make_role()
    reader = make_reviewer(role)
    case = decided_case(role, "reject", by=reader, rationale="Signed for at the door.")
    browser = as_user(reader)
    before = words(read(case, browser))

    Delivery.objects.update(status="delivered", delivered_at=NINE)
    lifecycle.mark_resumed(case.pk, "succeeded", detail="Told the customer", by=case.agent, at=NINE)
    page = read(case, browser)

    assert "Signed for at the door." in before
    assert "It has not yet said how it went on" in before
    assert "It went on: succeeded 10:00:00 Told the customer" in words(page).replace(
        "09:00", "10:00"
    )
    assert "data-poll" not in page


def test_an_open_case_is_for_auditors_only_until_a_role_has_it(as_user: Browser):
    case = open_case()

    assert "it is being routed" in words(read(case, as_user(make_auditor())))
    assert as_user(make_user()).get(f"/cases/{case.reference}/").status_code == 404


def test_an_option_that_asks_the_higher_role_says_that_the_agent_keeps_waiting(as_user: Browser):
    role = make_role(higher_role=make_role())
    up = {
        "key": "up",
        "label": "Ask",
        "outcome": "escalate",
        "consequences": [{"text": "They decide"}],
    }
    case = handed_off_case(role, package(question=options(up)))
    chosen = {"option": "up", "digest": case.digest, "step": "summary"}

    summary = as_user(make_reviewer(role)).post(f"/cases/{case.reference}/decision/", chosen)

    assert "The case goes up to the next role, with what you wrote." in words(
        summary.content.decode()
    )


def test_readings_by_one_person_in_a_row_are_told_once(as_user: Browser):
    role = make_role()
    case, browser = handed_off_case(role, at=now()), as_user(make_reviewer(role))
    for _ in range(3):
        page = read(case, browser)

    assert page.count("opened the package") == 1
    assert "opened the package, 3 times" in page
    assert len(ledger.history(case)) == 5


def test_whatever_became_of_a_case_its_panel_is_one_step_away_on_a_phone(as_user: Browser):
    role = make_role()
    owed, gone = handed_off_case(role), handed_off_case(role)
    lifecycle.withdraw(gone.pk, "The parcel was found.", by=gone.agent, at=now())
    browser = as_user(make_reviewer(role))

    for case in (owed, gone):
        shown = browser.get(f"/cases/{case.reference}/").content.decode()

        assert shown.count('id="reading"') == shown.count('href="#reading"') == 1
        assert re.findall(r'<a class="button[^"]*" href="#decision">([^<]+)', shown) == [
            "Decide",
            "Where it stands",
        ]  # a style shows the one that fits


def test_json_in_the_texts_of_steps_is_read_compared_and_raw_is_as_sent(as_user: Browser):
    role = make_role()
    answer = '{"order_id": "W8812345", "total": "142.50"}'
    steps = [step("s1", name="get_order", input='{"order_id": "W8812345"}', output=answer)]
    proposal = {"action": "issue_refund", "arguments": {"order_id": "W8812345", "total": "412.50"}}
    case = handed_off_case(role, package(steps=steps, proposal=proposal))
    browser = as_user(make_reviewer(role))

    shown = words(read(case, browser))

    assert "The proposal says total 412.50; the steps returned 142.50." in shown
    assert "JSON in a text order_id W8812345 total 142.50" in shown
    raw = browser.get(f"/cases/{case.reference}/steps/1/output/")
    assert json.loads(raw.content) == answer  # the text that came
