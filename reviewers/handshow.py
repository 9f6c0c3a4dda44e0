"""Every pair of hands that a case was in: whose, why, when seen and what of, for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from escalation.ledger import Line
from escalation.models import Case, Handoff


@dataclass(frozen=True)
class Hand:
    """One handoff with what the record says of it."""

    handoff: Handoff
    passed_over: tuple[str, ...]  # why others who were on call did not get it, a sentence each
    version: int | None  # of the package that was seen

    @property
    def length(self) -> timedelta | None:
        return self.handoff.length

    @property
    def whose(self) -> str:
        role, user = self.handoff.role.name, self.handoff.user
        return _("%(name)s for %(role)s") % {"name": user.name, "role": role} if user else role


def hands(case: Case, lines: list[Line]) -> list[Hand]:
    """Return the handoffs of a case in order; ``lines`` are its record, which has one for each."""
    handoffs = list(case.handoffs.select_related("role", "user", "seen_by"))
    told = [line for line in lines if line.action == "case.handed_off"]
    versions = dict(case.packages.values_list("digest", "version")) if handoffs else {}
    whys = [tuple(line.private.get("passed_over") or ()) for line in told]
    whys += [()] * (len(handoffs) - len(whys))
    return [
        Hand(handoff, why, versions.get(handoff.seen_digest))
        for handoff, why in zip(handoffs, whys, strict=False)
    ]
