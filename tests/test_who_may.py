"""Every address of the desk, asked by every kind of person, and every call by every kind of key.

The answers stand in ``who_may.txt``, which is meant to be read. An address without a row there fails
and prints the row that it would be, to be judged before it is pasted.
"""

import hashlib
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils.timezone import now

from escalation import access, attachments, hats, incidents, opinions
from escalation.actors import OPERATOR
from escalation.api.urls import api
from escalation.enums import IncidentKind, Scope
from escalation.models import AgentKey, Role, User
from reviewers import absences, feeds, overrides, rosters, swaps, training
from reviewers.enums import NoticeKind, OverrideKind
from reviewers.models import ContactPoint, Notice, Profile, QuietHours
from reviewers.notices import inbox
from reviewers.notifications import links
from routing import policies
from tests.factories import (
    as_json,
    decide,
    handed_off_case,
    make_agent,
    make_calendar,
    make_key,
    make_layer,
    make_reviewer,
    make_role,
    make_user,
    package,
    step,
)

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "who_may.txt"
BACKEND = "django.contrib.auth.backends.ModelBackend"
SECTIONS = (
    "pages",
    "policies",
    "on-call",
    "account",
    "admin",
    "roster desk",
    "stand-ins",
    "people",
)
DESK = {
    "layer": "roster desk",
    "roster": "roster desk",
    "membership": "people",
    "profile": "people",
}
REFUSED = {"in", "staff", "401", "403", "404", "405"}
NOT_ASKED = "-"
# What a refused request may still write: sessions, and what the library keeps of them.
SESSIONS = {"django_session", "usersessions_usersession"}
OWN = {"escalation_shared"}  # counts attempts to sign in
USED = {"escalation_agentkey"}  # when a key was last used


# The table ---------------------------------------------------------------------------------------


@dataclass
class Table:
    """What ``who_may.txt`` says: by section and (method, address), the answer for each column."""

    columns: list[str] = field(default_factory=list)
    rows: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)


def read_table(title: str) -> Table:
    table, cells = Table(), []
    part = TABLE.read_text().partition(f"\n== {title} ==\n")[2].partition("\n== ")[0]
    for line in part.splitlines():
        words = line.partition("#")[0].split()
        if not words:
            continue
        if line[0] == " " and not table.columns:
            table.columns = words
        elif line[0] == " ":
            (address,) = words
            key = (cells[0], "" if address == "/" else address)
            assert key not in table.rows, f"{key} stands there twice"
            table.rows[key] = dict(zip(table.columns, cells[1:], strict=True))
        else:
            cells = words
    return table


def said(rows: dict[tuple[str, str], dict[str, str]]) -> str:
    """Return rows as they stand in the table, alike ones under one line."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for (method, address), cells in rows.items():
        alike.setdefault((method, *cells.values()), []).append(address or "/")
    return "\n".join(
        "\n".join([" ".join(f"{cell:<7}" for cell in cells).rstrip(), *(f"    {a}" for a in found)])
        for cells, found in sorted(alike.items())
    )


# Addresses ---------------------------------------------------------------------------------------


def addresses(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Yield every address of the project, as it is written in the URLconfs."""
    for found in (resolver or get_resolver()).url_patterns:
        address = prefix + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from addresses(found, address)
        else:
            yield address


def section(address: str) -> str:
    first = address.partition("/")[0]
    if first in ("account", "sign-in", "sign-out"):
        return "account"
    if address.startswith("admin/reviewers/"):
        return DESK.get(address.split("/")[2], "stand-ins")
    return first if first in ("admin", "on-call", "policies") else "pages"


def pages() -> list[str]:
    """Return all addresses but the agents' calls, which have a table of their own."""
    of_agents = {
        "api/v1/" + path.lstrip("/").replace("{", "<").replace("}", ">") for _, path in calls()
    }
    return sorted(set(addresses()) - of_agents)


def calls() -> Iterator[tuple[str, str]]:
    document = api.get_openapi_schema(path_prefix="")
    for path, methods in document["paths"].items():
        for method in methods:
            yield method.upper(), path


# The desk ----------------------------------------------------------------------------------------


