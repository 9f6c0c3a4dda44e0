from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from uuid_utils.compat import uuid7

from escalation import effects
from escalation.effects import LEASE, Claim
from escalation.enums import EffectKind
from escalation.models import Effect
from tests.factories import NINE

pytestmark = pytest.mark.django_db
DISPATCH, DEADLINE = EffectKind.DISPATCH, EffectKind.DEADLINE


def an_effect(kind=DISPATCH, due_at=NINE):
    return Effect.objects.create(kind=kind, target=uuid7(), due_at=due_at)


def test_what_is_due_is_claimed_oldest_first_and_the_rest_left():
    late, early = an_effect(due_at=NINE), an_effect(due_at=NINE - timedelta(hours=1))
    an_effect(due_at=NINE + timedelta(seconds=1))

    assert effects.claim(DISPATCH, at=NINE, most=1) == [Claim(early.pk, DISPATCH, 1)]
    assert effects.claim(DISPATCH, at=NINE) == [Claim(late.pk, DISPATCH, 1)]
    assert effects.claim(DISPATCH, at=NINE) == []


@pytest.mark.parametrize("kind", LEASE)
def test_a_claim_holds_until_its_lease_ends_and_then_it_is_due_again(kind):
    effect = an_effect(kind)
    until = NINE + LEASE[kind]

    (first,) = effects.claim(kind, at=NINE)
    assert effects.coming() == {kind: until}
    assert effects.claim(kind, at=until - timedelta(microseconds=1)) == []
    (second,) = effects.claim(kind, at=until)

    effect.refresh_from_db()
    assert [first.number, second.number, effect.claims] == [1, 2, 2]
    assert effect.due_at == effect.lease_until == until + LEASE[kind]


def test_what_the_courier_carries_rings_nobody(settings):
    for kind in settings.CARRIERS:
        an_effect(EffectKind(kind))

    assert effects.coming() == {}
    assert set(LEASE) == set(settings.EFFECTS)


@pytest.mark.django_db(transaction=True)
def test_a_second_clock_passes_over_what_another_holds():
    held, free = an_effect(), an_effect()
    claimed = []

    def other_clock():
        claimed.extend(effects.claim(DISPATCH, at=NINE))
        connection.close()

    with transaction.atomic():
        Effect.objects.select_for_update().get(pk=held.pk)
        other = Thread(target=other_clock)
        other.start()
        other.join(timeout=60)

    assert [claim.id for claim in claimed] == [free.pk]


def test_a_job_rung_for_an_older_claim_finds_that_it_is_not_its_turn():
    effect = an_effect()
    (stale,) = effects.claim(DISPATCH, at=NINE)
    (current,) = effects.claim(DISPATCH, at=NINE + LEASE[DISPATCH])

    held = [effects.claimed(DISPATCH, {str(effect.pk): c.number}) for c in (stale, current)]

    assert held == [[], [effect.target]]


def test_a_claim_of_one_kind_is_none_of_another():
    effect = an_effect(DEADLINE)
    (claim,) = effects.claim(DEADLINE, at=NINE)

    assert effects.claimed(DISPATCH, {str(effect.pk): claim.number}) == []


def test_what_is_done_is_never_due_again():
    effect = an_effect()
    (claim,) = effects.claim(DISPATCH, at=NINE)

    effects.done(DISPATCH, [effect.target], at=NINE)

    assert effects.claim(DISPATCH, at=NINE + timedelta(days=1)) == []
    assert effects.claimed(DISPATCH, {str(effect.pk): claim.number}) == []
    assert effects.coming() == {}
    effects.release([claim], due_at=NINE)
    effects.done(DISPATCH, [effect.target], at=NINE + timedelta(days=2))
    effect.refresh_from_db()
    assert (effect.done_at, effect.due_at) == (NINE, NINE + LEASE[DISPATCH])


def test_what_is_released_is_due_when_it_was_released_for():
    effect = an_effect()
    claims = effects.claim(DISPATCH, at=NINE)

    effects.release(claims, due_at=NINE + timedelta(seconds=1))

    effect.refresh_from_db()
    assert (effect.due_at, effect.lease_until) == (NINE + timedelta(seconds=1), None)


@pytest.mark.parametrize("at", [-1, 0])
def test_the_next_due_instant_may_have_passed(at):
    an_effect(due_at=NINE + timedelta(hours=at))
    an_effect(due_at=NINE + timedelta(hours=1))

    assert effects.coming()[DISPATCH] == NINE + timedelta(hours=at)
