"""What people say on a case: whom it names, who may speak, and what is kept from who answers blind."""

from datetime import timedelta

import pytest

from escalation import access, comments, ledger, needless, opinions
from escalation.enums import AnswerStage, Stakes
from escalation.errors import (
    AlreadyAsked,
    AlreadyDecided,
    MentionUnknown,
    NotAuthorised,
    TextMissing,
    UnknownOption,
)
from escalation.models import Answer, Case, Needless, OpinionRequest
from tests.factories import (
    NINE,
    case_under,
    decide,
    make_auditor,
    make_reviewer,
    make_role,
    make_user,
)

pytestmark = pytest.mark.django_db
LATER = NINE + timedelta(minutes=5)


@pytest.fixture
def role():
    return make_role("refunds")


@pytest.fixture
def kim(role):
    return make_reviewer(role, username="kim", first_name="Kim")


@pytest.fixture
def ana(role):
    return make_reviewer(role, username="ana.b", first_name="Ana")


def reviewed(role, protocol="open"):
    """Return a case that is reviewed so, whatever its stakes."""
    return case_under(role, review={stakes: {"protocol": protocol} for stakes in Stakes})


@pytest.fixture
def case(role):
    return reviewed(role)


def answer(case, user):
    """Keep an answer of ``user``, as the doors do."""
    return Answer.objects.create(
        case=case, user=user, option=case.options.first(), stage=AnswerStage.COMMITTED,
        digest=Case.objects.get(pk=case.pk).digest, answered_at=LATER,
    )  # fmt: skip


def last(case):
    line = ledger.history(case)[-1]
    return line.action, line.actor, line.facts, line.private


def said(case, reader):
    talk = comments.shown_to(case, reader)
    return [one.text for one in talk.shown], talk.withheld


# Comments ----------------------------------------------------------------------------------------


def test_a_comment_names_people_who_work_with_the_case(case, kim, ana):
    text = "@ana.b, is W88 the parcel of last week? (cc @KIM, @ana.b) See refunds@shop.example."

    made = comments.comment(case.pk, text, by=kim, at=LATER)

    assert (made.mentions, made.said_at) == ([ana.pk], LATER)  # oneself is not told
    assert last(case) == (
        "case.commented",
        f"user:{kim.pk}",
        {"comment": str(made.pk), "mentions": [str(ana.pk)]},
        {"text": text},
    )


def test_a_comment_that_says_nothing_or_names_nobody_is_refused(case, kim):
    make_user("stranger")

    with pytest.raises(TextMissing):
        comments.comment(case.pk, " \n", by=kim, at=LATER)
    with pytest.raises(MentionUnknown, match="@stranger"):
        comments.comment(case.pk, "Ask @stranger.", by=kim, at=LATER)


def test_an_auditor_and_a_stranger_leave_no_word_and_a_supervisor_may(role, case, kim):
    supervisor, auditor = make_user(), make_auditor()
    access.grant(access.SUPERVISE, supervisor, role)

    comments.comment(case.pk, "Mind the limit.", by=supervisor, at=LATER)
    for one in (auditor, make_user(), make_reviewer(role, tenants=["elsewhere"])):
        with pytest.raises(NotAuthorised):
            comments.comment(case.pk, "Hello.", by=one, at=LATER)


def test_what_is_said_is_read_by_all_where_nothing_is_withheld(case, kim, ana):
    comments.comment(case.pk, "First.", by=kim, at=LATER)
    comments.comment(case.pk, "Second.", by=ana, at=LATER)
    answer(case, kim)

    assert said(case, ana) == said(case, kim) == (["First.", "Second."], 0)


@pytest.mark.parametrize("protocol", ["commit_first", "two_blind"])
def test_who_has_yet_to_answer_blind_sees_nothing_of_who_has_answered(role, kim, ana, protocol):
    case = reviewed(role, protocol)
    third, auditor = make_reviewer(role), make_auditor()
    comments.comment(case.pk, "Before.", by=kim, at=LATER)
    comments.comment(case.pk, "Open.", by=third, at=LATER)
    comments.comment(case.pk, "Mine.", by=ana, at=LATER)
    answer(case, kim)
    comments.comment(case.pk, "It recommends to refund.", by=kim, at=LATER)

    assert said(case, ana) == said(case, auditor) == (["Open.", "Mine."], 2)
    assert said(case, kim) == (["Before.", "Open.", "Mine.", "It recommends to refund."], 0)
    # who answered an earlier version has seen what was withheld with it
    Case.objects.filter(pk=case.pk).update(digest="sha256:" + "0" * 64, version=2)
    case.refresh_from_db()
    assert said(case, ana) == (["Open.", "Mine."], 2)


