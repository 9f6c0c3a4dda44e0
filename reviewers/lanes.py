"""What a role's calendar shows, as marks on lanes: layers, what overrules them, and who is on call.

The last lanes are the shifts themselves (``shifts.between``): what routing will use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from escalation import spans
from escalation.fields import clock
from escalation.ledger import instant as text_of
from escalation.models import Role, User
from escalation.spans import Span
from reviewers import facts, overrides, shifts, wording
from reviewers.coverage import Coverage, coverage, open_hours
from reviewers.enums import Kind, OverrideKind
from reviewers.models import Absence, Override, Shift
from reviewers.oncall import Facts, resolve
from reviewers.timeline import Cast, position
from reviewers.weekgrid import Lane, Mark

GAP, EMPTY, UNDECIDED, THIN = "Gap", "Nobody", "Nobody decides", "Thin"
RANKS = {GAP: 0, EMPTY: 0, UNDECIDED: 1, THIN: 2}
PAD = timedelta(days=7)  # looked at on both sides, so that a gap at the edge has its whole length
TURNS = {"hours": "hourly", "days": "daily", "weeks": "weekly", "months": "monthly"}


@dataclass(frozen=True)
class Viewer:
    """Who looks, and what they may do about what they see."""

    user: User
    is_member: bool  # of the role, now
    manages: bool
    zone: str = ""  # of the address, so that forms are in the zone that is shown
    supervises: bool = False

    def sees_why(self, absence: Absence) -> bool:
        return self.manages or absence.user_id == self.user.pk


@dataclass(frozen=True)
class Finding:
    word: str
    said: str
    times: tuple[Span, ...]


class Schedule:
    """One role between two instants, as it is planned, overruled, and stands."""

    def __init__(
        self, role: Role, since: datetime, until: datetime, *, viewer: Viewer, at: datetime
    ) -> None:
        self.role, self.since, self.until, self.viewer, self.at = role, since, until, viewer, at
        self._held = facts.versions(role, since, until)
        self._facts = facts.load(role, since, until, held=self._held)
        self.shifts = shifts.between(role, since - PAD, until + PAD)
        self.overrides = list(
            Override.objects.within(since, until)
            .filter(roster__role=role)
            .select_related("out_user", "in_user", "made_by")
        )
        self.absences = list(
            Absence.objects.within(since, until)
            .filter(user__in=list(self._facts.available or ()))
            .select_related("user")
        )
        people = {shift.user_id: shift.user for shift in self.shifts}
        layered = {who for rule in self._facts.rules for group in rule.groups for who in group}
        people |= {user.pk: user for user in facts.people(layered).values()}
        people |= {one.user_id: one.user for one in self.absences}
        for one in self.overrides:
            people |= {user.pk: user for user in (one.in_user, one.out_user) if user}
        self._cast = Cast(people.values())
        self._planned: dict[int, list[Span]] = defaultdict(list)  # by the layers, by position

    @property
    def is_planned(self) -> bool:
        return bool(self._held)

    @property
    def is_forecast(self) -> bool:
        return any(shift.is_forecast and shift.since < self.until for shift in self.shifts)

    @cached_property
    def coverage(self) -> Coverage:
        return coverage(self.role, self.since, self.until, self._facts)

    @cached_property
    def findings(self) -> list[Finding]:
        """What is open or thin in what is still to come, the worst first."""
        ahead = [(max(self.since, self.at), self.until)]
        found: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for word, when, sentence in findings(self.coverage):
            found[word, sentence] += spans.both([when], ahead)
        return [Finding(*key, tuple(when)) for key, when in found.items() if when]

    @property
    def uncovered(self) -> timedelta:
        """How long nobody is there, of what is still to come."""
        return spans.total(
            when for one in self.findings if one.word in (GAP, EMPTY) for when in one.times
        )

    @property
    def has_a_future(self) -> bool:
        return self.until > self.at

    def tone(self, user: User) -> str:
        return self._cast.tone(str(user.pk))

    def lanes(self) -> list[Lane]:
        found = list(self._layers())
        if marks := tuple(map(self._overridden, self.overrides)):
            found.append(Lane("Overrides", "override", marks, under=f"{len(marks)} in this time"))
        if marks := tuple(map(self._absent, self.absences)):
            found.append(Lane("Away", "absence", marks))
        return found + list(self._final())

    # Layers, as they would be if nobody were away and nothing overruled --------------------------

    def _layers(self) -> Iterator[Lane]:
        rules = defaultdict(list)
        for rule in self._facts.rules:
            rules[rule.layer].append(rule)
        latest = {version.layer: version.facts for version in self._held}
        order = sorted(rules, key=lambda each: _rank(latest[each]))
        for layer in order:
            plan = resolve(Facts(tuple(rules[layer])), self.since, self.until)
            for one in plan.stretches:
                self._planned[one.position].append((one.since, one.until))
            marks = tuple(
                Mark(one.since, one.until, "layer", self._cast.name(one.person),
                     self._labels(one.person))
                for one in plan.stretches
            )  # fmt: skip
            yield Lane(latest[layer]["name"], "layer", marks, under=said_of(latest[layer]))

    # What overrules them -------------------------------------------------------------------------

    def _overridden(self, one: Override) -> Mark:
        comes, goes = (
            self._cast.short(str(user.pk)) if user else "" for user in (one.in_user, one.out_user)
        )
        label = {
            OverrideKind.ADD: f"{comes} added",
            OverrideKind.REMOVE: f"{goes} off",
            OverrideKind.REPLACE: f"{comes} for {goes}",
            OverrideKind.COVER: f"{comes} covers",
        }[OverrideKind(one.kind)]
        return Mark(
            one.during.lower, one.during.upper, "override", overrides.words(one),
            (label, comes or goes, _initials((one.in_user or one.out_user).name)), note=one.reason,
        )  # fmt: skip

    def _absent(self, one: Absence) -> Mark:
        why = ""
        if self.viewer.sees_why(one):
            why = f"{one.get_kind_display()}{f', {one.note}' if one.note else ''}"
        who = str(one.user_id)
        return Mark(
            one.during.lower, one.during.upper, "absence", f"{one.user} is away",
            (f"{self._cast.short(who)} away", *self._labels(who)[1:]), note=why,
        )  # fmt: skip

    # What stands ---------------------------------------------------------------------------------

    def _final(self) -> Iterator[Lane]:
        by_position = defaultdict(list)
        for shift in self.shifts:
            by_position[shift.position].append(shift)
        positions = {1, *by_position, *self._planned} if self._held else by_position
        for number in sorted(positions):
            marks = [self._standing(shift) for shift in by_position[number]]
            if number == 1:
                marks += self._open(by_position[1])
            else:
                held = [(one.since, one.until) for one in by_position[number]]
                marks += map(_vacant, spans.minus(self._planned[number], held))
            under = "what routing will use" if number == 1 else ""
            yield Lane(position(number), "held", tuple(marks), under=under)

    def _standing(self, shift: Shift) -> Mark:
        who = str(shift.user_id)
        url, act = self._act_on(shift)
        return Mark(
            shift.since,
            shift.until,
            "held overridden" if shift.override_id else "held",
            f"{shift.user}{', standing in' if shift.override_id else ''}",
            self._labels(who),
            tone=self._cast.tone(who),
            url=url,
            act=act,
            note="forecast" if shift.is_forecast else "",
            is_forecast=shift.is_forecast,
        )

    def _act_on(self, shift: Shift) -> tuple[str, str]:
        if shift.until <= self.at:
            return "", ""
        if shift.user_id == self.viewer.user.pk:
            return self._url("swap", shift.since, shift.until), "Ask for a swap"
        if self.viewer.manages:
            out = {"out": shift.user_id, "position": shift.position}
            return self._url("stand_in", shift.since, shift.until, **out), "Change"
        return "", ""

    def _open(self, held: list[Shift]) -> Iterator[Mark]:
        """Yield where the first position stands empty: nobody at all, somebody after it, or closed."""
        begun = min((one.since for one in self._held), default=self.until)
        since, until = max(self.since - PAD, begun), self.until + PAD
        if begun >= self.until:
            return
        planned = [(since, until)]
        working = open_hours(self.role, since, until)
        first = [(one.since, one.until) for one in held]
        anybody = [(one.since, one.until) for one in self.shifts]
        for span in spans.minus(working, anybody):
            yield self._nobody(span)
        yield from map(_vacant, spans.both(spans.minus(working, first), anybody))
        for start, end in spans.minus(spans.minus(planned, working), anybody):
            yield Mark(start, end, "closed", "Outside working hours", ("closed",))

    def _nobody(self, span: Span) -> Mark:
        length = wording.hours(span[1] - span[0])
        url = act = ""
        if span[1] > self.at and (self.viewer.is_member or self.viewer.manages):
            url, act = self._url("stand_in", *span, position=1), "Stand in"
        return Mark(*span, "gap", f"Nobody, {length}", (f"nobody, {length}", "nobody", length),
                    url=url, act=act)  # fmt: skip

    def _url(self, name: str, since: datetime, until: datetime, **more: Any) -> str:
        given = {"since": text_of(max(since, self.at)), "until": text_of(until), **more}
        if self.viewer.zone:
            given["zone"] = self.viewer.zone
        return f"{reverse(f'reviewers:{name}', args=[self.role.slug])}?{urlencode(given)}"

    def _labels(self, who: str) -> tuple[str, ...]:
        name = self._cast.name(who)
        return tuple(dict.fromkeys((name, self._cast.short(who), _initials(name))))

    # What may be taken back ----------------------------------------------------------------------

    def changes(self) -> list[tuple[Override, bool]]:
        """Return the overrides that are not over, each with whether the viewer may withdraw it."""
        return [
            (one, self.viewer.manages or one.made_by_id == self.viewer.user.pk)
            for one in self.overrides
            if one.during.upper > self.at
        ]


def _vacant(span: Span) -> Mark:
    """Return an empty position beside others that are held."""
    return Mark(*span, "vacant", "Nobody in this position", ("nobody", "–"))


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split()[:2]).upper()


def _rank(told: dict[str, Any]) -> tuple[Any, ...]:
    return (told["position"], -told["priority"], told["name"])


def said_of(told: dict[str, Any]) -> str:
    """Return what a layer is in a line, such as ``primary · 09–18 London``."""
    place = told["time_zone"].rpartition("/")[2].replace("_", " ")
    windows: Iterable[str] = {f"{_o(w['opens'])}–{_o(w['closes'])}" for w in told["windows"]}
    if windows:
        when = ", ".join(sorted(windows))
    elif told["kind"] == Kind.SHIFTS:
        ends = (told["first_time"] + told["length_minutes"]) % (24 * 60)
        when = f"{_o(told['first_time'])}–{_o(ends)}"
    elif told["every"] == 1:
        when = f"{TURNS[told['unit']]}, {_o(told['first_time'])}"
    else:
        when = f"every {told['every']} {told['unit']}, {_o(told['first_time'])}"
    return f"{position(told['position']).lower()} · {when} {place}"


def _o(minutes: int) -> str:
    """Return a time of day as short as it can be: ``09``, ``09:30``."""
    return clock(minutes).removesuffix(":00")


def findings(found: Coverage) -> list[tuple[str, Span, str]]:
    """Return what a roster leaves open or strains: a word, when, and a sentence."""
    said = [
        (GAP, (one.since, one.until), "nobody is planned") for one in found.gaps
    ]  # fmt: skip
    said += [
        (EMPTY, (one.since, one.until), f"{_listed(one.away)} would be on and cannot")
        for one in found.empty
    ]
    said += [
        (UNDECIDED, (one.since, one.until), _undecided(one.people, one.tenant))
        for one in found.undecidable
    ]
    said += [(THIN, (one.since, one.until), _thin(one.people, one.wanted)) for one in found.thin]
    return sorted(said, key=lambda one: (RANKS[one[0]], one[1]))


def _listed(people: Iterable[User]) -> str:
    names = [str(user) for user in people]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if names[1:] else "".join(names)


def _undecided(people: tuple[User, ...], tenant: str) -> str:
    whose = f" a case of {tenant}" if tenant else ""
    return f"{_listed(people)} {'are' if people[1:] else 'is'} on call and may not decide{whose}"


def _thin(people: tuple[User, ...], wanted: int) -> str:
    if len(people) < wanted:
        return f"only {_listed(people)}; {wanted} are wanted"
    return f"{_listed(people)} hold{'' if people[1:] else 's'} more than one position"
