"""What a stored case moves, and what an answer to it would."""

from collections.abc import Mapping
from typing import Any

from escalation.cases.arguments import complete_arguments
from escalation.intake import whole_package
from escalation.models import Case, Option
from escalation.money.amounts import Reader
from escalation.money.currencies import cut
from escalation.money.moved import Found, Moved


def moved_by(case: Case) -> Moved:
    """Return what the proposal of a case moves, as it was read when the case was opened."""
    moved = Moved.from_json(case.moves, moves_money=case.moves_money)
    if case.amount is None:
        return moved
    return moved + Moved((Found(cut(case.amount.copy_abs()), case.currency),))


def moved_by_answer(case: Case, option: Option, filled: dict[str, Any] | None) -> Moved:
    """Return what the agent of a case would move, told to go on with an option so filled in.

    Beside what it proposed, that is what it would act with then, and what was filled in itself.
    """
    package = whole_package(case)
    reader = _reader(case, package)
    complete = complete_arguments(package["proposal"], option.parameters, filled)
    return moved_by(case) + reader.answered(complete, filled or {})


def moved_by_package(case: Case, package: Mapping[str, Any]) -> Moved:
    """Return what a case's proposal moves, read anew: with every place of it."""
    return _reader(case, package).proposed()


def _reader(case: Case, package: Mapping[str, Any]) -> Reader:
    return Reader.of(package, case.agent.registration, moves_money=case.moves_money)
