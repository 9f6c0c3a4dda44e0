"""A case goes up to the higher role: by an option that says so, or because a person asks for it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import clocks, effects, ledger
from escalation.enums import PAUSED, CaseStatus, EffectKind, HandoffEnd, HandoffReason
from escalation.errors import NoHigherRole, RationaleMissing
from escalation.lifecycle.checks import check_decider, check_undecided
from escalation.lifecycle.given import Given
from escalation.lifecycle.handing import Hands, begin_handoffs
from escalation.lifecycle.moves import end_handoff, move
from escalation.models import Case, Draft, Handoff, User
from escalation.sentences import Sentence


@transaction.atomic
def pass_up(case_id: UUID, note: str, *, by: User, at: datetime) -> Handoff:
    """Hand a case to the higher role with a note that says why, whatever options it offers.

    Raises what ``decide`` does of who may and when, RationaleMissing without a note, NoHigherRole.
    """
    case = Case.objects.locked(case_id)
    check_undecided(case)
    check_decider(case, by, at)
    if not note.strip():
        raise RationaleMissing(_("Say why: whoever decides it next reads your note first."))
    return to_higher_role(case, note, by=by, at=at)


def to_higher_role(
    case: Case, note: str, given: Given | None = None, *, by: User, at: datetime
) -> Handoff:
    """Hand a locked case to the higher role: an answer (``given``), but not yet a decision."""
    assert case.role
    higher = case.role.higher_role
    if higher is None:
        what = _("%(role)s has no higher role.")
        if given:
            what = _("“%(option)s” passes the case up, but %(role)s has no higher role.")
        raise NoHigherRole(
            _("%(what)s Choose another option, or ask an administrator to name one."),
            what=Sentence(what, role=case.role, option=given.option.label if given else ""),
        )
    at = end_handoff(case, HandoffEnd.PASSED_UP, at)
    hours = clocks.freeze([higher])
    case.role = higher
    if case.status in PAUSED:  # whoever has it now begins afresh
        move(case, CaseStatus.AWAITING, at, "role")
    else:
        case.save(update_fields=["role"])
    ledger.append(
        "case.passed_up",
        subject=case,
        by=by,
        at=at,
        private={"rationale": given.rationale if given else note},
        option=given.option.key if given else None,
        role=higher.slug,
    )
    hands = Hands(case.pk, higher, HandoffReason.PASSED_UP, note)
    handoff = begin_handoffs([(case, hands)], hours, by=by, at=at)[0]
    clocks.work_out(case, at=at)
    effects.hasten(EffectKind.SEAT, higher.pk, due_at=at)  # it names the person
    Draft.objects.filter(case=case, user=by).delete()
    return handoff
