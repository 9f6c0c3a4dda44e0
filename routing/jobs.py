"""What workers carry out for the clock."""

from django.utils.timezone import now

from escalation import effects
from escalation.enums import EffectKind
from routing.dispatch import dispatch as dispatch_case


def dispatch(claims: dict[str, int]) -> None:
    """Find hands for newly opened cases; one that fails stays due, the others go on."""
    failures = []
    for case_id in effects.claimed(EffectKind.DISPATCH, claims):
        try:
            dispatch_case(case_id, at=now())
        except Exception as error:  # noqa: BLE001 -- one bad case must not strand the rest
            failures.append(error)
    if failures:
        raise ExceptionGroup("some cases found no hands and stay due", failures)
