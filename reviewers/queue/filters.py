"""What somebody asks the queue for beside a view: filters that stand in its address."""

from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from escalation import search
from escalation.models.cases import reference_number

FIRED = "EXISTS (SELECT FROM escalation_firing WHERE case_id = found.id AND type = %(trigger)s)"
AGENT = "found.agent_id = (SELECT id FROM escalation_agent WHERE name = %(agent)s)"
LANGUAGE = "split_part(lower(found.language), '-', 1) = %(language)s"
CONDITIONS = {
    "stakes": "found.stakes = ANY(%(stakes)s)",
    "trigger": FIRED,
    "tenant": "found.tenant = %(tenant)s",
    "agent": AGENT,
    "amount": "abs(found.amount) >= %(amount)s",  # in whatever currency
    "language": LANGUAGE,
}


@dataclass(frozen=True)
class Filters:
    """Each is empty where nothing was asked. ``language`` means its regions as well."""

    stakes: tuple[str, ...] = ()
    trigger: str = ""
    tenant: str = ""
    agent: str = ""
    amount: Decimal | None = None
    language: str = ""
    q: str = ""

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) not in ("", (), None) for one in fields(self))

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return them as SQL on ``found``, beginning with AND or empty, and the values in it."""
        given = {name: getattr(self, name) for name in CONDITIONS}
        wanted = {name: value for name, value in given.items() if value not in ("", (), None)}
        sql = "".join(f" AND {CONDITIONS[name]}" for name in wanted)
        values = {name: list(v) if isinstance(v, tuple) else v for name, v in wanted.items()}
        if "language" in values:
            values["language"] = self.language.casefold().split("-")[0]
        number = reference_number(self.q)
        if number is not None:
            return f"{sql} AND found.number = %(number)s", values | {"number": number}
        words = search.matching(self.q, "found.id")
        return f"{sql} {words.sql}", values | words.values


NO_FILTERS = Filters()
