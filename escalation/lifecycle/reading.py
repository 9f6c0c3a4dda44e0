"""A person opens evidence: what they had before their eyes is on the record."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _

from escalation import access, ledger, protocol
from escalation.errors import NotAuthorised
from escalation.models import Case, Evidence, Opening, User


@transaction.atomic
def open_evidence(case_id: UUID, position: int, *, by: User, at: datetime) -> Opening:
    """Note that ``by`` opened one step of the evidence; the first time only.

    Raises Evidence.DoesNotExist, and NotAuthorised for who may not read the case, or not yet this
    step of it.
    """
    case = Case.objects.select_related("terms").get(pk=case_id)
    step = Evidence.objects.get(case=case, position=position)
    if not access.reading(by).covers(case):
        raise NotAuthorised(
            _("%(person)s does not read %(reference)s."), person=by, reference=case.reference
        )
    if step.kind in protocol.WITHHELD_KINDS and not protocol.is_revealed(case, by):
        raise NotAuthorised(_("That is shown once you have given your own answer."))
    opening, is_first = Opening.objects.get_or_create(
        case=case, user=User(pk=by.pk), evidence=step, defaults={"opened_at": at}
    )
    if is_first:
        ledger.append(
            "evidence.opened",
            subject=case,
            by=by,
            at=at,
            position=position,
            step=step.key,
            must_read=step.must_read,
            digest=case.digest,
        )
    return opening
