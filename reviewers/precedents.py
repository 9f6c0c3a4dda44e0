"""Past cases like this one, how they were answered, and what became of that.

What is weighed is bounded however many cases have ended: the last ones with the same action in each of
the reader's roles, those of the same user, and those in whose words the same identifiers stand
(full-text search). They are then put in order by how alike they are (pg_trgm on the question).
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalation.access import Reach
from escalation.enums import NO_ANSWER, Outcome, ResumptionResult
from escalation.models import Case, Decision, Resumption
from escalation.search import PHRASE

SHOWN = 5
WEIGHED = 100  # of each role, and as many of the user and of each search
COMPARED = 300  # characters of a question
IDENTIFIERS = 6  # of the question that are searched for
IDENTIFIER = re.compile(r"\b(?=[\w-]*\d)(?:[\w-]*[^\W\d_][\w-]*|\d{4,})\b")

ALIKE = """
WITH weighed AS (
    SELECT found.id FROM unnest(%(roles)s::uuid[]) AS roles (id) CROSS JOIN LATERAL (
        SELECT id FROM escalation_case
        WHERE role_id = roles.id AND tenant = %(tenant)s AND action = %(action)s
          AND action <> '' AND status = 'decided'
        ORDER BY ended_at DESC LIMIT %(weighed)s
    ) AS found
    UNION
    (SELECT id FROM escalation_case
     WHERE tenant = %(tenant)s AND user_id = %(user)s AND user_id <> '' AND status = 'decided'
     ORDER BY ended_at DESC LIMIT %(weighed)s)
    UNION
    (SELECT case_id FROM escalation_casetext WHERE words @@ ({identifiers}) LIMIT %(weighed)s)
)
SELECT past.id
FROM weighed JOIN escalation_case AS past USING (id)
CROSS JOIN LATERAL (
    SELECT similarity(left(past.question, %(compared)s), %(question)s) * 2
         + (past.action = %(action)s)::int
         + (past.user_id = %(user)s AND past.user_id <> '')::int * 0.75
         + (past.agent_id = %(agent)s)::int * 0.25
         + EXISTS (SELECT FROM escalation_firing
                   WHERE case_id = past.id AND name = ANY(%(triggers)s))::int * 0.5 AS likeness
) AS compared
WHERE past.status = 'decided' AND past.tenant = %(tenant)s AND past.id <> %(case)s
  AND past.role_id = ANY(%(roles)s::uuid[])
ORDER BY likeness DESC, past.ended_at DESC LIMIT %(shown)s
"""


@dataclass(frozen=True)
class Precedent:
    """A case that was decided, by whom, and what became of the decision."""

    case: Case
    first: Decision
    last: Decision  # that stands now
    resumption: Resumption | None

    @property
    def was_overturned(self) -> bool:
        return self.last != self.first

    @property
    def incidents(self) -> int:
        return len(self.case.incidents.all())

    @property
    def failed(self) -> bool:
        return bool(self.resumption) and self.resumption.result == ResumptionResult.FAILED

    @property
    def said(self) -> str:
        return answered(self.first.outcome)

    @property
    def became(self) -> str:
        """What the decision that replaced it said."""
        return answered(self.last.outcome)


def answered(outcome: str) -> str:
    """Return how a case was answered, as in "4 of 5 were refused"."""
    return {
        Outcome.APPROVE: _("approved"),
        Outcome.MODIFY: _("approved with changes"),
        Outcome.REJECT: _("refused"),
        NO_ANSWER: _("not answered in time"),
    }.get(outcome) or _("answered otherwise")


@dataclass(frozen=True)
class Precedents:
    found: list[Precedent]

    @property
    def sentence(self) -> str:
        """Return what they amount to, as in "4 of 5 were refused, 1 approved; 1 was overturned later."."""
        total = len(self.found)
        (most, count), *others = Counter(one.said for one in self.found).most_common()
        was = ngettext("%(count)d of %(total)d was", "%(count)d of %(total)d were", count)
        parts = [", ".join([f"{was % {'count': count, 'total': total}} {most}",
                            *(f"{number} {said}" for said, number in others)])]  # fmt: skip
        if overturned := sum(one.was_overturned for one in self.found):
            parts.append(ngettext("%d was overturned later", "%d were overturned later",
                                  overturned) % overturned)  # fmt: skip
        if incidents := sum(bool(one.incidents) for one in self.found):
            parts.append(ngettext("%d led to an incident", "%d led to incidents",
                                  incidents) % incidents)  # fmt: skip
        return "; ".join(parts) + "."


def of_case(case: Case, reach: Reach) -> Precedents:
    """Return the past cases most like this one, of its tenant, that lie within ``reach``."""
    if reach.tenants is not None and case.tenant not in reach.tenants:
        return Precedents([])
    identifiers = IDENTIFIER.findall(case.question[:COMPARED])[:IDENTIFIERS]
    names = [f"identifier_{n}" for n in range(len(identifiers))]
    searched = " || ".join(PHRASE.format(f"%({name})s") for name in names) or "''::tsquery"
    values: dict[str, Any] = {
        "roles": [role.pk for role in reach.roles],
        "tenant": case.tenant,
        "action": case.action,
        "user": case.user_id,
        "agent": case.agent_id,
        "question": case.question[:COMPARED],
        "triggers": list(case.firings.values_list("name", flat=True)),
        "case": case.pk,
        "weighed": WEIGHED,
        "compared": COMPARED,
        "shown": SHOWN,
        **dict(zip(names, identifiers, strict=True)),
    }
    with connection.cursor() as cursor:
        cursor.execute(ALIKE.format(identifiers=searched), values)
        ids = [row[0] for row in cursor.fetchall()]
    return Precedents(_read(ids))


def _read(ids: list[Any]) -> list[Precedent]:
    made = Decision.objects.select_related("option", "decided_by", "role", "resumption")
    cases = Case.objects.defer("state").select_related("agent")
    cases = cases.prefetch_related(Prefetch("decisions", made), "incidents")
    found = cases.in_bulk(ids)
    return [_precedent(found[pk]) for pk in ids if pk in found and found[pk].decisions.all()]


def _precedent(case: Case) -> Precedent:
    decisions = list(case.decisions.all())  # the first, then what replaced it
    last = decisions[-1]
    return Precedent(case, decisions[0], last, getattr(last, "resumption", None))
