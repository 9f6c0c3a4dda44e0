"""What an edit that is not saved yet would do: who is on before and after, who gains and loses what.

Everything is asked of the resolver, with the edit put in place of what is published; nothing is
written. The past is left out: no edit changes it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from escalation import wallclock
from escalation.models import Role, User
from escalation.spans import Span, both, total
from reviewers import facts, models, oncall, shifts, timeline
from reviewers.coverage import Coverage, Load, coverage, open_hours
from reviewers.oncall import Facts, Plan, Stretch, resolve
from reviewers.timeline import Bar, Cast, Lane, Timeline

MOST = 12  # sentences of one list; the rest are counted
UNSAVED = "unsaved"


@dataclass(frozen=True)
class Change:
    """Between two instants, who no longer holds a position and who does instead."""

    position: int
    since: datetime
    until: datetime
    loses: tuple[str, ...]
    gains: tuple[str, ...]
    left: bool  # somebody still holds the position


@dataclass(frozen=True)
class Caution:
    """One thing that a manager should look at: a word, a sentence, and further cases of it."""

    word: str
    text: str
    meaning: str = "attention"  # or late


@dataclass(frozen=True)
class Preview:
    timeline: Timeline
    changes: tuple[str, ...]
    more: int  # changes that are not told
    affected: tuple[User, ...]
    cautions: tuple[Caution, ...]
    coverage: Coverage


# The edits ---------------------------------------------------------------------------------------


def of_layer(
    role: Role, layer: str | None, new: dict[str, Any] | None, *, zone: str, at: datetime
) -> Preview:
    """Show what publishing ``new`` as a layer's rule would do; no rule: retiring it."""
    window = timeline.window(at, zone)
    held = facts.versions(role, *window)
    edited = facts.edited(held, layer or UNSAVED, new, at)
    after = facts.load(role, *window, held=edited)
    return _preview(role, after, window, layer or UNSAVED, zone=zone, at=at)


def of_override(override: models.Override, *, zone: str, at: datetime) -> Preview:
    """Show what an unsaved override would do."""
    role = override.roster.role
    window = _reaching(timeline.window(at, zone), override.during.upper, zone)
    held = facts.load(role, *window)
    one = facts.override(override)
    after = replace(held, overrides=(*held.overrides, one))
    return _preview(role, after, window, None, zone=zone, at=at)


def of_absences(
    role: Role, users: Iterable[User], since: datetime, until: datetime, *, zone: str, at: datetime
) -> Preview:
    """Show what it does to one role when these people are away."""
    window = _reaching(timeline.window(at, zone), min(until, at + shifts.AHEAD), zone)
    held = facts.load(role, *window)
    away = tuple(oncall.Absence(str(user.pk), since, until) for user in users)
    after = replace(held, absences=(*held.absences, *away))
    return _preview(role, after, window, None, zone=zone, at=at)


def as_planned(role: Role, *, zone: str, at: datetime, layer: str | None = None) -> Preview:
    """Show what is planned already, where there is no edit to look at yet."""
    window = timeline.window(at, zone)
    held = facts.load(role, *window)
    was = planned(role, *window)
    cast = cast_of(role, was)
    lanes = [
        *_layer_lanes(held, layer, window, cast),
        *timeline.final_lanes(was, cast, open_hours(role, *window), under="as it is"),
    ]
    covered = coverage(role, max(at, window[0]), window[1], facts=held)
    drawn = timeline.draw(lanes, window, zone, at=at)
    return Preview(drawn, (), 0, (), tuple(cautions(covered, held, zone)), covered)


def _reaching(window: Span, until: datetime, zone: str) -> Span:
    """Move four weeks so that they show what ends after them."""
    return window if until <= window[1] else timeline.window(until - 3 * 7 * timeline.DAY, zone)


def _preview(
    role: Role, after: Facts, window: Span, layer: str | None, *, zone: str, at: datetime
) -> Preview:
    since, until = window
    start = max(at, since)
    was = planned(role, since, until)
    past = [replace(one, until=min(one.until, start)) for one in was.stretches if one.since < start]
    then = resolve(after, start, until)
    merged = Plan(_joined([*past, *then.stretches]), then.holes)
    cast = cast_of(role, was, merged)
    found = list(changes(was, merged, start, until))
    wanted = open_hours(role, since, until)
    lanes = [*_layer_lanes(after, layer, window, cast), *_pairs(was, merged, found, cast, wanted)]
    covered = coverage(role, start, until, facts=after)
    return Preview(
        timeline=timeline.draw(lanes, window, zone, at=at),
        changes=tuple(sentence(one, cast, zone) for one in found[:MOST]),
        more=max(len(found) - MOST, 0),
        affected=_affected(found, cast),
        cautions=tuple(cautions(covered, after, zone)),
        coverage=covered,
    )


