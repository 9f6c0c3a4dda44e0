from datetime import timedelta

import pytest

from reviewers.notifications.turns import Way, next_turn


def way(name, attempts=0, **said):
    return Way(name, attempts, **said)


@pytest.mark.parametrize(
    ("ways", "turn"),
    [
        ([], None),
        ([way("a")], ("a", 0)),
        ([way("a"), way("b")], ("a", 0)),
        # three tries of one within a minute, then the next
        ([way("a", 1), way("b")], ("a", 5)),
        ([way("a", 2), way("b")], ("a", 30)),
        ([way("a", 3), way("b")], ("b", 0)),
        ([way("a", 3), way("b", 1)], ("b", 5)),
        # a refusal ends a way's turns
        ([way("a", 1, refused=True), way("b")], ("b", 0)),
        ([way("a", 1, refused=True)], None),
        ([way("a", 1, refused=True), way("b", 1, refused=True)], None),
        # round again, ever more slowly; who lags behind is not waited for
        ([way("a", 3), way("b", 3)], ("a", 120)),
        ([way("a", 4), way("b", 3)], ("b", 0)),
        ([way("a", 4), way("b", 4)], ("a", 600)),
        ([way("a", 5)], ("a", 1800)),
        ([way("a", 6)], ("a", 3600)),
        ([way("a", 7)], None),
        ([way("a", 7), way("b", 1, refused=True)], None),
        # the dead are asked last, and once
        ([way("a", dead=True), way("b")], ("b", 0)),
        ([way("a", dead=True), way("b", 2)], ("b", 30)),
        ([way("a", dead=True), way("b", 3)], ("a", 0)),
        ([way("a", 1, dead=True), way("b", 3)], ("b", 120)),
        ([way("a", dead=True)], ("a", 0)),
        # where all are dead, as if they lived
        ([way("a", 1, dead=True)], ("a", 5)),
        ([way("a", 2, dead=True), way("b", 1, refused=True)], ("a", 30)),
        ([way("a", 3, dead=True), way("b", dead=True)], ("b", 0)),
        ([way("a", 1, refused=True, dead=True)], None),
    ],
)
def test_whose_turn_it_is(ways, turn):
    found = next_turn(ways)

    assert (found and (found[0].id, found[1])) == (turn and (turn[0], timedelta(seconds=turn[1])))


def test_in_the_end_a_single_way_is_given_up():
    attempts, waited = 0, timedelta()
    while found := next_turn([way("a", attempts)]):
        attempts, waited = attempts + 1, waited + found[1]

    assert (attempts, waited) == (7, timedelta(seconds=35 + 120 + 600 + 1800 + 3600))
