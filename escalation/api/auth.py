"""Who calls: the agent behind a bearer key, and what that key may do."""

import time

from django.http import HttpRequest
from django.utils.timezone import now
from ninja.security import HttpBearer

from escalation import keys
from escalation.api import limits
from escalation.enums import Scope
from escalation.errors import EscalationError
from escalation.models import Agent, AgentKey


class KeyRefused(EscalationError):
    slug, title, status = "key-refused", "The key is refused", 401


class ScopeMissing(EscalationError):
    slug, title, status = "scope-missing", "The key may not do this", 403


class AgentStopped(EscalationError):
    slug, title, status = "agent-stopped", "The agent was stopped", 403


class AgentBearer(HttpBearer):
    """Takes an agent key that is valid now; answers 401 alike for one unknown, wrong or revoked.

    An agent that a person stopped is refused, but for what it may say all the same (``when_stopped``).
    """

    openapi_name = "agentKey"

    def __init__(self, scope: Scope, *, when_stopped: bool = False) -> None:
        super().__init__()
        self.scope, self.when_stopped = scope, when_stopped

    def __call__(self, request: HttpRequest) -> AgentKey:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            limits.check_refused(_address(request), at=time.time())
            raise KeyRefused("Send an agent key: Authorization: Bearer rk_…")
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> AgentKey:
        key = keys.key_called(token, at=now())
        if key is None:
            limits.check_refused(_address(request), at=time.time())
            raise KeyRefused("This agent key is not known or was revoked.")
        limits.check_key(str(key.pk), _address(request), at=time.time())
        if self.scope not in key.scopes:
            raise ScopeMissing(f"This agent key does not carry the scope {self.scope}.")
        if key.agent.stopped_at and not self.when_stopped:
            raise AgentStopped(
                f"A person stopped {key.agent} at {key.agent.stopped_at:%Y-%m-%d %H:%M:%S} UTC. "
                "It may say how it went on from a decision; every other call is refused until it "
                "is started again."
            )
        return key


def _address(request: HttpRequest) -> str:
    said: str = request.META.get("REMOTE_ADDR", "")
    return said


def agent_of(request: HttpRequest) -> Agent:
    key: AgentKey = request.auth  # type: ignore[attr-defined]
    return key.agent


WRITES = AgentBearer(Scope.CASES_WRITE)
READS = AgentBearer(Scope.CASES_READ)
REPORTS = AgentBearer(Scope.CASES_WRITE, when_stopped=True)
