"""The rows that were chosen, carried out in one transaction: all of them or none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from django.db import transaction

from escalation.actors import Actor
from reviewers.errors import AbsenceRefused, ImportRefused, OverrideRefused
from reviewers.ics.comparing import Act, Row
from reviewers.ics.shelves import Absences, Overrides
from reviewers.models import ImportedEvent

MEANWHILE = "What this file changes was changed meanwhile. Choose the file again."


@dataclass(frozen=True)
class Change:
    """A row as it was shown: what is saved is this, and nothing is worked out again."""

    act: Act
    held: UUID | None
    line: int
    since: datetime | None
    until: datetime | None
    file_since: datetime | None
    file_until: datetime | None
    uid: str
    turn: str
    sequence: int

    @classmethod
    def of(cls, row: Row) -> Self:
        held, found = row.held.pk if row.held else None, row.found
        if found is None:
            return cls(row.act, held, 0, None, None, None, None, "", "", 0)
        return cls(
            row.act, held, found.line, row.since, row.until, found.since, found.until,
            found.uid, found.turn, found.sequence,
        )  # fmt: skip

    def plain(self) -> list[str | int]:
        """Return it as JSON holds it; ``read`` takes it back."""
        return [
            self.act.value, str(self.held or ""), self.line, _text(self.since), _text(self.until),
            _text(self.file_since), _text(self.file_until), self.uid, self.turn, self.sequence,
        ]  # fmt: skip

    @classmethod
    def read(cls, plain: list[str | int]) -> Self:
        act, held, line, since, until, file_since, file_until, uid, turn, sequence = plain
        return cls(
            Act(str(act)), UUID(str(held)) if held else None, int(line), _instant(since),
            _instant(until), _instant(file_since), _instant(file_until), str(uid), str(turn), int(sequence),
        )  # fmt: skip


@transaction.atomic
def carry_out(
    changes: Sequence[Change],
    shelf: Absences | Overrides,
    *,
    calendar: str,
    by: Actor,
    at: datetime,
) -> Counter[Act]:
    """Withdraw, move and add what was chosen, and plan once. Raises ImportRefused; nothing is saved then.

    ``calendar`` is the digest that the file's next export is known by.
    """
    for change in changes:  # first what leaves, so that what moves finds its place free
        if change.held and not shelf.withdraw(change.held, by=by, at=at):
            raise ImportRefused(MEANWHILE)
    for change in changes:
        if change.act != Act.WITHDRAW:
            _add(change, shelf, calendar, by=by, at=at)
    shelf.plan(by=by, at=at)
    return Counter(change.act for change in changes)


def _add(
    change: Change, shelf: Absences | Overrides, calendar: str, *, by: Actor, at: datetime
) -> None:
    assert change.since and change.until and change.file_since and change.file_until
    try:
        saved = shelf.add(change.since, change.until, by=by, at=at)
    except (AbsenceRefused, OverrideRefused) as refusal:
        raise ImportRefused(f"Line {change.line}: {refusal}") from None
    ImportedEvent.objects.create(
        **{shelf.column: saved},
        calendar=calendar,
        uid=change.uid,
        turn=change.turn,
        sequence=change.sequence,
        since=change.file_since,
        until=change.file_until,
    )


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _instant(text: str | int) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None
