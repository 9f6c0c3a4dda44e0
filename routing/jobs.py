"""What workers carry out for the clock."""

import logging

from django.db import DatabaseError
from django.utils.timezone import now

from escalation import effects
from escalation.enums import EffectKind
from routing import dispatch as dispatching
from routing import fallback

logger = logging.getLogger(__name__)


def dispatch(claims: dict[str, int]) -> None:
    """Find hands for newly opened cases, all at once; should that fail, each for itself.

    What still fails stays due, so that one bad case does not strand the rest.
    """
    case_ids = effects.claimed(EffectKind.DISPATCH, claims)
    try:
        dispatching.dispatch(case_ids, at=now())
    except DatabaseError as error:
        if len(case_ids) == 1:
            logger.error("Case %s found no hands and stays due: %s", case_ids[0], error)
            return
        for effect_id, claim in claims.items():
            dispatch({effect_id: claim})


def act(claims: dict[str, int]) -> None:
    """Act on what is due on each of these cases; one that fails stays due and keeps no other waiting."""
    for case_id in effects.claimed(EffectKind.DEADLINE, claims):
        try:
            fallback.act(case_id, at=now())
        except DatabaseError:
            logger.exception("What is due on case %s could not be done and stays due", case_id)
