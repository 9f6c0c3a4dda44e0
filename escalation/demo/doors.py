"""Who of a demo may come in: everybody whom it made, in a demo, and none of them anywhere else.

A demo's data can be started without it. Its four passwords, which everybody knows, then open nothing,
and nor does whatever was set up with them: sessions, passkeys, single sign-on, links, feeds
(``User.is_open``). An account whose password somebody changed is that person's own. The demo's agent
is refused too.
"""

from datetime import datetime

from django.conf import settings

from escalation.demo import cast
from escalation.models import Agent, User

OPEN = "This desk is a demo: anybody who reaches it signs in as {names}, each with the name as password."
SHUT = (
    "This data is of a demo and the desk is not run as one: {names} cannot sign in. Start it with"
    " --demo, or name an empty folder with RECOURSE_VAR for work in earnest."
)


def may_call(agent: Agent) -> bool:
    return settings.DEMO or (agent.name, agent.type) != (cast.AGENT, cast.AGENT_TYPE)


def accounts() -> list[str]:
    """Return the names of the accounts whose password is the demo's."""
    found = User.objects.filter(has_demo_password=True, is_active=True)
    return sorted(found.values_list("username", flat=True))


def sentence() -> str:
    """Return what anybody may know of it, "" where no account of a demo is here."""
    told = _told(OPEN if settings.DEMO else SHUT)
    return told[0] if told else ""


def warnings(*, at: datetime) -> list[str]:
    """Say that accounts of a demo are here and shut."""
    return [] if settings.DEMO else _told(SHUT)


def notes(*, at: datetime) -> list[str]:
    """Say that accounts of a demo are here and open to everybody."""
    return _told(OPEN) if settings.DEMO else []


def _told(sentence: str) -> list[str]:
    names = accounts()
    return [sentence.format(names=", ".join(names))] if names else []
