"""Training that lapses: the warning, the shifts, the cases in hand, the decision that is refused."""

from datetime import timedelta

import pytest

from escalation import access, effects, lifecycle
from escalation.actors import OPERATOR
from escalation.enums import EffectKind
from escalation.errors import NotAuthorised
from escalation.models import Competence, Decision, Effect, Event, Handoff
from reviewers import candidates, jobs, shifts, training
from reviewers.models import Notice
from tests.factories import NINE, handed_off_case, make_layer, make_reviewer, make_role

pytestmark = pytest.mark.django_db
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
LAPSES = NINE + 30 * DAY


@pytest.fixture
def role():
    return make_role(competences=["refunds"])


@pytest.fixture
def ida(role):
    user = make_reviewer(role, first_name="Ida")
    make_layer(role, user)
    return user


def certify(user, expires_at=LAPSES, *, at=NINE, name="refunds"):
    return training.certify(user, name, since=at - DAY, expires_at=expires_at, by=OPERATOR, at=at)


def ring(at, monkeypatch):
    monkeypatch.setattr(jobs, "now", lambda: at)
    claims = effects.claim(EffectKind.COMPETENCE, at=at)
    jobs.look_at_competence({str(claim.id): claim.number for claim in claims})
    return len(claims)


def on_call(role, at):
    return [shift.user for shift in shifts.on_call(role, at)]


def test_training_puts_somebody_on_call_until_it_lapses_and_not_a_second_longer(role, ida):
    assert on_call(role, NINE) == []

    certify(ida)

    assert on_call(role, NINE) == on_call(role, LAPSES - SECOND) == [ida]
    assert on_call(role, LAPSES) == []


def test_the_warning_comes_once_fourteen_days_before(ida, monkeypatch):
    certify(ida)
    rung = [ring(LAPSES - 14 * DAY - SECOND, monkeypatch), ring(LAPSES - 14 * DAY, monkeypatch)]
    training.look_at(Competence.objects.get(), at=LAPSES - 13 * DAY)
    ring(LAPSES, monkeypatch)

    assert rung == [0, 1]
    (notice,) = Notice.objects.filter(user=ida, kind="competence")
    assert notice.made_at == LAPSES - 14 * DAY
    assert notice.text == (
        "Your training in refunds lapses on 20 December 2026. "
        "From then on you get no cases that need it."
    )


def test_training_that_is_certified_for_a_few_days_only_warns_at_once(ida):
    certify(ida, NINE + 3 * DAY)

    assert Notice.objects.filter(user=ida, kind="competence").count() == 1


def test_training_that_does_not_lapse_warns_of_nothing(ida):
    certify(ida, None)

    assert not Notice.objects.filter(kind="competence").exists()
    assert Effect.objects.filter(kind=EffectKind.COMPETENCE, done_at=None).count() == 0


def test_what_somebody_has_in_hand_goes_back_when_training_lapses(role, ida, monkeypatch):
    certify(ida)
    case = handed_off_case(role)
    ring(LAPSES - 14 * DAY, monkeypatch)

    ring(LAPSES, monkeypatch)

    turns = Handoff.objects.filter(case=case).order_by("started_at").values_list("user", "note")
    assert [user for user, _ in turns] == [ida.pk, None]
    assert turns[1][1] == "Whoever had it is not trained in refunds any more."


def test_training_that_was_renewed_in_time_changes_nothing_when_the_old_lapses(
    role, ida, monkeypatch
):
    certify(ida)
    certify(ida, LAPSES + 300 * DAY, at=NINE + 20 * DAY)
    case = handed_off_case(role, at=LAPSES - DAY)

    ring(LAPSES, monkeypatch)

    assert on_call(role, LAPSES) == [ida]
    assert [each.user for each in Handoff.objects.filter(case=case)] == [ida]


def test_ending_training_takes_somebody_off_at_once(role, ida):
    competence = certify(ida)
    case = handed_off_case(role)
    assert Handoff.objects.get(case=case).user == ida

    training.end(competence, by=OPERATOR, at=NINE + DAY)

    assert on_call(role, NINE + DAY) == []
    assert Handoff.objects.get(case=case, ended_at=None).user is None
    assert Event.objects.filter(action="competence.ended", subject=f"user:{ida.pk}").count() == 1


def test_who_is_no_longer_trained_is_passed_over_even_with_a_shift_left_standing(role, ida):
    certify(ida)
    Competence.objects.update(expires_at=NINE + SECOND)  # no job has looked at it

    (one,) = candidates.Team(role, NINE + DAY).weigh(None)

    assert one.passed_over == "Ida is not trained in refunds, or no longer."


@pytest.mark.parametrize(
    ("after", "refused"), [(-SECOND, False), (timedelta(), True), (SECOND, True)]
)
def test_the_date_itself_refuses_a_decision_when_every_job_is_late(role, ida, after, refused):
    certify(ida)
    case = handed_off_case(role)
    assert role in access.roles_with(access.DECIDE, ida)

    try:
        lifecycle.decide(case.pk, "approve", digest=case.digest, by=ida, at=LAPSES + after)
    except NotAuthorised as refusal:
        assert str(refusal) == "Ida is not trained in refunds, or no longer."

    assert Decision.objects.exists() is not refused


def test_a_job_that_comes_twice_says_it_once(role, ida, monkeypatch):
    certify(ida)
    case = handed_off_case(role)
    competence = Competence.objects.get()

    for minutes in (0, 10):
        training.look_at(competence, at=LAPSES + timedelta(minutes=minutes))

    assert Handoff.objects.filter(case=case).count() == 2
