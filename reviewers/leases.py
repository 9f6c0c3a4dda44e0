"""What the page of a case says of its lease: that it is the reader's, that it ended, or who has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from escalation.enums import HandoffEnd
from escalation.models import Case, Handoff, User
from escalation.models.handoffs import CURRENT

WARNED = timedelta(minutes=2)  # before a lease ends, whoever has it is asked whether they go on
REMEMBERED = timedelta(hours=1)  # how long a page says that a lease has ended


@dataclass(frozen=True)
class Lease:
    """``mine`` until when; ``lapsed`` since when, be it somebody else's by now; ``taken`` by whom."""

    state: str = ""
    until: datetime | None = None
    taken_by: User | None = None
    taken_at: datetime | None = None

    @property
    def warns_at(self) -> datetime | None:
        return self.until - WARNED if self.until and self.state == "mine" else None

    @property
    def tag(self) -> str:
        return f"{self.state}{self.taken_by.pk if self.taken_by else ''}"


def lease_of(case: Case, reader: User, *, at: datetime) -> Lease:
    """Return how the lease of a case stands for a reader, in one query."""
    mine = Q(user=reader.pk, end=HandoffEnd.LAPSED, ended_at__gt=at - REMEMBERED)
    known = Handoff.objects.filter(CURRENT | mine, case=case).select_related("user")
    *lapsed, last = list(known.order_by("started_at", "id")) or [None]
    if last is None or last.ended_at:
        return Lease()
    if last.claimed_at and last.user_id == reader.pk:
        return Lease("mine", last.lease_until)
    taken = (last.user, last.claimed_at) if last.claimed_at else (None, None)
    if lapsed and last.user_id != reader.pk:
        return Lease("lapsed", lapsed[-1].ended_at, *taken)
    return Lease("taken" if last.claimed_at else "", None, *taken)
