from reviewers.models.feeds import Feed
from reviewers.models.membership import Membership
from reviewers.models.notices import Notice, Sending
from reviewers.models.profile import ContactPoint, Profile, QuietHours
from reviewers.models.renderings import Rendering
from reviewers.models.roster import DutyWindow, Layer, LayerVersion, Roster, Turn
from reviewers.models.saved import SavedView
from reviewers.models.shifts import Shift
from reviewers.models.standins import Absence, ImportedEvent, Override, Swap

__all__ = [
    "Absence",
    "ContactPoint",
    "DutyWindow",
    "Feed",
    "ImportedEvent",
    "Layer",
    "LayerVersion",
    "Membership",
    "Notice",
    "Override",
    "Profile",
    "QuietHours",
    "Rendering",
    "Roster",
    "SavedView",
    "Sending",
    "Shift",
    "Swap",
    "Turn",
]
