from datetime import timedelta
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now

from escalation import effects
from escalation.machine.programs import until
from escalation.models import Effect, Heartbeat
from routing.clock import BEAT, Clock, leading
from tests.factories import open_case

SOON = 10.0  # seconds; how long a test waits for what should take none


def wake():
    """Wake whoever listens for effects, although there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [effects.CHANNEL])


@pytest.fixture
def running():
    """Start clocks, each in a thread of its own; all are stopped in the end."""
    clocks = []

    def start(**given):
        clock = Clock(**given)
        thread = Thread(target=lambda: (clock.run(), connection.close()))
        clocks.append((clock, thread))
        thread.start()
        return clock

    yield start
    for clock, _ in clocks:
        clock.stop()
    wake()
    for _, thread in clocks:
        thread.join(timeout=SOON)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_one_clock_leads_and_a_spare_takes_over_when_it_ends():
    with leading() as first:
        assert first is not None
        with leading() as spare:
            assert spare is None
    with leading() as second:
        assert second is not None


@pytest.mark.django_db(transaction=True)
def test_a_clock_wakes_at_once_for_a_new_case(queues, running):
    running(every=60)
    assert until(lambda: Heartbeat.objects.filter(name="clock").exists(), SOON)

    open_case(at=now())

    assert until(lambda: len(queues["dispatch"].jobs) == 1, SOON)


@pytest.mark.django_db(transaction=True)
def test_a_clock_rings_at_the_due_instant_without_being_woken(queues, running):
    open_case(at=now())
    Effect.objects.update(due_at=now() + timedelta(seconds=0.4))
    running(every=60)

    assert until(lambda: len(queues["dispatch"].jobs) == 1, SOON)
    assert Effect.objects.get().lease_until > now()


@pytest.mark.django_db(transaction=True)
def test_two_clocks_ring_once(queues, running):
    for _ in range(2):
        running(every=0.05)
    cases = [open_case(at=now()) for _ in range(20)]

    def rung():
        return [claim for job in queues["dispatch"].jobs for claim in job.args[0]]

    assert until(lambda: len(rung()) >= len(cases), SOON)
    assert len(rung()) == len(set(rung())) == len(cases)


@pytest.mark.django_db
def test_a_clock_says_that_it_lives_every_two_seconds():
    clock, at = Clock(), now()
    said = []

    for seconds in (0, 1, BEAT.total_seconds(), 3, 4):
        clock._beat(at + timedelta(seconds=seconds))
        said.append((Heartbeat.objects.get(name="clock").at - at).total_seconds())

    assert said == [0, 0, 2, 2, 4]


@pytest.mark.parametrize("every", ["0", "61", "nan", "often"])
def test_sweep_takes_a_sensible_number_of_seconds(every):
    with pytest.raises(CommandError, match="give "):
        call_command("sweep", f"--every={every}")
