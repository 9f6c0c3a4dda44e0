"""Drafting: one draft at a time, which several people may edit, none over what another did.

Each act names the draft as its editor last saw it (``seen``, see ``seen_as``). Where somebody came
first it is refused with who and when, and nothing of it is kept. Content is checked whole each time:
a draft can always be published, as far as its form goes.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from escalation import ledger
from escalation.errors import Fault
from escalation.models import Role, User
from escalation.wallclock import wall
from routing import sla
from routing.enums import VersionStatus
from routing.errors import PolicyMoved, PolicyRefused, PolicyRejected
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.policies import changes, reading, rights, yamltext
from routing.policies.content import Content, RouteFacts, rows


def seen_as(version: PolicyVersion) -> str:
    """Return what names a draft as it stands: its id and its revision. Forms carry it back."""
    return f"{version.pk}.{version.revision}"


@transaction.atomic
def draft(*, by: User, at: datetime) -> PolicyVersion:
    """Return the open draft; where there is none, a new one that says what is in force.

    Raises NotAuthorised.
    """
    rights.check(by)
    lock()
    if found := PolicyVersion.objects.open_draft():
        return found
    in_force = PolicyVersion.objects.in_force()
    made = PolicyVersion.objects.create(based_on=in_force, drafted_by=by, drafted_at=at)
    write(made, reading.of(in_force))
    ledger.append("policy.drafted", subject=made, by=by, at=at, based_on=in_force.number)
    return made


# Routes; positions count from 1 ---------------------------------------------------------------------


def add_route(
    data: Any, *, before: int | None = None, seen: str, by: User, at: datetime
) -> PolicyVersion:
    """Add a route before the one at position ``before``; None: as the last before the default.

    Raises PolicyRejected with faults that point into ``data``, PolicyMoved, NotAuthorised.
    """

    def change(content: Content) -> Content:
        routes = list(content.routes)
        place = len(routes) if before is None else _index(content, before)
        routes.insert(place, _route(data, content))
        return content.with_routes(*routes)

    return _edit(change, seen, by, at)


def change_route(position: int, data: Any, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put ``data`` in the place of the route at a position; the last position is the default's."""

    def change(content: Content) -> Content:
        if position == len(content.routes) + 1:
            return replace(content, default=_route(data, content, is_default=True))
        routes = list(content.routes)
        routes[_index(content, position)] = _route(data, content)
        return content.with_routes(*routes)

    return _edit(change, seen, by, at)


