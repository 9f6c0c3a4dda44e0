"""What becomes of a signed answer: it goes out, or its signer is told why it did not."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import effects, lifecycle
from escalation.enums import EffectKind, ReleaseEnd
from escalation.models import Release
from reviewers import casenews

WHY_NOT = {
    ReleaseEnd.OVERTAKEN: "New evidence came to {} before your answer went out. "
    "Read it and decide again; what you wrote is kept.",
    ReleaseEnd.WITHDRAWN: "The agent withdrew {} before your answer went out.",
}


@transaction.atomic
def carry_out(release_id: UUID, *, at: datetime) -> None:
    """Let a signed answer go out that is due, or tell its signer how it ended instead."""
    release = Release.objects.select_related("case__terms", "signed_by").get(pk=release_id)
    if not release.end:
        lifecycle.release(release.case_id, at=at)  # should it end meanwhile, it is looked at again
        return
    if said := WHY_NOT.get(ReleaseEnd(release.end)):
        text = said.format(release.case.reference)
        casenews.tell(release.case, [release.signed_by], f"release:{release.pk}", text, at=at)
    effects.done(EffectKind.RELEASE, [release.pk], at=at)
