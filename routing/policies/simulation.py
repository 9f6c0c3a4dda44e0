"""What a draft would do to the last cases: which would go elsewhere, and how. Nothing is changed."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from escalation import access
from escalation.models import Case, Role, User
from routing import cases, routes
from routing.models import PolicyVersion, Ruling
from routing.policies import reading
from routing.policies.changes import Line
from routing.sla import Sla, words

LAST, MOST = 200, 2000


@dataclass(frozen=True)
class Fate:
    """What one version makes of one case."""

    route: str
    role: Role
    stakes: str
    sla: Sla
    approvals: int


@dataclass(frozen=True)
class Moved:
    """A case that would go another way, and what of it differs."""

    case: Case
    before: Fate
    after: Fate
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Taken:
    """How many of the cases a route takes; ``before`` is None for one that is new."""

    route: str
    before: int | None
    after: int


@dataclass(frozen=True)
class Simulation:
    """``moved`` are the cases that the reader may read; ``hidden`` others would move as well."""

    total: int
    moved: tuple[Moved, ...]
    hidden: int
    differing: tuple[tuple[str, int], ...]  # of all that would move: what differs, in how many
    taken: tuple[Taken, ...]

    @property
    def count(self) -> int:
        """How many would go another way, read by the reader or not."""
        return len(self.moved) + self.hidden


def simulate(
    version: PolicyVersion, *, reader: User, last: int = LAST, against: PolicyVersion | None = None
) -> Simulation:
    """Return what ``version`` would do to the ``last`` cases, 2,000 at most, that came in.

    It is compared with what ``against`` (what is in force) would do to them now, by the facts and
    the stakes that their agents sent; who is on call plays no part. The number of statements does
    not depend on the number of cases.
    """
    known = routes.roles()
    against = against or PolicyVersion.objects.in_force()
    found = list(Case.objects.order_by("-number").defer("state")[: max(0, min(last, MOST))])
    sent = dict(Ruling.objects.filter(case__in=found).values_list("case_id", "stakes"))
    facts = cases.facts(found, sent)
    was, would = _Judge(against, known), _Judge(version, known)
    reach = access.reading(reader)
    moved, hidden = [], 0
    differing: Counter[str] = Counter()
    before_taken: Counter[str] = Counter()
    after_taken: Counter[str] = Counter()
    for case in found:
        before, after = was.fate(case, facts[case.pk]), would.fate(case, facts[case.pk])
        before_taken[before.route] += 1
        after_taken[after.route] += 1
        lines = tuple(_differences(before, after))
        differing.update(line.label for line in lines)
        if lines and reach.covers(case):
            moved.append(Moved(case, before, after, lines))
        elif lines:
            hidden += 1
    return Simulation(
        len(found),
        tuple(moved),
        hidden,
        tuple(differing.most_common()),
        tuple(
            Taken(name, before_taken[name] if name in was.names else None, after_taken[name])
            for name in would.names
        ),
    )


class _Judge:
    """One version, read once for many cases."""

    def __init__(self, version: PolicyVersion, known: Mapping[UUID, Role]) -> None:
        self.routes = routes.of(version, known)
        self.names = [route.name for route in self.routes.all]
        self.slas = reading.of(version).sla_named
        self.roles = {role.slug: role for role in known.values()}

    def fate(self, case: Case, facts: cases.Facts) -> Fate:
        route = self.routes.first_match(facts)
        wished = self.roles.get(case.role_wish)
        return Fate(
            route=route.name,
            role=routes.owner(case, route, self.routes.default, wished).role,
            stakes=routes.raised(facts["stakes"], route.stakes_floor),
            sla=self.slas[route.sla.slug],
            approvals=route.approvals,
        )


def _differences(before: Fate, after: Fate) -> Iterator[Line]:
    """Yield what would be otherwise; another route that comes to the same is no difference."""
    told = (
        ("role", str(before.role), str(after.role)),
        ("stakes", str(before.stakes), str(after.stakes)),
        ("approvals", str(before.approvals), str(after.approvals)),
        ("SLA policy", before.sla.name, after.sla.name),
        ("deadlines", _deadlines(before), _deadlines(after)),
        ("if nobody answers", words.chain(before.sla), words.chain(after.sla)),
    )
    for label, was, would in told:
        if was != would:
            yield Line(label, was, would)


def _deadlines(fate: Fate) -> str:
    return words.promises(fate.sla.targets.get(fate.stakes, {}))
