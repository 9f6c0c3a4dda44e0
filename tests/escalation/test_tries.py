"""Guessing is slow, also when a hundred guesses come at one instant."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from escalation import tries
from escalation.models import Tries
from escalation.tries import Door, TooManyTries
from tests.factories import NINE

NAME = Door("name", "lena", free=5)
ADDRESS = Door("address", "198.51.100.7", free=30, shared=True)


def waits(door=NAME, at=NINE):
    with pytest.raises(TooManyTries) as refused:
        tries.count([door], at=at)
    return refused.value.until - at


@pytest.mark.django_db
def test_some_tries_are_free_and_each_more_doubles_the_wait_up_to_a_quarter_of_an_hour():
    at, seen = NINE, []
    for _ in range(5):
        tries.count([NAME], at=at)
    for _ in range(7):
        seen.append(waits(at=at))
        at += seen[-1]
        tries.count([NAME], at=at)

    assert [wait.total_seconds() for wait in seen] == [30, 60, 120, 240, 480, 900, 900]


@pytest.mark.django_db
def test_an_hour_without_a_try_forgets():
    for _ in range(5):
        tries.count([NAME], at=NINE)

    for _ in range(5):
        tries.count([NAME], at=NINE + timedelta(hours=1, seconds=1))


@pytest.mark.django_db
def test_one_closed_door_counts_at_none():
    for _ in range(5):
        tries.count([NAME], at=NINE)
    with pytest.raises(TooManyTries):
        tries.count([NAME, ADDRESS], at=NINE)

    assert dict(Tries.objects.values_list("key", "count")) == {NAME.key: 5}


@pytest.mark.django_db
def test_success_forgets_ones_own_tries_and_takes_back_one_of_the_shared():
    for _ in range(3):
        tries.count([NAME, ADDRESS], at=NINE)
    tries.succeeded([NAME, ADDRESS], at=NINE)

    assert dict(Tries.objects.values_list("key", "count")) == {NAME.key: 0, ADDRESS.key: 2}


@pytest.mark.django_db
def test_success_clears_away_what_nobody_needs_any_more():
    tries.count([Door("name", "old", free=5)], at=NINE)
    tries.succeeded([ADDRESS], at=NINE + timedelta(hours=2))

    assert not Tries.objects.exists()


def test_what_was_typed_is_not_kept_in_the_open():
    assert "lena" not in NAME.key
    assert NAME.key != Door("browser", "lena", free=5).key


@pytest.mark.django_db(transaction=True)
def test_a_hundred_guesses_at_one_instant_are_a_hundred():
    def guess(_):
        try:
            tries.count([NAME, ADDRESS], at=NINE)
        except TooManyTries:
            return "waits"
        else:
            return "looked at"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(100)))

    assert said.count("looked at") == 5
