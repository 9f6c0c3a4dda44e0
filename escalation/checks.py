"""What only shows at start: names that settings give as strings must mean something."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, register
from django.utils.module_loading import import_string

from escalation.enums import EffectKind


@register()
def effects_have_jobs(**_: Any) -> list[Error]:
    """Each kind of effect names a queue and a job, or what the courier does; all can be imported."""
    errors = []
    for kind in EffectKind.values:
        if kind in settings.CARRIERS and kind not in settings.EFFECTS:
            try:
                import_string(settings.CARRIERS[kind])
            except ImportError as error:
                errors.append(Error(f"CARRIERS[{kind!r}]: {error}", id="escalation.E002"))
            continue
        queue, job = settings.EFFECTS.get(kind, ("", ""))
        if queue not in settings.RQ_QUEUES:
            errors.append(
                Error(f"EFFECTS[{kind!r}] names no queue of RQ_QUEUES.", id="escalation.E001")
            )
            continue
        try:
            import_string(job)
        except ImportError as error:
            errors.append(Error(f"EFFECTS[{kind!r}]: {error}", id="escalation.E002"))
    return errors


@register()
def warnings_can_be_asked(**_: Any) -> list[Error]:
    """Each of WARNINGS and of NOTES can be imported."""
    errors = []
    for setting in ("WARNINGS", "NOTES"):
        for name in getattr(settings, setting):
            try:
                import_string(name)
            except ImportError as error:
                errors.append(Error(f"{setting}: {error}", id="escalation.E003"))
    return errors