def _layer_lanes(after: Facts, layer: str | None, window: Span, cast: Cast) -> Iterator[Lane]:
    rules = tuple(rule for rule in after.rules if rule.layer == layer)
    if rules:
        bare = resolve(Facts(rules), *window)
        yield timeline.layer_lane(bare, layer or "", cast, "This layer", "by itself")


def _pairs(
    was: Plan, then: Plan, found: list[Change], cast: Cast, wanted: list[Span]
) -> Iterator[Lane]:
    """Yield each position as it is, where it changes, and as it would be; all of one pair."""
    before = {lane.name: lane for lane in timeline.final_lanes(was, cast, wanted, under="as it is")}
    after = timeline.final_lanes(then, cast, wanted, under="with this edit")
    gone = [lane for name, lane in before.items() if name not in {one.name for one in after}]
    for lane in [*after, *(replace(one, bars=(), under="with this edit") for one in gone)]:
        old = before.get(lane.name, replace(lane, bars=(), under="as it is"))
        yield replace(old, pair=lane.name)
        yield _changed(found, lane.name)
        yield replace(lane, pair=lane.name)


def _changed(found: list[Change], name: str) -> Lane:
    bars = tuple(
        Bar(one.since, one.until, "", "differs", "moved")
        for one in found
        if timeline.position(one.position) == name
    )
    return Lane("", "moved", bars, pair=name)


def _affected(found: list[Change], cast: Cast) -> tuple[User, ...]:
    who = {person: None for one in found for person in (*one.loses, *one.gains)}
    return tuple(cast.users[each] for each in who if each in cast.users)


# What is planned ---------------------------------------------------------------------------------


def planned(role: Role, since: datetime, until: datetime) -> Plan:
    """Return who is on call as it is written, and where it leaves holes."""
    written = [
        Stretch(
            one.position,
            one.slot,
            str(one.user_id),
            max(one.since, since),
            min(one.until, until),
            str(one.layer_id) if one.layer_id else None,
            str(one.override_id) if one.override_id else None,
        )
        for one in shifts.between(role, since, until)
    ]
    holes = resolve(facts.load(role, since, until), since, until).holes
    return Plan(_joined(written), holes)


def cast_of(role: Role, *plans: Plan) -> Cast:
    """Return the people of a role and whoever else was on call, in a fixed order of colours."""
    members = User.objects.filter(memberships__role=role).distinct()
    cast = {str(user.pk): user for user in members}
    shown = {one.person for plan in plans for one in plan.stretches}
    shown |= {who for plan in plans for one in plan.holes for who in one.away}
    return Cast((cast | facts.people(shown - cast.keys())).values())


