"""Who is on call now for the roles of one person, and the keys they chose: what stands in the frame
of every page, in one query."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from escalation.models import User
from reviewers import keyboard

ENDLESS = timedelta(days=150)  # shifts are written 180 days ahead
MOST = 2  # roles that are named; the others are counted
# for each role held now: the first in line, and whoever follows in that place
SQL = """
    SELECT role.slug, role.name, on_now.user_id, on_now.name, upper(on_now.during),
           coming.user_id, coming.name, lower(coming.during),
           coalesce(profile.has_keys, true), coalesce(profile.keys, '{}'),
           (SELECT max(upper(absence.during)) FROM reviewers_absence AS absence
            WHERE absence.user_id = me.id AND absence.withdrawn_at IS NULL
              AND absence.during @> %(at)s)
    FROM (SELECT %(user)s::uuid AS id) AS me
    LEFT JOIN reviewers_profile AS profile ON profile.user_id = me.id
    LEFT JOIN (
        reviewers_membership AS member
        JOIN escalation_role AS role ON role.id = member.role_id
        JOIN reviewers_roster AS roster
          ON roster.role_id = role.id AND roster.planned_until IS NOT NULL
    ) ON member.user_id = me.id AND member.joined_at <= %(at)s
     AND (member.left_at IS NULL OR member.left_at > %(at)s)
    LEFT JOIN LATERAL (
        SELECT shift.*, coalesce(nullif(who.first_name, ''), who.username) AS name
        FROM reviewers_shift AS shift JOIN escalation_user AS who ON who.id = shift.user_id
        WHERE shift.role_id = role.id AND shift.during @> %(at)s
        ORDER BY shift.position, shift.slot LIMIT 1
    ) AS on_now ON true
    LEFT JOIN LATERAL (
        SELECT shift.*, coalesce(nullif(who.first_name, ''), who.username) AS name
        FROM reviewers_shift AS shift JOIN escalation_user AS who ON who.id = shift.user_id
        WHERE shift.role_id = role.id
          AND lower(shift.during) >= coalesce(upper(on_now.during), %(at)s)
          AND shift.position = coalesce(on_now.position, shift.position)
        ORDER BY lower(shift.during), shift.position, shift.slot LIMIT 1
    ) AS coming ON true
    ORDER BY on_now.user_id = %(user)s DESC NULLS LAST, role.slug
"""


@dataclass(frozen=True)
class Standing:
    """One role's line: who is on until when, and then whom; empty names are nobody."""

    slug: str
    role: str
    name: str
    until: datetime | None
    is_me: bool
    then: str
    then_at: datetime | None
    is_endless: bool  # as far as is planned


@dataclass(frozen=True)
class Topline:
    """The roles that somebody holds, their own standing, and the keys they chose."""

    shown: tuple[Standing, ...] = ()
    more: int = 0
    away_until: datetime | None = None
    keys: dict[str, str] | None = None  # None: single keys are switched off

    @property
    def is_on_call(self) -> bool:
        return any(each.is_me for each in self.shown)  # where they are on call stands first


def of(user: User, at: datetime) -> Topline:
    """Return the roles that ``user`` holds now, those first in which they are on call."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"user": user.pk, "at": at})
        rows = cursor.fetchall()
    found = [
        Standing(
            slug,
            role,
            "you" if on_id == user.pk else name or "",
            until,
            on_id == user.pk,
            "you" if then_id == user.pk else then or "",
            then_at,
            bool(until and until - at > ENDLESS),
        )
        for slug, role, on_id, name, until, then_id, then, then_at, *_ in rows
        if slug
    ]
    *_, has_keys, keys, away_until = rows[0]
    return Topline(
        tuple(found[:MOST]),
        max(len(found) - MOST, 0),
        away_until,
        keyboard.in_force(json.loads(keys)) if has_keys else None,
    )
