"""What the desk of a chaos is furnished with from inside: roles, people, and a policy of short deadlines."""

import json
import sys
import time
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import Error, connection, transaction
from django.utils.timezone import now

from escalation import resume
from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers.enums import ContactKind
from reviewers.memberships import join_role
from reviewers.models import ContactPoint
from routing.enums import VersionStatus
from routing.models import PolicyVersion, Route, SlaPolicy
from routing.sla import read
from routing.sweep import sweep
from tests.factories import make_agent, make_key, make_layer, make_role, make_user
from tests.fixtures.scene import session_of

ENDINGS = ("deny", "hold", "deny", "do_nothing")  # one a policy, in turns
REVIEW = {  # windows in seconds, as the deadlines are; nobody is asked who they are again
    "high": {"protocol": "commit_first", "hold_window": 3, "because": "optional", "step_up": False},
    "critical": {
        "protocol": "two_blind",
        "hold_window": 5,
        "because": "optional",
        "step_up": False,
    },
}
WEEK = timedelta(weeks=1)


def furnish(withins: list[int], wait: int, notices_url: str) -> None:
    """Publish a policy for each length of time, and print what a caller needs to act on the desk.

    ``withins`` and ``wait`` are in seconds: until the decision is due, and after each step. The
    agents' cases find their policy by their tenant: ``chaos-<n>`` has the n-th length, and ``thin-<n>``
    as well, but a role whose other rungs are empty.
    """
    backup = make_role("chaos-backup")
    owner = make_role("chaos", backup_role=backup)
    thin = make_role("thin", backup_role=make_role("thin-backup"))
    people = {
        role.slug: _people(role, count) for role, count in ((owner, 4), (backup, 2), (thin, 1))
    }
    _on_call(owner, people["chaos"])
    _on_call(backup, people["chaos-backup"])
    _on_call(thin, people["thin"])
    for user in people["chaos"] + people["chaos-backup"]:
        ContactPoint.objects.create(user=user, kind=ContactKind.WEBHOOK, address=notices_url)
    _publish(withins, wait, owner, thin)
    agent = make_agent("chaos")
    found = {
        "key": make_key(agent),
        "secret": resume.secret_text(agent),
        "sessions": [session_of(user) for user in people["chaos"]],
    }
    json.dump(found, sys.stdout)


def _people(role: Role, count: int) -> list[User]:
    password = make_password(None)
    users = [User(username=f"{role.slug}-{n}", password=password) for n in range(1, count + 1)]
    for user in users:
        user.save(force_insert=True)
        join_role(role, user, by=OPERATOR, at=now() - WEEK)
    return users


def _on_call(role: Role, people: list[User]) -> None:
    """Put the first half on call, and the others second in line."""
    half = (len(people) + 1) // 2
    for position, group in enumerate((people[:half], people[half:]), 1):
        if group:
            first_on = (now() - WEEK).date()
            make_layer(role, group, at=now() - WEEK, position=position, first_on=first_on)


@transaction.atomic
def _publish(withins: list[int], wait: int, owner: Role, thin: Role) -> None:
    before = PolicyVersion.objects.in_force()
    drafter, publisher = make_user(), make_user()
    version = PolicyVersion.objects.create(
        drafted_by=drafter, drafted_at=now(), based_on=before, note="Deadlines of seconds."
    )
    position = 0
    for n, within in enumerate(withins):
        facts = read(_facts(n, within, wait)).as_facts()
        sla = SlaPolicy.objects.create(
            version=version, slug=facts["slug"], name=facts["name"], facts=facts
        )
        for role, tenant in ((owner, f"chaos-{n}"), (thin, f"thin-{n}")):
            position += 1
            Route.objects.create(
                version=version, position=position, name=tenant, role=role, sla=sla,
                condition={"all": [{"field": "tenant", "operator": "==", "value": tenant}]},
            )  # fmt: skip
    Route.objects.create(
        version=version,
        position=position + 1,
        name="The rest",
        role=owner,
        sla=sla,
        is_default=True,
    )
    version.number, version.published_at = (before.number or 0) + 1, now()
    version.status, version.published_by = VersionStatus.PUBLISHED, publisher
    version.save(update_fields=["number", "published_at", "published_by", "status"])


def _facts(n: int, within: int, wait: int) -> dict[str, Any]:
    promises = {"first_response": within // 3, "claim": within // 2, "decision": within}
    targets = {name: {"within": seconds, "time": "wall"} for name, seconds in promises.items()}
    rungs = ("remind", "secondary", "backup_role")
    return {
        "slug": f"chaos-{n}",
        "name": f"Chaos {n}",
        "targets": dict.fromkeys(("low", "medium", "high", "critical"), targets),
        "warnings": [50, 80],
        "pauses": [],
        "chain": {
            "starts_at": "decision",
            "time": "wall",
            "steps": [
                *({"do": rung, "wait": wait} for rung in rungs),
                {"do": ENDINGS[n % len(ENDINGS)]},
            ],
        },
        "through_quiet_hours": ["critical"],
        "review": REVIEW,
    }


def race(every: float = 0.05) -> None:
    """Sweep without asking who leads, for ever: a second clock that has taken itself for the first."""
    while True:
        try:
            sweep(at=now())
        except Error:
            connection.close()
        time.sleep(every)
