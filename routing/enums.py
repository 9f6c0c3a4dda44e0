"""The closed lists of policy."""

from django.db.models import TextChoices


class Rung(TextChoices):
    """What a step of a fallback chain does. There is none that approves, and there never will be."""

    REMIND = "remind", "a reminder"
    SECONDARY = "secondary", "the secondary on call"
    BACKUP_ROLE = "backup_role", "the backup role"
    HIGHER_ROLE = "higher_role", "the higher role"
    HOLD = "hold", "held until somebody takes it up"
    DENY = "deny", "denied for want of an answer"
    DO_NOTHING = "do_nothing", "closed without action"


TERMINAL = (Rung.HOLD, Rung.DENY, Rung.DO_NOTHING)


class CountedIn(TextChoices):
    """Which time a length is counted in."""

    WORKING = "working", "working time"
    WALL = "wall", "around the clock"


class VersionStatus(TextChoices):
    DRAFT = "draft", "draft"
    PUBLISHED = "published", "published"
    DISCARDED = "discarded", "put away"