def _joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Join what a past edit, or the edge of now, cut apart."""
    last: dict[tuple[Any, ...], int] = {}
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.since, one.position, one.slot)):
        if one.since >= one.until:
            continue
        key = (one.position, one.slot, one.person, one.override)
        place = last.get(key)
        if place is not None and found[place].until >= one.since:
            found[place] = replace(found[place], until=max(found[place].until, one.until))
        else:
            last[key] = len(found)
            found.append(one)
    return tuple(found)


# Who gains and who loses -------------------------------------------------------------------------


def changes(before: Plan, after: Plan, since: datetime, until: datetime) -> Iterator[Change]:
    """Yield how two plans differ between two instants, in the order of time."""
    for position in sorted({one.position for one in (*before.stretches, *after.stretches)}):
        yield from _changes_of(position, before, after, since, until)


def _changes_of(
    position: int, before: Plan, after: Plan, since: datetime, until: datetime
) -> Iterator[Change]:
    old = [one for one in before.stretches if one.position == position]
    new = [one for one in after.stretches if one.position == position]
    edges = {since, until} | {edge for one in (*old, *new) for edge in (one.since, one.until)}
    last: Change | None = None
    for begins, ends in pairwise(sorted(edge for edge in edges if since <= edge <= until)):
        had, has = ({one.person for one in plan if one.since <= begins < one.until}
                    for plan in (old, new))  # fmt: skip
        one = Change(
            position, begins, ends, tuple(sorted(had - has)), tuple(sorted(has - had)), bool(has)
        )
        if (
            last
            and replace(one, since=last.since) == replace(last, until=ends)
            and (last.until == begins)
        ):
            last = replace(last, until=ends)
            continue
        if last and (last.loses or last.gains):
            yield last
        last = one
    if last and (last.loses or last.gains):
        yield last


def sentence(change: Change, cast: Cast, zone: str) -> str:
    """Return ``Kim loses Mon 23 Nov 09:00 to Mon 30 Nov 09:00, Lena gets it.``"""
    when = wallclock.said(change.since, change.until, zone)
    loses, gains = (_names(who, cast) for who in (change.loses, change.gains))
    place = f" as {timeline.position(change.position).lower()}" if change.position > 1 else ""
    if loses and gains:
        verb = "loses" if len(change.loses) == 1 else "lose"
        return f"{loses} {verb} {when}{place}, {gains} {_gets(change.gains)} it."
    if gains:
        return f"{gains} {_gets(change.gains)} {when}{place}."
    verb = "loses" if len(change.loses) == 1 else "lose"
    return f"{loses} {verb} {when}{place}{'' if change.left else ', nobody gets it'}."


def _names(who: Iterable[str], cast: Cast) -> str:
    names = sorted(cast.name(each) for each in who)
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _gets(who: tuple[str, ...]) -> str:
    return "gets" if len(who) == 1 else "get"


# What to look at ---------------------------------------------------------------------------------


def cautions(found: Coverage, by: Facts, zone: str) -> Iterator[Caution]:
    """Yield what a plan leaves open or asks too much of, the gravest first."""
    nobody = [(one.since, one.until) for one in found.gaps]
    if nobody:
        yield Caution("Gap", f"{_long(nobody)} without anyone: {_spans(nobody, zone)}.", "late")
    for one in found.empty[:MOST]:
        away = " and ".join(user.name for user in one.away) or "Whoever was planned"
        when = wallclock.said(one.since, one.until, zone)
        verb = "is" if len(one.away) < 2 else "are"
        yield Caution("Empty", f"{away} {verb} away or may not be on call, and nobody is left: {when}.",
                      "late")  # fmt: skip
    for tenant in dict.fromkeys(one.tenant for one in found.undecidable):
        unable = [(one.since, one.until) for one in found.undecidable if one.tenant == tenant]
        whom = f" for {tenant}" if tenant else ""
        yield Caution(
            "Cannot decide", f"Nobody on call may decide{whom}: {_spans(unable, zone)}.", "late"
        )
    thin = [(one.since, one.until) for one in found.thin]
    if thin:
        least = found.thin[0].wanted
        said = f"Fewer than {least} people, or one person in two positions" if least > 1 else (
            "One person holds two positions"
        )  # fmt: skip
        yield Caution("Thin", f"{said}, for {_long(thin)}: {_spans(thin, zone)}.")
    yield from _absent(found, by, zone)
    yield from _heavy(found)


def _absent(found: Coverage, by: Facts, zone: str) -> Iterator[Caution]:
    """Yield whose turns fall into an absence of theirs."""
    window = [(found.since, found.until)]
    bare = resolve(Facts(by.rules), found.since, found.until)
    for who, user in facts.people({one.person for one in by.absences}).items():
        away = [(one.since, one.until) for one in by.absences if one.person == who]
        turns = [(one.since, one.until) for one in bare.stretches if one.person == who]
        standing = [
            (one.since, one.until) for one in by.overrides if one.stand_in == who
        ]  # an absence beats an override
        if lost := both(both(turns, away), window):
            yield Caution(
                "Away", f"{user.name} is away in turns of their own: {_spans(lost, zone)}."
            )
        if lost := both(both(standing, away), window):
            yield Caution("Away", f"{user.name} is to stand in and is away: {_spans(lost, zone)}.",
                          "late")  # fmt: skip


def _heavy(found: Coverage) -> Iterator[Caution]:
    """Yield who has more hours than a week should, and who rests less than between two shifts."""
    roster = models.Roster.objects.filter(role=found.role).first()
    if roster is None:
        return
    if over := [load for load in found.loads if load.over_hours]:
        said = ", ".join(f"{one.user.name} {timeline.hours(one.longest_week)}" for one in over)
        yield Caution("Hours", f"More than {roster.most_hours_a_week} h in one week: {said}.")
    if tired := [load for load in found.loads if load.too_little_rest and load.shortest_rest]:
        said = ", ".join(f"{one.user.name} {_rest(one)}" for one in tired)
        yield Caution("Rest", f"Less than {roster.least_rest_hours} h between shifts: {said}.")


def _rest(load: Load) -> str:
    return timeline.length(load.shortest_rest) if load.shortest_rest else ""


def _long(found: list[Span]) -> str:
    return timeline.length(total(found))


def _spans(found: list[Span], zone: str, most: int = 3) -> str:
    said = [wallclock.said(*span, zone) for span in found[:most]]
    more = len(found) - most
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")
