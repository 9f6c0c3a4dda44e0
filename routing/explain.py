"""Why a case went where it did: the routes of the version it started with, told over its facts.

What a case started with is stored (``Ruling``) and never changes, whatever is published later. Here
it is only said: which route took the case, why each before it did not, and what followed from that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from escalation.models import Case, Handoff
from routing import cases
from routing.models import PolicyVersion, Route, Ruling
from routing.routes import Judged, Routes
from routing.sla import Sla, read, words


@dataclass(frozen=True)
class Explanation:
    """What decided a case's role, deadlines and approvals, in sentences without their full stops.

    ``passed`` are the routes before the one that took the case, in their order, each with why not.
    """

    case: Case
    ruling: Ruling
    version: PolicyVersion
    route: Route
    why: tuple[str, ...]
    passed: tuple[Judged, ...]
    first: Handoff | None

    @property
    def role_note(self) -> str:
        """Why this role: what the agent asked for, whether it may own it, what the route says."""
        return self.first.note if self.first else ""

    @property
    def stakes_said(self) -> str:
        sent, now = self.ruling.stakes, self.case.stakes
        if sent != now:
            return f"The agent sent {sent} stakes; {self.route} raised them to {now}."
        return f"The stakes are {now}, as the agent sent them."

    @property
    def sla(self) -> Sla:
        return read(self.ruling.sla.facts)

    @property
    def sla_said(self) -> str:
        promised = words.promises(self.sla.targets.get(self.case.stakes, {}))
        return f"{self.ruling.sla.said}: {promised}."

    @property
    def approvals_said(self) -> str:
        if self.case.approvals == 1:
            return "One person decides."
        return f"A yes takes {self.case.approvals} people who agree."

    def sentences(self) -> list[str]:
        """Return all of it in order, as a page or a log shows it."""
        return [
            f"{self.route} of {self.version} took it: {'; '.join(self.why)}.",
            *(f"{each.route} did not: {'; '.join(each.why)}." for each in self.passed),
            *([self.role_note] if self.role_note else []),
            self.stakes_said,
            self.sla_said,
            self.approvals_said,
        ]


def explain(case: Case) -> Explanation | None:
    """Return why the case went where it did; None while it is in no hands yet.

    A fixed number of statements, however many routes there are.
    """
    ruling = (
        Ruling.objects.select_related("route__role", "sla", "route__version__published_by")
        .filter(case=case)
        .first()
    )
    if ruling is None:
        return None
    version = ruling.route.version
    ruling.sla.version = version
    facts = cases.facts([case], {case.pk: ruling.stakes})[case.pk]
    first = case.handoffs.select_related("role").order_by("started_at", "id").first()
    return told(case, ruling, list(version.routes.select_related("role")), facts, first)


def told(
    case: Case, ruling: Ruling, routes: Sequence[Route], facts: cases.Facts, first: Handoff | None
) -> Explanation:
    """Return the explanation of a ruling over the facts of its case. It asks the database nothing."""
    judged = {each.route.pk: each for each in Routes(routes).each(facts)}
    before = [route for route in routes if route.position < ruling.route.position]
    return Explanation(
        case=case,
        ruling=ruling,
        version=ruling.route.version,
        route=ruling.route,
        why=judged[ruling.route_id].why,
        passed=tuple(judged[route.pk] for route in sorted(before, key=lambda one: one.position)),
        first=first,
    )
