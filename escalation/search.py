"""Finding cases by their words: full-text search in PostgreSQL, bounded however many cases there are.

The words of a case are those of its question, request, action and arguments, whom and which tenant
it is for, what fired, and its steps. Never what is withheld until a reviewer has answered: what the
agent recommends, its reasoning, and steps of kind conclusion or reasoning. Whoever could search for
it would be told it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from escalation.models import Case, CaseText
from escalation.protocol import WITHHELD_KINDS

LONGEST = 60_000  # characters of a case that are searched, those of its question first
MOST_PARTS = 12  # of what is searched for; more are left out
FEW = 5000  # up to so many cases are looked up one by one; beyond, a list is walked in its order
SHORTEST_PREFIX = 3  # a shorter ASCII word is only itself: too many begin with two letters

WRITE = """
INSERT INTO escalation_casetext (case_id, words)
SELECT found.id, to_tsvector('simple', escalation_words(left(concat_ws(' ',
        'ESC-' || found.number, found.question, found.tenant, found.user_id,
        sent.package #>> '{identity,user,name}', found.action, found.run,
        escalation_scalars(sent.package #> '{proposal,arguments}'),
        sent.package #>> '{request,content}', firings.said, steps.said), %(longest)s)))
FROM escalation_case AS found
JOIN escalation_package AS first ON first.case_id = found.id AND first.version = 1
CROSS JOIN LATERAL ( -- by its parts: made into jsonb as a whole, a large one takes three times as long
    SELECT jsonb_object_agg(key, value::jsonb)
        FILTER (WHERE key IN ('identity', 'proposal', 'request')) AS package
    FROM json_each(convert_from(first.body, 'UTF8')::json)
) AS sent
CROSS JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', name, detail), ' ' ORDER BY position) AS said
    FROM escalation_firing WHERE case_id = found.id
) AS firings
CROSS JOIN LATERAL (SELECT escalation_said(found.id, %(withheld)s, %(longest)s) AS said) AS steps
WHERE found.id = ANY(%(cases)s)
ON CONFLICT (case_id) DO UPDATE SET words = excluded.words
"""
PHRASE = "phraseto_tsquery('simple', escalation_words({}))"
PREFIX = "coalesce((nullif({}::text, '') || ':*')::tsquery, '')"


def write(case_ids: Iterable[UUID]) -> None:
    """Make these cases found by what their packages hold now, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            WRITE,
            {"cases": list(case_ids), "withheld": list(WITHHELD_KINDS), "longest": LONGEST},
        )


@dataclass(frozen=True)
class Part:
    """A word of what is searched for, or several in quotes, which then stand next to each other."""

    text: str
    begins: bool  # words that begin so are meant as well


def read(q: str) -> list[Part]:
    """Return what is searched for; ``"two words"`` stand together, ``refu*`` is how one begins."""
    found = []
    for quoted, word in re.findall(r'"([^"]*)"?|([^\s"]+)', q.replace("\x00", "")):
        text = quoted or word.rstrip("*")
        if text:
            long = len(text) >= SHORTEST_PREFIX or not text.isascii()
            found.append(Part(text, not quoted and (long or word.endswith("*"))))
    return found[:MOST_PARTS]


@dataclass(frozen=True)
class Matching:
    """A condition on the id of a case, and its values: that the case holds what is searched for."""

    sql: str  # begins with AND; empty where nothing is searched for
    values: dict[str, Any] = field(default_factory=dict)


def matching(q: str, column: str = "id") -> Matching:
    """Return the condition that ``column``, which holds cases' ids, is of cases that match ``q``.

    Costs one bounded look at the index. Where few cases match, they are named; where many do, each
    row of the list that the condition stands in is asked, which soon fills a page.
    """
    parts = read(q)
    if not parts:
        return Matching("AND false" if q.strip() else "")
    found = _few(parts)
    if found is not None:
        return Matching(f"AND {column} = ANY(%(found)s::uuid[])", {"found": found})
    names = [f"part_{n}" for n in range(len(parts))]
    asked = _asked(parts, [f"%({name})s" for name in names])
    texts = [part.text for part in parts]
    # a value, not EXISTS: that is planned as a join, which asks every case that there is
    each = f"SELECT words @@ ({asked}) FROM escalation_casetext WHERE case_id = {column}"
    return Matching(f"AND ({each})", dict(zip(names, texts, strict=True)))


def among(cases: QuerySet[Case], q: str) -> QuerySet[Case]:
    """Return those of ``cases`` that match ``q``; all of them where nothing is searched for."""
    parts = read(q)
    if not parts:
        return cases.none() if q.strip() else cases
    found = _few(parts)
    if found is not None:
        return cases.filter(pk__in=found)
    asked = _asked(parts, ["%s"] * len(parts))
    matches = RawSQL(f"words @@ ({asked})", [part.text for part in parts])
    texts = CaseText.objects.annotate(matches=matches).filter(case=OuterRef("pk"), matches=True)
    return cases.filter(Exists(texts))


def _few(parts: list[Part]) -> list[UUID] | None:
    """Return the cases that match, or None where there are more than FEW."""
    asked = _asked(parts, ["%s"] * len(parts))
    statement = f"SELECT case_id FROM escalation_casetext WHERE words @@ ({asked}) LIMIT {FEW + 1}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [part.text for part in parts])
        found = [row[0] for row in cursor.fetchall()]
    return found if len(found) <= FEW else None


def _asked(parts: list[Part], values: list[str]) -> str:
    """Return the search as SQL, with a placeholder for the text of each part."""
    phrases = [PHRASE.format(value) for value in values]
    return " && ".join(
        PREFIX.format(phrase) if part.begins else phrase
        for part, phrase in zip(parts, phrases, strict=True)
    )
