"""The views of the queue that everybody has, and the condition that each of them is."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from escalation.access import Reach
from escalation.cases.lateness import BREACHING, SOON
from escalation.models import User


class View(StrEnum):
    TODO = "todo"
    MINE = "mine"
    UNOWNED = "unowned"
    BREACHING = "breaching"
    ASKED = "asked"
    HELD = "held"
    SNOOZED = "snoozed"
    DECIDED = "decided"
    OVERTURNED = "overturned"
    ALL = "all"


LISTS = (View.DECIDED, View.OVERTURNED, View.ALL)  # of cases however they stand, the latest first
NAMES = {
    View.TODO: _("To decide"),
    View.MINE: _("Mine"),
    View.UNOWNED: _("Nobody’s"),
    View.BREACHING: _("Breaching"),
    View.ASKED: _("Waiting for answers"),
    View.HELD: _("Held"),
    View.SNOOZED: _("Snoozed"),
    View.DECIDED: _("Decided today"),
    View.OVERTURNED: _("Overturned"),
    View.ALL: _("All cases"),
}

# Written as the partial indexes have it, or they are not used.
QUEUED = "found.status = 'awaiting' AND found.release_at IS NULL"
MINE = "ARRAY(SELECT case_id FROM escalation_handoff WHERE user_id = %(user)s AND ended_at IS NULL)"
SNOOZED = (
    "ARRAY(SELECT case_id FROM escalation_snooze"
    " WHERE user_id = %(user)s AND until > %(now)s AND ended_at IS NULL)"
)
NOT_SNOOZED = f"AND found.id <> ALL ({SNOOZED})"
NOBODYS = (
    "AND EXISTS (SELECT FROM escalation_handoff AS turn WHERE turn.case_id = found.id"
    " AND turn.ended_at IS NULL AND turn.user_id IS NULL AND turn.role_id = found.role_id)"
)
NOT_SIGNED = (
    "found.status IN ('awaiting', 'held', 'information_requested') AND found.release_at IS NULL"
)
CONDITIONS = {
    View.TODO: f"{QUEUED} {NOT_SNOOZED}",
    View.MINE: f"{NOT_SIGNED} AND found.id = ANY ({MINE}) {NOT_SNOOZED}",
    View.UNOWNED: f"{QUEUED} {NOBODYS} {NOT_SNOOZED}",
    View.BREACHING: BREACHING,  # snoozed or not: its deadline runs on
    View.ASKED: "found.status = 'information_requested'",
    View.HELD: "found.status = 'held'",
    View.SNOOZED: f"{NOT_SIGNED} AND found.id = ANY ({SNOOZED})",
}

# A reader who is limited to tenants walks an index of theirs, tenant by tenant, so that the cases of
# others cost them nothing.
TENANTS = "CROSS JOIN unnest(%(tenants)s::text[]) AS tenants (name)"
OF_TENANT = "AND found.tenant = tenants.name"


def asked(reach: Reach, reader: User, at: datetime) -> dict[str, Any]:
    """Return the values that the conditions take."""
    return {
        "roles": sorted(reach.role_ids) if not reach.desk else [role.pk for role in reach.roles],
        "tenants": list(reach.tenants or ()),
        "user": reader.pk,
        "now": at,
        "soon": at + SOON,
    }


def limited(statement: str, reach: Reach, **parts: str) -> str:
    """Return a statement for all tenants or for those of the reader."""
    some = reach.tenants is not None
    return statement.format(
        tenants=TENANTS if some else "", of_tenant=OF_TENANT if some else "", **parts
    )
