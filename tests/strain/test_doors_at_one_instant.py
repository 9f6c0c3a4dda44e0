"""All that people, agents, clocks and workers do to the same few cases at one instant ends, each way."""

import random
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError
from django.utils.timezone import now

from escalation import (
    comments,
    incidents,
    intake,
    lifecycle,
    needless,
    opinions,
    stopping,
    verification,
)
from escalation.enums import HandoffReason, IncidentKind
from escalation.lifecycle import Hands
from escalation.models import Case, Handoff
from reviewers import hands, starting
from tests.factories import (
    case_reviewed,
    make_layer,
    make_policy_maker,
    make_reviewer,
    make_role,
    step,
)
from tests.strain.at_once import THREADS, at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
WINDOW = 60  # seconds


def test_no_two_doors_wait_for_each_other():
    chance = random.Random(5)
    role, other = make_role(), make_role()
    people = [make_reviewer(role) for _ in range(4)]
    make_reviewer(other)
    ruler = make_policy_maker()
    make_layer(role, people, at=now() - timedelta(days=1))
    cases = [case_reviewed(role, "open", hold_window=WINDOW) for _ in range(3)]

    results = []
    for number in range(ROUNDS):
        acts = [
            _act(chance, cases, role, other, people, ruler, number * THREADS + n)
            for n in range(THREADS)
        ]
        results += at_once(*acts)

    assert not [one for one in results if isinstance(one, DatabaseError | AssertionError)]
    assert any(not isinstance(one, Exception) for one in results)
    for case in Case.objects.all():
        current = Handoff.objects.filter(case=case, ended_at=None).count()
        assert current == (0 if case.is_ended else 1)
    assert verification.verify().problem == ""


def _act(chance, cases, role, other, people, ruler, number):
    """Return one act, of all that there are, on one of the cases, by one of the people."""
    case, by, at = chance.choice(cases), chance.choice(people), now()
    colleague = chance.choice([one for one in people if one != by])
    given = {"by": by, "at": at}
    note = Hands(case.pk, role, HandoffReason.HANDED_OVER, "Look.", user=colleague)
    more = {"steps": [step(f"more-{number}")]}
    acts = [
        partial(lifecycle.claim, case.pk, **given),
        partial(lifecycle.decide, case.pk, "reject", digest=case.digest, **given),
        partial(lifecycle.release, case.pk, at=at + timedelta(seconds=WINDOW)),
        partial(lifecycle.undo, case.pk, **given),
        partial(lifecycle.hold, case.pk, "Later.", **given),
        partial(lifecycle.take_up, case.pk, **given),
        partial(lifecycle.hand_over, note, **given),
        partial(lifecycle.move_over, case.pk, other, "Theirs.", **given),
        partial(lifecycle.snooze, case.pk, "Later.", until=at + timedelta(hours=1), **given),
        partial(lifecycle.open_evidence, case.pk, 1, **given),
        partial(comments.comment, case.pk, "Look.", **given),
        partial(opinions.ask, case.pk, colleague, "", **given),
        partial(needless.judge, case.pk, True, **given),
        partial(incidents.report, case.pk, IncidentKind.OTHER, "Look.", **given),
        partial(intake.add_steps, case, more, by=case.agent, at=at),
        partial(stopping.stop, case.agent_id, "Wait.", by=ruler, at=at),
        partial(stopping.start, case.agent_id, "Go on.", by=ruler, at=at),
        partial(stopping.see_to, case.agent_id, at=at),
        partial(hands.seat, role, at=at),
        partial(starting.start, by, at=at),
    ]
    return chance.choice(acts)


@pytest.mark.parametrize("door", ["claim", "hand_over", "move_over", "seat", "hold", "decide"])
def test_who_came_first_and_was_let_in_second_is_taken_as_of_then(door):
    """The instant of an act is read before it waits for the case: another may have begun meanwhile."""
    role, other = make_role(), make_role()
    first, second = make_reviewer(role), make_reviewer(role)
    make_reviewer(other)
    at = now()
    case = case_reviewed(role, "open", stakes="medium")
    note = Hands(case.pk, role, HandoffReason.HANDED_OVER, "Look.", user=second)
    began = lifecycle.hand_over(note, by=first, at=at)
    if door == "hold":
        lifecycle.hold(case.pk, "Later.", by=second, at=at)

    given = {"by": second, "at": at - timedelta(milliseconds=5)}
    acts = {
        "claim": partial(lifecycle.claim, case.pk, at=given["at"], by=first),
        "hand_over": partial(lifecycle.hand_over, note, **given),
        "move_over": partial(lifecycle.move_over, case.pk, other, "Theirs.", **given),
        "seat": partial(lifecycle.give_back, [note], **given),
        "hold": partial(lifecycle.take_up, case.pk, **given),
        "decide": partial(lifecycle.decide, case.pk, "reject", digest=case.digest, **given),
    }
    acts[door]()

    last = Handoff.objects.filter(case=case).order_by("started_at", "id").last()
    assert (last.pk == began.pk) == (door in ("hold", "decide"))
    assert last.started_at == began.started_at