class World:
    """A role with its people, a case that waits for it, and one of everything else of its own."""

    def __init__(self) -> None:
        self.at = now()
        self.role, self.other = make_role("refunds"), make_role("wires")
        self.agent = make_agent("refunder")
        self.people = self.make_people()
        self.case = handed_off_case(self.role, by=self.agent, at=self.at)
        note = ContentFile(b"a,b\n1,2\n", "note.csv")
        attachments.attach(self.case, note, "The note", by=self.agent, at=self.at)
        self.case.refresh_from_db()
        self.decided = handed_off_case(self.role, by=self.agent, at=self.at)
        decide(self.decided, by=self.people["reviewer"], at=self.at)
        self.objects = self.make_objects()

    def make_people(self) -> dict[str, User | None]:
        def person(name: str, *rights: tuple[str, Role], **fields: Any) -> User:
            user = make_user(name, **fields)
            for right, role in rights:
                access.grant(right, user, role)
            return user

        desk = Permission.objects.get(codename=access.AUDIT)
        found: dict[str, User | None] = {
            "nobody": None,
            "stranger": person("stranger"),
            "reviewer": make_reviewer(self.role, username="reviewer"),
            "other": make_reviewer(self.other, username="other"),
            "tenant": make_reviewer(self.role, username="tenant", tenants=["elsewhere"]),
            "superv": person("superv", (access.SUPERVISE, self.role)),
            "manager": person("manager", (access.MANAGE, self.role), is_staff=True),
            "manag2": person("manag2", (access.MANAGE, self.other), is_staff=True),
            "auditor": person("auditor"),
            "audit1": person("audit1", (access.AUDIT_ROLE, self.role)),
            "audit2": person("audit2", (access.AUDIT_ROLE, self.other)),
            "as-rev": make_reviewer(self.role, username="both"),
            "admin": person("admin", is_staff=True, is_superuser=True),
            "leaver": make_reviewer(self.role, username="leaver"),
        }
        sets = Permission.objects.get(codename="set_policies")
        found["setter"] = person("setter")
        found["setter"].user_permissions.add(sets)  # type: ignore[union-attr]
        for name in ("auditor", "as-rev"):
            found[name].user_permissions.add(desk)  # type: ignore[union-attr]
        found["as-aud"] = found["as-rev"]
        return found

    def make_objects(self) -> dict[str, Any]:
        """Return one of everything that an address can name, all of the role or its reviewer."""
        at, role = self.at, self.role
        reviewer, both = self.people["reviewer"], self.people["as-rev"]
        assert reviewer and both
        layer = make_layer(role, reviewer, both, at=at, first_on=at.date(), first_time=0)
        roster = rosters.roster_of(role)
        soon = span(at + timedelta(days=3))
        shift = role.shifts.filter(user=reviewer, during__startswith__gt=at).first()
        asked = {"since": shift.since, "until": shift.until}
        competence = training.certify(
            reviewer, "refunds", since=at, expires_at=None, by=OPERATOR, at=at
        )
        inbox.tell(reviewer, NoticeKind.CASE, about="a", text="A case.", at=at)
        key, _ = AgentKey.objects.get_or_create(
            agent=self.agent, prefix="rk_who", digest=b"x" * 32, created_at=at
        )
        calendar = make_calendar(name="Hours")
        Role.objects.filter(pk=role.pk).update(calendar=calendar)
        Profile.objects.get_or_create(user=reviewer)
        contact = ContactPoint.objects.create(user=reviewer, kind="email", address="r@desk.example")
        quiet = QuietHours.objects.create(user=reviewer, weekdays=[0], begins=0, ends=60)
        draft = policies.draft(by=self.people["admin"], at=at)
        when = {"field": "tenant", "operator": "==", "value": "acme"}
        route = {"name": "Acme", "when": when, "role": None, "sla": "standard"}
        draft = policies.add_route(
            route, seen=policies.seen_as(draft), by=self.people["admin"], at=at
        )
        return {
            "draft": policies.seen_as(draft),
            "case": self.case.reference,
            "sha256": hashlib.sha256(b"a,b\n1,2\n").hexdigest(),
            "decided": self.decided.reference,
            "agent": self.agent.name,
            "key": key.pk,
            "asked": opinions.ask(self.case.pk, reviewer, "", by=both, at=at).pk,
            "incident": incidents.report(
                self.case.pk, IncidentKind.OTHER, "It.", by=reviewer, at=at
            ).pk,
            "role": role.slug,
            "reviewers/override": overrides.make(
                roster, OverrideKind.ADD, stand_in=both, reason="Busy.", by=OPERATOR, at=at, **soon
            ).pk,
            "reviewers/absence": absences.note(
                reviewer, by=OPERATOR, at=at, **span(at + timedelta(days=90))
            ).pk,
            "swap": swaps.ask(roster, colleague=both, by=reviewer, at=at, **asked).pk,
            "notice": Notice.objects.get(user=reviewer, about="a").pk,
            "link": links.once(Notice.objects.get(user=reviewer, about="a"), at=at).split("/", 3)[
                3
            ][:-1],
            "secret": feeds.make_feed(reviewer, None, by=reviewer, at=at),
            "feed": reviewer.feeds.get().pk,
            "contact": contact.pk,
            "quiet": quiet.pk,
            "competence": competence.pk,
            "type": ContentType.objects.get_for_model(Role).pk,
            "escalation/calendar": calendar.pk,
            "auth/group": Group.objects.create(name="Group").pk,
            "escalation/user": reviewer.pk,
            "escalation/role": role.pk,
            "reviewers/layer": layer.pk,
            "reviewers/roster": roster.pk,
            "reviewers/membership": reviewer.memberships.get().pk,
            "reviewers/profile": reviewer.pk,
        }

    def path(self, address: str) -> str:
        """Return an address with what is in this world in its places."""
        for pattern, place in PLACES:
            address = re.sub(pattern, place.format_map(self.objects), address)
        address = ROW.sub(lambda found: f"{found[1]}/{self.objects[found[1]]}", address)
        assert "<" not in address and "(" not in address, f"{address} has a place unknown here"
        return "/" + address

    def body(self, address: str) -> dict[str, str]:
        """Return a form that is filled in right, where that is what tells who may."""
        if address == "account/acting-as/":
            return {"acting_as": access.AUDITOR}
        if address == "cases/<str:name>/decision/":
            return {"option": "approve", "digest": self.case.digest, "step": "sign"}
        if address == "cases/<str:name>/opinion/":
            return {"opinion-to": str(self.people["leaver"].pk)}  # type: ignore[union-attr]
        if address in TURNS:
            return TURNS[address]
        if address == "policies/draft/publication/":
            return {"seen": self.objects["draft"]}
        return {}

    def browser(self, kind: str) -> Client:
        client, user = Client(raise_request_exception=False), self.people[kind]
        if user is None:
            return client
        client.force_login(user, backend=BACKEND)
        if kind == "as-aud":
            session = client.session
            session[hats.KEY] = access.AUDITOR
            session.save()
        if kind == "leaver":
            User.objects.filter(pk=user.pk).update(is_active=False)
        return client


