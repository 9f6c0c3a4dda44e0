"""What is due is found lane by lane: whoever has much that waits hides nobody."""

from datetime import timedelta

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from escalation.delivery import claims
from escalation.delivery.claims import LEASE, Look
from escalation.delivery.lanes import Full
from escalation.enums import EffectKind
from escalation.models import Effect
from tests.factories import NINE

pytestmark = pytest.mark.django_db
KIND = EffectKind.DELIVERY
SECOND = timedelta(seconds=1)


def wait(lane="a", receiver="x:80", *, due_at=NINE, attempts=0, kind=KIND):
    return Effect(
        kind=kind, target=uuid7(), lane=lane, receiver=receiver, due_at=due_at, attempts=attempts
    )


def save(*effects):
    return Effect.objects.bulk_create(effects)


def look(full=None, held=(), at=NINE):
    return [one.id for one in claims.look(KIND, full or Full(), held, at=at).due]


def claim(*effects, at=NINE, **given):
    due = claims.look(KIND, Full(), [], at=at).due
    wanted = {one.pk for one in effects}
    return claims.claim(KIND, [one for one in due if one.id in wanted], at=at, **given)


def test_nothing_due_says_when_something_will_be():
    save(wait(due_at=NINE + SECOND), wait(kind=EffectKind.NOTICE))

    assert claims.look(KIND, Full(), [], at=NINE) == Look([], NINE + SECOND)


def test_lanes_are_dealt_out_in_turn_and_first_tries_come_before_others():
    a = save(*(wait("a", due_at=NINE - 9 * SECOND + n * SECOND) for n in range(3)))
    [again] = save(wait("a", due_at=NINE - timedelta(hours=1), attempts=1))
    b = save(*(wait("b", due_at=NINE - SECOND + n * SECOND) for n in range(2)))

    assert look() == [one.pk for one in (a[0], b[0], a[1], b[1], a[2], again)]


def test_ten_thousand_that_wait_in_one_lane_hide_no_other():
    save(*(wait("a", due_at=NINE - timedelta(hours=1)) for _ in range(10_000)))
    [late] = save(wait("b"))

    assert look()[:2].count(late.pk) == 1


def test_what_is_full_is_passed_over_and_what_stands_behind_it_comes_into_sight():
    save(*(wait("a", "full:80", due_at=NINE - SECOND) for _ in range(50)))
    save(*(wait("a", "again:80", due_at=NINE - SECOND, attempts=2) for _ in range(50)))
    save(*(wait("b", "busy:80") for _ in range(3)), *(wait("c") for _ in range(3)))
    [behind] = save(wait("a", "free:80", attempts=3))
    full = Full(
        lanes=["c"], pairs=["a full:80"], receivers=["busy:80"], pairs_of_retries=["a again:80"]
    )

    assert look(full) == [behind.pk]
    assert look(Full(**vars(full) | {"lanes_of_retries": ["a"]})) == []


def test_what_this_courier_has_in_hand_is_not_looked_at():
    held, free = save(wait(), wait())

    assert look(held=[held.pk]) == [free.pk]


def test_a_claim_holds_from_the_start_of_its_call_until_its_lease_ends():
    [effect] = save(wait())

    [due] = claim(effect)
    assert (due.id, due.claims, due.place.first) == (effect.pk, 1, True)
    assert look(at=NINE + LEASE - SECOND) == []
    [again] = claim(effect, at=NINE + LEASE)

    assert again.claims == 2
    assert claims.are_held({effect.pk: 2})
    assert not claims.are_held({effect.pk: 1})


def test_what_was_looked_at_and_taken_by_another_is_not_claimed_again():
    save(wait(), wait())
    seen = claims.look(KIND, Full(), [], at=NINE).due

    first = claims.claim(KIND, seen[:1], at=NINE)
    second = claims.claim(KIND, seen, at=NINE)

    assert [[one.id for one in took] for took in (first, second)] == [
        [seen[0].id],
        [seen[1].id],
    ]


def test_all_that_is_due_to_a_receiver_is_claimed_with_it():
    one, other = save(wait("", "kim"), wait("email", "kim"))
    save(wait("", "lee"), wait("", "kim", due_at=NINE + SECOND))

    assert {due.id for due in claim(one, with_receivers=True)} == {one.pk, other.pk}


def test_a_lease_is_renewed_for_whoever_holds_it_and_nobody_else():
    mine, taken_over, done, hastened = save(wait(), wait(), wait(), wait())
    claim(mine, taken_over, done, hastened)
    Effect.objects.filter(pk=taken_over.pk).update(claims=2)
    Effect.objects.filter(pk=done.pk).update(done_at=NINE)
    Effect.objects.filter(pk=hastened.pk).update(lease_until=None, due_at=NINE)

    claims.renew(dict.fromkeys([one.pk for one in (mine, taken_over, done, hastened)], 1),
                 at=NINE + SECOND)  # fmt: skip

    for one in (mine, taken_over, done, hastened):
        one.refresh_from_db()
    assert mine.due_at == mine.lease_until == NINE + SECOND + LEASE
    assert [one.due_at for one in (taken_over, done, hastened)] == [
        NINE + LEASE, NINE + LEASE, NINE,
    ]  # fmt: skip


def test_what_is_given_back_is_due_at_once_and_waits_where_it_belongs():
    [effect] = save(wait(""))
    claim(effect)

    claims.give_back({effect.pk: 1}, due_at=NINE, lane="email")
    claims.give_back({effect.pk: 7}, due_at=NINE + SECOND, lane="slack")

    effect.refresh_from_db()
    assert (effect.due_at, effect.lease_until, effect.lane) == (NINE, None, "email")


def test_a_look_walks_the_index_of_lanes_however_many_wait():
    save(*(wait(f"lane-{n % 50}", due_at=NINE + timedelta(days=1)) for n in range(5000)))
    [due] = save(wait("lane-7"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE escalation_effect")
        values = {
            "kind": KIND.value, "at": NINE, "each": 20, "most": 500, "held": [], **vars(Full()),
        }  # fmt: skip
        cursor.execute(f"EXPLAIN (FORMAT TEXT) {claims.LOOK}", values)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert look() == [due.pk]
    assert "Seq Scan on escalation_effect" not in plan
