"""What a file would change: each turn beside what is saved already, as rows that a person chooses from.

A turn is known again by its UID and its place in the series, else by its very span: programs that
give new names with each export are met with that. What is there is skipped, what moved is moved,
what is cancelled or gone is offered to be withdrawn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from escalation import wallclock
from reviewers.ics.reading import AHEAD, Found, Reading
from reviewers.ics.shelves import Held, Shelf


class Act(StrEnum):
    ADD = "add"
    MOVE = "move"
    WITHDRAW = "withdraw"


BUSY_WORDS = {
    "free": "Free",
    "tentative": "Tentative",
    "busy": "Busy",
    "oof": "Out of office",
    "workingelsewhere": "Working elsewhere",
}


@dataclass(frozen=True)
class Row:
    """One change that a file asks for. ``since`` and ``until`` are what would be saved."""

    act: Act
    since: datetime
    until: datetime
    found: Found | None = None  # None: the file does not have it any more
    held: Held | None = None  # what is moved or withdrawn
    is_chosen: bool = False  # to begin with
    problem: str = ""  # why it cannot be chosen
    notes: tuple[str, ...] = ()

    @property
    def says(self) -> str:
        """Return what the file says of it besides when it is."""
        found = self.found
        if found is None:
            return ""
        words = ["Cancelled"] if found.is_cancelled else []
        words += ["Tentative"] if found.is_tentative else []
        busy = BUSY_WORDS.get(found.busy, "")
        return ", ".join(dict.fromkeys(filter(None, [*words, busy])))


@dataclass
class Comparison:
    rows: list[Row] = field(default_factory=list)
    same: int = 0  # turns that are saved already, and stay as they are


def compare(reading: Reading, shelf: Shelf, at: datetime) -> Comparison:
    """Return what the file would change on the shelf, in order of time."""
    comparing = _Comparing(reading, shelf, at)
    rows = sorted(comparing.rows(), key=lambda row: (row.since, row.found.line if row.found else 0))
    return Comparison(_apart(rows, shelf, at), comparing.same)


class _Comparing:
    def __init__(self, reading: Reading, shelf: Shelf, at: datetime) -> None:
        self.reading, self.shelf, self.at = reading, shelf, at
        self.same = 0
        self.standing = {(one.since, one.until): one for one in shelf.standing}
        self.known: dict[tuple[str, str], list[Held]] = {}  # several where only parts were free
        for one in sorted(shelf.imported, key=lambda one: not one.stands):
            parts = self.known.setdefault((one.uid, one.turn), [])
            if one.stands or not parts:  # what stands goes before what was withdrawn
                parts.append(one)
        self.met: set[UUID] = set()
        self.left: list[Found] = []

    def rows(self) -> Iterator[Row]:
        for found in self.reading.found:
            yield from self._of_known(found)
        yield from self._of_left()
        yield from self._gone()

    def _of_known(self, found: Found) -> Iterator[Row]:
        parts = [one for one in self.known.get((found.uid, found.turn), []) if one.stands]
        if found.is_cancelled:
            for held in parts:
                yield self._withdrawal(held, found, "Cancelled in the file.", chosen=True)
            told = found.uid in self.reading.cancelled and not found.turn
            if parts or (told and self._stands(found.uid)):
                return  # told without its rule: all turns that are saved go, below
            yield self._addition(found)
        elif not parts:
            same = self.standing.get(self.shelf.span(found, self.at))
            same = same or self.standing.get((found.since, found.until))
            if same:
                self._is_same(same)
            else:
                self.left.append(found)
        elif (parts[0].file_since, parts[0].file_until) == (found.since, found.until):
            self._is_same(*parts)
        else:
            yield from self._moved(parts, found)

    def _moved(self, parts: list[Held], found: Found) -> Iterator[Row]:
        held, *others = parts
        self.met.add(held.pk)
        is_older = found.sequence < held.sequence
        said = f"The file is older than what is saved (SEQUENCE {found.sequence} after {held.sequence})."
        yield self._move(held, found, chosen=not is_older, notes=(said,) if is_older else ())
        for other in others:
            yield self._withdrawal(
                other, found, "Another part of it, which moves.", chosen=not is_older
            )

    def _stands(self, uid: str) -> bool:
        return any(held.uid == uid and held.stands for held in self.shelf.imported)

    def _is_same(self, *parts: Held) -> None:
        self.same += 1
        self.met.update(held.pk for held in parts)

    def _of_left(self) -> Iterator[Row]:
        """Yield what is new; of a series whose turns all have other places, the old ones move."""
        spare: dict[str, list[Held]] = {}
        for held in sorted(self.shelf.imported, key=lambda one: one.since):
            if held.stands and held.pk not in self.met:
                spare.setdefault(held.uid, []).append(held)
        for found in self.left:
            if olds := spare.get(found.uid):
                held = olds.pop(0)
                self.met.add(held.pk)
                yield self._move(held, found)
                continue
            known = self.known.get((found.uid, found.turn))
            if known and (withdrawn_at := known[0].withdrawn_at):
                when = wallclock.wall(withdrawn_at, self.shelf.zone)
                yield replace(
                    self._addition(found),
                    is_chosen=False,
                    notes=(f"Saved before and withdrawn {when:%-d %b %Y %H:%M}.",),
                )
            else:
                yield self._addition(found)

    def _gone(self) -> Iterator[Row]:
        reading, last = self.reading, self.reading.last or self.at + AHEAD
        for held in self.shelf.imported:
            if not held.stands or held.pk in self.met or held.uid in reading.unread_uids:
                continue
            if held.uid in reading.cancelled:
                yield self._withdrawal(held, None, "Cancelled in the file.", chosen=True)
            elif reading.is_whole and held.calendar == reading.calendar and held.since < last:
                yield self._withdrawal(held, None, "No longer in the file.", chosen=False)

    def _withdrawal(self, held: Held, found: Found | None, said: str, *, chosen: bool) -> Row:
        self.met.add(held.pk)
        return Row(Act.WITHDRAW, held.since, held.until, found, held, chosen, notes=(said,))

    def _move(
        self, held: Held, found: Found, *, chosen: bool = True, notes: tuple[str, ...] = ()
    ) -> Row:
        was = wallclock.said(held.since, held.until, str(self.shelf.zone))
        row = self._addition(found)
        return replace(
            row, act=Act.MOVE, held=held, is_chosen=chosen, notes=(f"It was {was}.", *notes)
        )

    def _addition(self, found: Found) -> Row:
        since, until = self.shelf.span(found, self.at)
        notes = ()
        if since != found.since:
            begins = wallclock.wall(since, self.shelf.zone)
            notes = (f"It has begun; counted from {begins:%-d %b %H:%M}.",)
        return Row(
            Act.ADD, since, until, found, is_chosen=self.shelf.wants(found), notes=notes,
            problem=self.shelf.problem(since, until),
        )  # fmt: skip


def _apart(rows: list[Row], shelf: Shelf, at: datetime) -> list[Row]:
    """Return the rows with what overlaps unchosen, and out of reach where all of it is taken."""
    leaving = {row.held.pk for row in rows if row.held and row.is_chosen}
    staying = [one for one in shelf.standing if one.pk not in leaving]
    taken: list[Row] = []
    done = []
    for row in rows:
        if row.act == Act.WITHDRAW:
            done.append(row)
            continue
        for part in _parts(row, staying, shelf):
            judged = _judged(part, taken, shelf)
            if judged.is_chosen:
                taken.append(judged)
            done.append(judged)
    return done


def _parts(row: Row, staying: Iterable[Held], shelf: Shelf) -> list[Row]:
    """Return a row as what of it can be saved beside what stays: itself, or its parts that are free."""
    own = row.held.pk if row.held else None
    others = sorted(
        (
            one
            for one in staying
            if one.pk != own and one.since < row.until and row.since < one.until
        ),
        key=lambda one: one.since,
    )
    if not others:
        return [row]
    when = wallclock.said(others[0].since, others[0].until, str(shelf.zone))
    said = f"{shelf.taken} {when}."
    free = _free(row.since, row.until, others) if shelf.takes_parts and not row.problem else []
    if not free:
        return [replace(row, is_chosen=False, problem=row.problem or said)]
    notes = (*row.notes, f"{said} Only what is still free of it is saved.")
    parts = [
        replace(row, since=since, until=until, is_chosen=False, notes=notes)
        for since, until in free
    ]
    return parts[:1] + [replace(one, act=Act.ADD, held=None) for one in parts[1:]]


def _free(
    since: datetime, until: datetime, others: Iterable[Held]
) -> list[tuple[datetime, datetime]]:
    """Return what the others, in order of time, leave of a span."""
    free = []
    for other in others:
        if since < other.since:
            free.append((since, other.since))
        since = max(since, other.until)
    return [*free, (since, until)] if since < until else free


def _judged(row: Row, taken: list[Row], shelf: Shelf) -> Row:
    if row.problem:
        return replace(row, is_chosen=False)
    for other in taken:
        if other.since < row.until and row.since < other.until and other.found:
            when = wallclock.said(other.since, other.until, str(shelf.zone))
            said = f"It overlaps the event of line {other.found.line}, {when}."
            return replace(row, is_chosen=False, notes=(*row.notes, said))
    return row
