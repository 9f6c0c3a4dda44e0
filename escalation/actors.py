"""Who did it, as the ledger writes it: ``user:<id>``, ``agent:<id>`` or ``system:<part>``."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from escalation.models import Agent, User


@dataclass(frozen=True)
class System:
    """A part of the desk that acts by itself, such as the router."""

    part: str

    def __str__(self) -> str:
        return f"the {self.part}"


ROUTER = System("router")
COURIER = System("courier")
OPERATOR = System("operator")  # somebody at the shell, who needs no account

Actor = User | Agent | System


def actor_id(actor: Actor | AbstractBaseUser) -> str:
    if isinstance(actor, System):
        return f"system:{actor.part}"
    # request.user is a lazy wrapper, so the class is asked through its model
    return f"{actor._meta.model_name}:{actor.pk}"
