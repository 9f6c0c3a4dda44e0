"""One answer of a case on its panel, with the form of what it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from escalation.cases.arguments import acts_with
from escalation.models import Answer, Case, Option
from escalation.money.declared import is_minor, mark_minor
from reviewers import schemaform, wording
from reviewers.casefile import Casefile
from reviewers.modified import Difference, between
from reviewers.schemaform import Input, numerals
from reviewers.schemaform.inputs import GROUPS
from reviewers.schemaform.numerals import Numerals


class OptionCard:
    """One answer on the panel: its words, its consequences, and the inputs it asks for.

    ``settled`` fixes what is filled in: an arbiter takes another's answer as it is, or none.
    """

    def __init__(
        self, file: Casefile, option: Option, *, settled: Answer | None = None, barred: str = ""
    ) -> None:
        self.option, self.settled, self.barred = option, settled, barred
        self.value = f"{option.key}@{settled.pk}" if settled else option.key
        self.is_chosen = False
        self.arguments, self.currency = file.arguments, file.case.currency
        self.errors: list[str] = []
        self.over = ""  # that what is filled in is more than the reader may let through
        self.higher = file.case.role.higher_role if file.case.role and file.is_owed else None
        self.filled: dict[str, Any] | None = None
        self.case, self.reader = file.case, Reader(_zone(), numerals.current())
        self.room = schemaform.ROOM  # bytes of the page for its texts
        self.inputs = self._drawn() if option.parameters is not None and not settled else []
        say_limits(file.case, self.walk())

    def _drawn(self) -> list[Input]:
        return schemaform.build(
            self.schema,
            self.name,
            self.arguments,
            currency=self.currency,
            zone=self.reader.zone,
            numerals=self.reader.numerals,
        )

    @cached_property
    def schema(self) -> Any:
        """What the option asks for, with the minor units that the agent's registration declares."""
        registration, action = self.case.agent.registration, self.case.action
        return mark_minor(self.option.parameters or {}, registration.minor_fields(action))

    @property
    def name(self) -> str:
        return f"p{self.option.position}"

    @property
    def drawn(self) -> list[Input]:
        """The inputs as a page has room for them."""
        schemaform.keep_long(self.inputs, self.room)
        return self.inputs

    def walk(self) -> Iterator[Input]:
        for made in self.inputs:
            yield from made.walk()

    def fill(self, data: Mapping[str, str], row: str = "") -> None:
        """Take what was typed, right or wrong; the page goes on at the row that was added."""
        self._draw_as(data)
        self.filled = schemaform.read(
            self.inputs, data, zone=self.reader.zone, numerals=self.reader.numerals
        )
        here = next((made for made in self.walk() if made.name == row), None)
        if here is not None:
            next(made for made in here.walk() if made.kind not in GROUPS).begins = True

    def read(self, data: Mapping[str, str]) -> dict[str, Any] | None:
        """Return what was filled in, checked against the schema; errors stay at their inputs."""
        if self.settled:
            return self.settled.parameters
        if self.option.parameters is None:
            return None
        self.fill(data)
        found = self.filled or {}
        homeless = schemaform.check(self.option.parameters, self.inputs, found)
        self.errors += [fault.message for fault in homeless]
        return found

    def restore(self, data: Mapping[str, str]) -> None:
        """Put back what was typed, right or wrong."""
        if any(name == self.name or name.startswith(f"{self.name}-") for name in data):
            self.fill(data)

    def forgive(self) -> None:
        """Say nothing yet of what cannot be read: a draft is no answer."""
        for made in self.walk():
            made.errors.clear()

    @property
    def is_sound(self) -> bool:
        return not self.errors and not self.unread

    @property
    def unread(self) -> list[Input]:
        """The inputs with something wrong in them."""
        return [made for made in self.walk() if made.errors]

    @property
    def settled_with(self) -> dict[str, Any] | None:
        """What the agent would act with by the answer that is taken as it is."""
        settled = self.settled
        if settled is None:
            return None
        return acts_with({"arguments": self.arguments}, self.option, settled.parameters)

    @property
    def difference(self) -> Difference:
        """What is filled in, compared with what the agent proposed; what cannot be read is left aside."""
        filled, proposed = dict(self._as_shown()), self.arguments
        for made in self.unread:
            key = made.path[0] if made.path else ""
            filled.pop(key, None)
            if isinstance(proposed, dict) and key in proposed:
                filled[key] = proposed[key]
        return between(proposed, filled, self.schema, currency=self.currency)

    def _as_shown(self) -> dict[str, Any]:
        """Return what the inputs say: what was posted, or before that what they are filled in with."""
        if self.filled is not None:
            return self.filled
        drawn, reader = self._drawn(), self.reader
        sent = schemaform.posted(self.inputs)
        return schemaform.read(drawn, sent, zone=reader.zone, numerals=reader.numerals)

    def _draw_as(self, data: Mapping[str, str]) -> None:
        """Draw the inputs as the reader had them on screen: by the clock and the numerals of then."""
        then = Reader.named(data.get(f"{self.name}-by", ""), self.reader)
        if then != self.reader:
            self.reader = then
            self.inputs = self._drawn()
            say_limits(self.case, self.walk())


@dataclass(frozen=True)
class Reader:
    """By which clock and in which numerals somebody reads a form, and so types."""

    zone: ZoneInfo
    numerals: Numerals

    @property
    def key(self) -> str:
        return f"{self.numerals.key}{'!' if self.numerals.is_chosen else ''} {self.zone}"

    @classmethod
    def named(cls, key: str, otherwise: Reader) -> Reader:
        """Return the reader with such a key; ``otherwise`` where it makes no sense."""
        name, _space, zone = key[:100].partition(" ")
        own = numerals.chosen(name.removesuffix("!"))
        if own is None:
            return otherwise
        try:
            there = ZoneInfo(zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            return otherwise
        return cls(there, own if name.endswith("!") else numerals.EACH[own.key])


def _zone() -> ZoneInfo:
    """Return the reader's zone, by whose clock they type."""
    return ZoneInfo(timezone.get_current_timezone_name())


def say_limits(case: Case, inputs: Iterable[Input]) -> None:
    """Say beside the first amount of each currency up to how much of it the reader decides."""
    inputs = list(inputs)
    amounts = [made for made in inputs if made.kind == "money"]
    minor = [
        one for one in inputs if one.path and one.is_number and is_minor(one.path[-1], one.schema)
    ]
    if not (amounts or minor) or not case.role:
        return
    prefetch_related_objects([case.role], "limits")  # the page judges the proposal by them as well
    limits = {limit.currency: limit.amount for limit in case.role.limits.all()}
    for made in minor:
        made.limit = _("In minor units.")
        if case.currency in limits:
            most = {"limit": wording.money(limits[case.currency], case.currency)}
            made.limit = _("In minor units; your limit is %(limit)s.") % most
    first = {made.currency: made for made in reversed(amounts)}
    for made in first.values():
        if made.currency in limits:
            most = wording.money(limits[made.currency], made.currency)
            made.limit = _("Your limit is %(limit)s.") % {"limit": most}
        elif limits:
            made.limit = _("You decide no amounts in %(currency)s.") % {"currency": made.currency}
