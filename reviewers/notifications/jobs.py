"""What workers carry out to tell people. Each may run twice or late."""

from django.utils.timezone import now

from escalation import effects
from escalation.enums import EffectKind
from reviewers.notifications import sending


def send_notices(claims: dict[str, int]) -> None:
    """Send what is due; what is not written down as sent is sent again when its lease ends."""
    sending.send_notices(effects.claimed(EffectKind.NOTICE, claims), at=now())


def send_digests(claims: dict[str, int]) -> None:
    """Send each person what was collected for them."""
    sending.send_digests(effects.claimed(EffectKind.DIGEST, claims), at=now())