def span(since: datetime) -> dict[str, datetime]:
    return {"since": since, "until": since + timedelta(hours=1)}


ROW = re.compile(r"(\w+/\w+)/<(?:path:object_id|uuid:pk)>")  # of the admin
TURNS = {  # what else is done with a case, filled in right
    "cases/<str:name>/hand-over/": {"over-to": "next", "over-note": "Yours now."},
    "cases/<str:name>/hold/": {"hold-reason": "The bank is closed."},
    "cases/<str:name>/question/": {"ask-text": "Which address?"},
    "cases/<str:name>/comments/": {"comment-text": "Which address?"},
    "cases/<str:name>/incident/": {"incident-kind": "harm", "incident-text": "It paid twice."},
    "cases/<str:name>/stop/": {"stop-reason": "It pays twice.", "stop-sure": "on"},
    "cases/<str:name>/pass-up/": {"up-note": "Beyond me."},
    "cases/<str:name>/opinions/<uuid:asked>/": {"given-text": "Refund it."},
    "incidents/<uuid:incident>/closing/": {"close-conclusion": "Nothing."},
    "agents/<slug:name>/stop/": {"because": "A drill."},
    "agents/<slug:name>/start/": {"because": "Over."},
}
PLACES = [
    (r"pages/<int:number>", "pages/1"),
    (r"<slug:sha256>", "{sha256}"),
    (r"^audit/<str:name>", "audit/{decided}"),
    (r"^(|policies/)cases/<str:name>", r"\1cases/{case}"),
    (r"^queue/news/$", "queue/news/?since=2026-01-01T00:00:00Z"),
    (r"^queue/acts/<slug:act>", "queue/acts/move"),
    (r"^queue/views/<uuid:view_id>", "queue/views/01a1ff82-f580-7794-bbf4-dd2fa096bb11"),
    (r"raw/<slug:part>", "raw/arguments"),
    (r"steps/<int:position>/open", "steps/1/open"),
    (r"steps/<int:position>/<slug:part>", "steps/1/output"),
    (r"^agents/<slug:name>", "agents/{agent}"),
    (r"<uuid:key_id>", "{key}"),
    (r"<uuid:asked>", "{asked}"),
    (r"<uuid:incident>", "{incident}"),
    (r"^docs/<path:name>", "docs/record"),
    (r"^set-up/<str:token>", "set-up/nonsense"),
    (r"^on-call/<slug:slug>", "on-call/{role}"),
    (r"<uuid:swap>/<slug:act>", "{swap}/accept"),
    (r"<str:secret>", "{secret}"),
    (r"<uuid:override>", "{reviewers/override}"),
    (r"<uuid:absence>", "{reviewers/absence}"),
    (r"<uuid:notice>", "{notice}"),
    (r"^notices/open/<str:token>", "{link}"),
    (r"<uuid:feed_id>", "{feed}"),
    (r"<uuid:contact_id>", "{contact}"),
    (r"<uuid:quiet_id>", "{quiet}"),
    (r"confirm/<str:token>", "confirm/nonsense"),
    (r"<slug:way>", "up"),
    (r"link/<str:name>/<str:token>", "link/reviewer/nonsense"),
    (r"routes/<int:position>/<slug:act>", "routes/1/remove"),
    (r"routes/<int:position>/", "routes/1/"),
    (r"sla/<slug:slug>/", "sla/standard/"),
    (r"<int:number>", "1"),
    (r"(layer|override|absence)/(add|preview)/$", r"\1/\2/?roster={reviewers/roster}"),
    (r"user/<id>", "user/{escalation/user}"),
    (r"<uuid:competence>", "{competence}"),
    (r"<path:content_type_id>/<path:object_id>", "{type}/{escalation/role}"),
    (r"\^\(\?P<app_label>[^)]*\)/\$", "reviewers/"),
    (r"\(\?P<url>\.\*\)\$", "nothing/"),
]


