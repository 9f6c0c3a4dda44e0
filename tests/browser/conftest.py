"""People and agents of a living desk, as a browser meets them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.fixtures.callers import AgentCaller
from tests.fixtures.living_desk import LivingDesk


@dataclass(frozen=True)
class Scene:
    """A role with reviewers and an agent, all of them one test's own."""

    role: str
    agent: AgentCaller
    sessions: list[str]
    base_url: str

    def sign_in(self, context: BrowserContext, reviewer: int = 1) -> None:
        session = self.sessions[reviewer - 1]
        context.add_cookies([{"name": "sessionid", "value": session, "url": self.base_url}])


@pytest.fixture
def furnish(desk: LivingDesk, as_agent: Callable[[str], AgentCaller]) -> Callable[..., Scene]:
    def made(role: str, reviewers: int = 1) -> Scene:
        found: dict[str, Any] = desk.furnish(role, reviewers=reviewers)
        return Scene(role, as_agent(found["key"]), found["sessions"], desk.base_url)

    return made


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