def remove_route(position: int, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Take a route out. The default cannot be: something must take what no other route does."""

    def change(content: Content) -> Content:
        routes = list(content.routes)
        del routes[_index(content, position)]
        return content.with_routes(*routes)

    return _edit(change, seen, by, at)


def move_route(position: int, to: int, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Move a route to another position; the others close up."""

    def change(content: Content) -> Content:
        routes = list(content.routes)
        moved = routes.pop(_index(content, position))
        routes.insert(_index(content, to), moved)
        return content.with_routes(*routes)

    return _edit(change, seen, by, at)


# SLA policies ---------------------------------------------------------------------------------------


def add_sla(data: Any, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Add an SLA policy. Raises PolicyRejected with faults that point into ``data``."""

    def change(content: Content) -> Content:
        found = sla.read(data)
        if found.slug in content.sla_named:
            raise PolicyRejected(Fault("/slug", f"There is an SLA policy {found.slug} already."))
        return _with_slas(content, {**content.sla_named, found.slug: found})

    return _edit(change, seen, by, at)


def change_sla(slug: str, data: Any, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put ``data`` in the place of an SLA policy; routes follow it to another slug."""

    def change(content: Content) -> Content:
        found = sla.read(data)
        _known(content, slug)
        others = {name: each for name, each in content.sla_named.items() if name != slug}
        if found.slug in others:
            raise PolicyRejected(Fault("/slug", f"There is an SLA policy {found.slug} already."))
        changed = _with_slas(content, {**others, found.slug: found})
        follow = [
            replace(route, sla=found.slug) if route.sla == slug else route
            for route in content.all_routes
        ]
        return replace(changed, routes=tuple(follow[:-1]), default=follow[-1])

    return _edit(change, seen, by, at)


def remove_sla(slug: str, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Take an SLA policy out. Raises PolicyRefused while routes use it."""

    def change(content: Content) -> Content:
        _known(content, slug)
        users = [route.name for route in content.all_routes if route.sla == slug]
        if users:
            raise PolicyRefused(
                f"{content.sla_named[slug].name} is the SLA policy of {', '.join(users)}; "
                "choose another there first."
            )
        rest = {name: each for name, each in content.sla_named.items() if name != slug}
        return _with_slas(content, rest)

    return _edit(change, seen, by, at)


# The whole ------------------------------------------------------------------------------------------


def replace_with(given: Any, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Put a whole version in place of the draft's content: its YAML text, or its facts.

    Raises PolicyRejected; the faults of a text name its lines.
    """

    def change(_: Content) -> Content:
        read = yamltext.read if isinstance(given, str) else reading.read
        return read(given, _roles())

    return _edit(change, seen, by, at)


@transaction.atomic
def describe(note: str, *, seen: str, by: User, at: datetime) -> PolicyVersion:
    """Say in words what the draft changes and why."""
    version = held(seen, by)
    if version.note != note.strip():
        version.note = note.strip()
        _edited(version, by, at)
        ledger.append(
            "policy.edited", subject=version, by=by, at=at, revision=version.revision,
            note=version.note, changes=[],
        )  # fmt: skip
    return version


# How an act is done ---------------------------------------------------------------------------------


def lock() -> None:
    """Hold the desk's policy: one act on it at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('policy'))")


def held(seen: str, by: User) -> PolicyVersion:
    """Return the draft that ``by`` saw, held against everybody else.

    Raises NotAuthorised, and PolicyMoved when it is not as they saw it any longer.
    """
    rights.check(by)
    lock()
    found = PolicyVersion.objects.select_related("edited_by", "published_by")
    key, _, revision = seen.partition(".")
    try:
        version = found.get(pk=UUID(key))
    except (ValueError, PolicyVersion.DoesNotExist):
        raise PolicyMoved("There is no such draft; nothing was changed.") from None
    if version.status == VersionStatus.PUBLISHED:
        who, when = version.published_by or "The desk", _when(version.published_at, by)
        raise PolicyMoved(f"{who} published this as {version}{when}; nothing was changed.")
    who, when = version.edited_by or "Somebody", _when(version.edited_at, by)
    if version.status == VersionStatus.DISCARDED:
        raise PolicyMoved(f"{who} put this draft away{when}; nothing was changed.")
    if str(version.revision) != revision:
        raise PolicyMoved(
            f"{who} changed the draft{when}, after you opened it; nothing was changed."
        )
    return version


def _when(at: datetime | None, reader: User) -> str:
    return f" {wall(at, ZoneInfo(reader.time_zone)):on %a %-d %b at %H:%M}" if at else ""


@transaction.atomic
def _edit(change: Callable[[Content], Content], seen: str, by: User, at: datetime) -> PolicyVersion:
    """Change the draft's content; what changes nothing leaves no trace and makes nobody an editor."""
    version = held(seen, by)
    before = reading.of(version)
    after = reading.read(change(before).as_facts(), _roles())  # the parts must also fit together
    if found := changes.between(before, after):
        write(version, after)
        _edited(version, by, at)
        ledger.append(
            "policy.edited",
            subject=version,
            by=by,
            at=at,
            revision=version.revision,
            changes=[each.as_facts() for each in found],
        )
    return version


def _edited(version: PolicyVersion, by: User, at: datetime) -> None:
    version.revision += 1
    version.edited_by, version.edited_at = by, at
    if by.pk not in version.editors:
        version.editors.append(by.pk)
    version.save(update_fields=["revision", "edited_by", "edited_at", "editors", "note"])


def write(version: PolicyVersion, content: Content) -> None:
    """Let the draft's rows say ``content``."""
    version.routes.all().delete()
    version.sla_policies.all().delete()
    found = list(rows(content, version, dict(Role.objects.values_list("slug", "pk"))))
    SlaPolicy.objects.bulk_create([row for row in found if isinstance(row, SlaPolicy)])
    Route.objects.bulk_create([row for row in found if isinstance(row, Route)])


def _roles() -> list[str]:
    return list(Role.objects.values_list("slug", flat=True))


def _route(data: Any, content: Content, *, is_default: bool = False) -> RouteFacts:
    return reading.read_route(
        data, roles=_roles(), slas=content.sla_named.keys(), is_default=is_default
    )


def _with_slas(content: Content, named: dict[str, sla.Sla]) -> Content:
    return replace(content, slas=tuple(named[slug] for slug in sorted(named)))


def _index(content: Content, position: int) -> int:
    if not 1 <= position <= len(content.routes):
        raise PolicyRefused(
            f"There is no route at position {position} that could be moved or taken out."
        )
    return position - 1


def _known(content: Content, slug: str) -> None:
    if slug not in content.sla_named:
        raise PolicyRefused(f"There is no SLA policy {slug} in this draft.")