# Opinions ----------------------------------------------------------------------------------------


def test_an_opinion_is_asked_and_given_and_decides_nothing(case, kim, ana):
    asked = opinions.ask(case.pk, ana, "Is this our fault?", by=kim, at=LATER)
    assert opinions.wanted_of(ana, access.working(ana)) == [asked]

    given = opinions.give(asked.pk, "No: it was delivered.", key="reject", by=ana, at=LATER)

    asked.refresh_from_db()
    assert (asked.opinion, given.kind, given.option.key) == (given, "opinion", "reject")
    assert opinions.wanted_of(ana, access.working(ana)) == []
    assert Case.objects.get(pk=case.pk).status == "awaiting"
    assert [(line.action, line.private) for line in ledger.history(case)[-2:]] == [
        ("case.opinion_asked", {"note": "Is this our fault?"}),
        ("case.opinion_given", {"text": "No: it was delivered.", "option": "reject"}),
    ]


def test_whom_one_may_ask_for_an_opinion(role, case, kim, ana):
    answered = make_reviewer(role)
    answer(case, answered)
    elsewhere = make_reviewer(role, tenants=["elsewhere"])

    for one in (kim, answered, elsewhere, make_user()):
        with pytest.raises(NotAuthorised):
            opinions.ask(case.pk, one, "", by=kim, at=LATER)
    with pytest.raises(NotAuthorised):
        opinions.ask(case.pk, ana, "", by=make_user(), at=LATER)
    opinions.ask(case.pk, ana, "", by=kim, at=LATER)
    with pytest.raises(AlreadyAsked):
        opinions.ask(case.pk, ana, "", by=kim, at=LATER)


def test_an_opinion_is_given_once_by_who_was_asked_while_the_case_waits(case, kim, ana):
    asked = opinions.ask(case.pk, ana, "", by=kim, at=LATER)

    with pytest.raises(NotAuthorised):
        opinions.give(asked.pk, "Yes.", by=kim, at=LATER)
    with pytest.raises(TextMissing):
        opinions.give(asked.pk, "", key="approve", by=ana, at=LATER)
    with pytest.raises(UnknownOption):
        opinions.give(asked.pk, "Yes.", key="maybe", by=ana, at=LATER)
    opinions.give(asked.pk, "Yes.", by=ana, at=LATER)
    with pytest.raises(AlreadyAsked):
        opinions.give(asked.pk, "No.", by=ana, at=LATER)
    late = opinions.ask(case.pk, ana, "And now?", by=kim, at=LATER)
    decide(case, by=kim, at=LATER)
    with pytest.raises(AlreadyDecided):
        opinions.give(late.pk, "Yes.", by=ana, at=LATER)
    assert opinions.wanted_of(ana, access.working(ana)) == []


def test_who_asked_under_a_blind_protocol_sees_the_opinion_after_their_own_answer(role, kim, ana):
    case = reviewed(role, "commit_first")
    asked = opinions.ask(case.pk, ana, "", by=kim, at=LATER)
    opinions.give(asked.pk, "Refund it.", by=ana, at=LATER)

    assert (said(case, kim), said(case, ana)) == (([], 1), (["Refund it."], 0))
    answer(case, kim)
    assert said(case, kim) == (["Refund it."], 0)
    assert OpinionRequest.objects.get().opinion.text == "Refund it."


# Needless ----------------------------------------------------------------------------------------


def test_that_a_case_was_needless_is_said_taken_back_and_said_again(case, kim):
    changed = [needless.judge(case.pk, said, by=kim, at=LATER) for said in (True, True, False)]
    assert (changed, needless.is_judged(case, kim)) == ([True, False, True], False)

    decide(case, by=kim, at=LATER)
    needless.judge(case.pk, True, by=kim, at=LATER)

    assert needless.is_judged(case, kim)
    assert Needless.objects.filter(case=case).count() == 2
    assert last(case)[0::2] == ("case.judged_needless", {"needless": True})
    with pytest.raises(NotAuthorised):
        needless.judge(case.pk, True, by=make_auditor(), at=LATER)
