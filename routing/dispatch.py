"""From an open case to hands: the route that takes it, the role, the person, and by when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escalation import effects, lifecycle, stopping
from escalation.actors import ROUTER
from escalation.clocks import Wanted
from escalation.enums import CaseStatus, EffectKind, Stakes, Target
from escalation.lifecycle import Hands, Start
from escalation.models import Case, Handoff, Role, Terms
from reviewers import candidates, casenews
from reviewers.hands import AGAIN
from routing import cases as facts_of
from routing import routes, sla
from routing.models import PolicyVersion, Route, Ruling, SlaPolicy
from routing.routes import Owner


@dataclass(frozen=True)
class Match:
    """A case, the route that takes it, and which role that makes its owner."""

    case: Case
    route: Route
    owner: Owner


def match(cases: Iterable[Case]) -> list[Match]:
    """Return which route takes each case under the policy in force, and whose it then is."""
    cases = list(cases)
    policy = routes.of(PolicyVersion.objects.in_force())
    facts = facts_of.facts(cases)
    wished = {case.role_wish for case in cases if case.role_wish}
    roles = {
        role.slug: role for role in Role.objects.filter(slug__in=wished).prefetch_related("limits")
    }
    found = []
    for case in cases:
        route = policy.first_match(facts[case.pk])
        owner = routes.owner(case, route, policy.default, roles.get(case.role_wish))
        found.append(Match(case, route, owner))
    return found


@transaction.atomic
def dispatch(case_ids: list[UUID], *, at: datetime) -> list[Handoff]:
    """Put the cases that are still open into their roles' hands, name whose turn each is, and by when."""
    cases = Case.objects.filter(pk__in=case_ids, status=CaseStatus.OPEN).order_by("pk")
    matches = match(cases.defer("state").select_related("agent"))
    by_role: dict[Role, list[Match]] = defaultdict(list)
    for matched in matches:
        by_role[matched.owner.role].append(matched)
    starts = _starts(matches)
    teams = candidates.teams(by_role, at)  # before a case is locked, like everywhere
    given = [
        hands for role, found in by_role.items() for hands in _turns(teams[role], found, starts)
    ]
    handoffs = lifecycle.hand_off(given, by=ROUTER, at=at)
    _rule(matches, handoffs, at)
    _tell(handoffs, at)
    stopping.look_again((one.case.agent for one in matches), at=at)
    effects.done(EffectKind.DISPATCH, case_ids, at=at)
    return handoffs


def _tell(handoffs: list[Handoff], at: datetime) -> None:
    """Tell whose turn it is; a role with what nobody could take is looked at again in a minute."""
    casenews.turns(handoffs, at=at)
    for role_id in {one.role_id for one in handoffs if one.user is None}:
        effects.hasten(EffectKind.SEAT, role_id, due_at=at + AGAIN)


def _turns(
    team: candidates.Team, matches: list[Match], starts: dict[UUID, Start]
) -> Iterator[Hands]:
    for one in matches:
        user, passed_over = team.choose(one.case)
        yield Hands(
            one.case.pk,
            team.role,
            one.owner.reason,
            one.owner.note,
            user=user,
            passed_over=passed_over,
            start=starts[one.case.pk],
        )


def _rule(matches: list[Match], handoffs: list[Handoff], at: datetime) -> None:
    """Keep with each case that went into hands what it started with."""
    handed = {handoff.case_id for handoff in handoffs}
    Ruling.objects.bulk_create(
        [
            Ruling(case=one.case, route=one.route, sla=one.route.sla, stakes=one.case.stakes, at=at)
            for one in matches
            if one.case.pk in handed
        ]
    )


# What policy asks of a case ------------------------------------------------------------------------


def _starts(matches: list[Match]) -> dict[UUID, Start]:
    policies = {one.route.sla_id: one.route.sla for one in matches}
    read = {pk: sla.read(policy.facts) for pk, policy in policies.items()}
    terms = {pk: _terms(policy, read[pk]) for pk, policy in policies.items()}
    Terms.objects.bulk_create(terms.values(), ignore_conflicts=True)
    return {
        one.case.pk: _start(one, terms[one.route.sla_id], read[one.route.sla_id]) for one in matches
    }


def _terms(policy: SlaPolicy, read: sla.Sla) -> Terms:
    return Terms(
        id=policy.pk,
        policy=policy.said,
        pauses=list(read.pauses),
        longest_pause=int(read.longest_pause.total_seconds()) if read.longest_pause else None,
        through_quiet_hours=list(read.through_quiet_hours),
        shows_question=read.shows_question,
        decide_in_chat=read.decide_in_chat,
        review=(facts := read.as_facts())["review"],
        reasons=facts["reasons"],
    )


def _start(matched: Match, terms: Terms, policy: sla.Sla) -> Start:
    stakes = routes.raised(matched.case.stakes, matched.route.stakes_floor)
    route, targets = matched.route, tuple(_targets(policy, stakes))
    return Start(terms, stakes, route.approvals, targets, route.moves_money)


def _targets(policy: sla.Sla, stakes: Stakes) -> Iterator[Wanted]:
    for target in (Target.FIRST_RESPONSE, Target.CLAIM, Target.DECISION):
        if promise := policy.target(stakes, target):
            yield Wanted(
                target, int(promise.within.total_seconds()), promise.working, policy.warnings
            )
