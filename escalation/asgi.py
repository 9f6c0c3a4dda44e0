"""The application that the server runs: Django in one hop, and around it what waits and streams."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escalation.settings")
django.setup(set_prefix=False)

from escalation.bodylimit import BodyLimit  # noqa: E402 -- these need the settings
from escalation.longpoll import LongPoll  # noqa: E402
from escalation.onehop import OneHop  # noqa: E402
from escalation.urgentstream import UrgentStream  # noqa: E402
from escalation.web import memory  # noqa: E402

application = BodyLimit(UrgentStream(LongPoll(OneHop())))
memory.keep_for_good()
