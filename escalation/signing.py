"""A signed answer on its way out: for a while it can be undone, and nothing else happens to its case."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Greatest

from escalation import clocks, effects, ledger
from escalation.enums import EffectKind, PauseReason, ReleaseEnd
from escalation.models import Case, Pause, Release, User

TOLD = (ReleaseEnd.OVERTAKEN, ReleaseEnd.WITHDRAWN)  # ended by the agent: the signer hears of it


def waiting(case: Case) -> Release | None:
    """Return the signed answer of a case that has not gone out yet."""
    if case.release_at is None:
        return None
    waits = Release.objects.select_related("option", "signed_by")
    return waits.filter(case=case, ended_at=None).first()


def begin(
    case: Case, answer: dict[str, Any], *, window: timedelta, by: User, at: datetime
) -> Release:
    """Let a signed answer to a locked case wait until its window ends. The clocks stand still for it.

    ``answer`` are the columns that hold it. The agent does not hear of it.
    """
    release = Release.objects.create(
        case=case, signed_by=by, signed_at=at, due_at=at + window, **answer
    )
    Pause.objects.create(
        case=case, reason=PauseReason.SIGNED, began_at=at, began_by=by, stops_clocks=True
    )
    case.release_at = release.due_at
    case.save(update_fields=["release_at"])
    clocks.work_out(case, at=at)
    effects.schedule(EffectKind.RELEASE, release.pk, due_at=release.due_at)
    ledger.append(
        "case.signed",
        subject=case,
        by=by,
        at=at,
        private={
            "option": release.option.key,
            "rationale": release.rationale,
            "parameters": release.parameters,
        },
        release=str(release.pk),
        release_at=ledger.instant(release.due_at),
        digest=release.digest,
    )
    return release


def end(case: Case, how: ReleaseEnd, *, at: datetime) -> Release | None:
    """End the wait of a signed answer to a locked case; None: none waited.

    Where the case goes on, its clocks do.
    """
    release = waiting(case)
    if release is None:
        return None
    release.ended_at, release.end = at, how
    release.save(update_fields=["ended_at", "end"])
    pauses = Pause.objects.filter(case=case, ended_at=None)
    pauses.update(ended_at=Greatest(F("began_at"), Value(at)))  # ``at`` may be of before the lock
    case.release_at = None
    case.save(update_fields=["release_at"])
    if how in TOLD:
        effects.schedule(EffectKind.RELEASE, release.pk, due_at=at)
    else:
        effects.done(EffectKind.RELEASE, [release.pk], at=at)
    if how in (ReleaseEnd.UNDONE, ReleaseEnd.OVERTAKEN):
        clocks.work_out(case, at=at)
    return release
