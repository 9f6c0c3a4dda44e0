"""Who did it, as the ledger writes it: ``user:<id>``, ``agent:<id>`` or ``system:<part>``."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from escalation.models import Agent, User


@dataclass(frozen=True)
class System:
    """A part of the desk that acts by itself, such as the router."""

    part: str
    name: str

    def __str__(self) -> str:
        return self.name

    @property
    def told(self) -> str:
        """What it is called, in the language of who reads."""
        return gettext(self.name)


ROUTER = System("router", _("The router"))
CLOCK = System("clock", _("The clock"))
COURIER = System("courier", _("The courier"))
SIGN_ON = System("single-sign-on", _("The single-sign-on"))
OPERATOR = System("operator", _("The operator"))  # somebody at the shell, who needs no account

SYSTEMS = (ROUTER, CLOCK, COURIER, SIGN_ON, OPERATOR)

Actor = User | Agent | System


def actor_id(actor: Actor | AbstractBaseUser) -> str:
    if isinstance(actor, System):
        return f"system:{actor.part}"
    # request.user is a lazy wrapper, so the class is asked through its model
    return f"{actor._meta.model_name}:{actor.pk}"


def names(ids: Iterable[str]) -> dict[str, str]:
    """Return what each actor is called, to a reader; one that is gone keeps its id."""
    found = {id: id for id in ids} | {actor_id(system): system.told for system in SYSTEMS}
    for model in (User, Agent):
        keys = list(_keys(found, f"{model._meta.model_name}:"))
        for actor in model._default_manager.filter(pk__in=keys):
            found[actor_id(actor)] = str(actor)
    return found


def _keys(ids: Iterable[str], kind: str) -> Iterator[UUID]:
    """Yield the keys in ids of one kind; a record that was tampered with may hold what is none."""
    for id in ids:
        if id.startswith(kind):
            with suppress(ValueError):
                yield UUID(id.removeprefix(kind))