@pytest.fixture
def world() -> World:
    return World()


# Asking ------------------------------------------------------------------------------------------


class Undo(Exception):
    """Ends a savepoint: what one request did is gone before the next."""


def written() -> dict[str, int]:
    """Return how many rows this transaction has written, table by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
        )
        return dict(cursor.fetchall())


def ask(client: Client, method: str, path: str, body: dict[str, str]) -> str:
    """Return the answer in a word, and leave nothing of the request behind."""
    cookies, answer = copy(client.cookies), ""
    before = written() if method == "POST" else {}
    try:
        with transaction.atomic():
            response = client.post(path, body) if method == "POST" else client.get(path)
            answer = str(response.status_code)
            if response.streaming:
                response.getvalue()  # and so closed
            if response.status_code == 302 and "/sign-in/?next=" in response["Location"]:
                answer = "in"
            elif response.status_code == 302 and "/admin/login/" in response["Location"]:
                answer = "staff"
            if answer in REFUSED and method == "POST":
                after = {name for name, rows in written().items() if rows > before.get(name, 0)}
                assert after <= SESSIONS | OWN, f"{method} {path} was refused and wrote {after}"
            raise Undo
    except Undo:
        client.cookies = cookies
    return answer


BOTH = ("GET", "POST")
ASKED = [  # the longest table in two goes, so that two processes share it
    pytest.param(title, methods, id=f"{title} {' '.join(methods)}")
    for title in SECTIONS
    for methods in ([("GET",), ("POST",)] if title == "pages" else [BOTH])
]


@pytest.mark.parametrize(("title", "methods"), ASKED)
def test_every_address_answers_every_kind_of_person_as_the_table_says(title, methods, world):
    table = read_table(title)
    wanted = [address for address in pages() if section(address) == title]
    rows = {(method, address): {} for address in wanted for method in methods}
    for kind in table.columns:
        client = world.browser(kind)
        for (method, address), cells in rows.items():
            if table.rows.get((method, address), {}).get(kind) == NOT_ASKED:
                cells[kind] = NOT_ASKED
            else:
                cells[kind] = ask(client, method, world.path(address), world.body(address))

    missing = {row: cells for row, cells in rows.items() if row not in table.rows}
    other = {row: cells for row, cells in rows.items() if table.rows.get(row, cells) != cells}
    gone = sorted(row for row in set(table.rows) - set(rows) if row[0] in methods)

    assert not missing, f"without a row in {TABLE.name}; it would be\n{said(missing)}"
    assert not other, f"answered otherwise than {TABLE.name} says\n{said(other)}"
    assert not gone, f"rows of addresses that there are not: {gone}"


# The agents' calls -------------------------------------------------------------------------------

KEYS = ("none", "person", "own", "another", "scopeless", "revoked")
CALLS = {  # what is sent with each: right for the agent whose case it is
    "/cases/{case}/steps": {"steps": [step("s9")]},
    "/cases/{case}/answers": {"text": "The old one."},
    "/cases/{case}/withdrawal": {"reason": "Sorted."},
    "/cases/{case}/resumption": {"result": "succeeded"},
}


def test_every_call_answers_every_kind_of_key_as_the_table_says(world):
    """No key decides anything: no call there is comes to a decision, whatever it carries."""
    table = read_table("calls")
    rows: dict[tuple[str, str], dict[str, str]] = {call: {} for call in calls()}
    keys = {
        "own": make_key(world.agent),
        "another": make_key(make_agent()),
        "scopeless": make_key(world.agent, Scope.EVALUATE),
        "revoked": make_key(world.agent),
    }
    revoked = AgentKey.objects.get(prefix=keys["revoked"][: len(AgentKey.objects.last().prefix)])
    AgentKey.objects.filter(pk=revoked.pk).update(revoked_at=world.at)
    for kind in KEYS:
        client = world.browser("reviewer" if kind == "person" else "nobody")
        if kind in keys:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {keys[kind]}"
        for (method, address), cells in rows.items():
            cells[kind] = call(client, method, address, world)

    assert table.columns == list(KEYS)
    missing = {row: cells for row, cells in rows.items() if row not in table.rows}
    other = {row: cells for row, cells in rows.items() if table.rows.get(row, cells) != cells}
    assert not missing, f"without a row in {TABLE.name}; it would be\n{said(missing)}"
    assert not other, f"answered otherwise than {TABLE.name} says\n{said(other)}"
    assert sorted(table.rows) == sorted(rows), "rows of calls that there are not"


def call(client: Client, method: str, address: str, world: World) -> str:
    case = world.decided if address.endswith(("resumption", "decision")) else world.case
    path = f"/api/v1{address.format(case=case.reference)}"
    before, answer = written(), ""
    try:
        with transaction.atomic():
            if address.endswith("attachments"):
                form = {"file": ContentFile(b"Signed.", "note.txt"), "title": "The note"}
                response = client.post(path, form)
            else:
                response = client.generic(
                    method, path, as_json(CALLS.get(address, package())), "application/json",
                    HTTP_IDEMPOTENCY_KEY="who-may",
                )  # fmt: skip
            answer = str(response.status_code)
            if answer in REFUSED:
                after = {name for name, rows in written().items() if rows > before.get(name, 0)}
                assert after <= USED, f"{method} {path} was refused and wrote {after}"
            raise Undo
    except Undo:
        return answer
