import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.timezone import now

from escalation import access, attachments, intake, keys, lifecycle, protocol, resume
from escalation.actors import OPERATOR
from escalation.demo import attached, cast, sequels, shelf, stops, story
from escalation.enums import Asked, Protocol, ResumptionResult
from escalation.models import Agent, Case, Decision, Role, User
from reviewers.memberships import join_role
from routing import policies
from routing.dispatch import dispatch
from routing.models import PolicyVersion
from routing.rota import BEFORE, Rota

BASE = Path(__file__).parents[2]
OVERNIGHT = timedelta(hours=14)  # how long somebody holds a case
Act = tuple[timedelta, Callable[[datetime], None]]  # how long ago, and what happened then
MANAGES = [  # what the manager does in the admin
    ("reviewers", "membership", ("view", "add", "change")),
    ("escalation", "role", ("view", "add", "change")),
    ("escalation", "user", ("view",)),
    ("routing", "policies", ("set",)),
]


class Command(BaseCommand):
    help = (
        "Fill a demo desk: four sign-ins, roles, an agent with a key, cases that wait and a week of "
        "decided ones. Loading it again adds nothing. Refuses outside demo mode (DEMO=true)."
    )

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This desk is not in demo mode (DEMO=true), so no demo is loaded: it would make an "
                "administrator whose password everybody knows."
            )
        at = now()
        with transaction.atomic():
            Demo(at).load()
        path = keep_key(Agent.objects.get(name=cast.AGENT), Path(settings.VAR), at=at)
        waiting = Case.objects.waiting().count()
        self.stdout.write(
            f"The demo is loaded: {waiting} cases wait, {Decision.objects.count()} are decided. "
            f"The key of {cast.AGENT} is in {path}."
        )


class Demo:
    """The story of ``escalation.demo``, played through the doors that everybody else uses."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.roles: dict[str, Role] = {}
        self.people: dict[str, User] = {}

    def load(self) -> None:
        for told in cast.ROLES:
            self.roles[told.slug] = self.role(told)
        self.roles["operations"] = Role.objects.get(slug="operations")  # of the default route
        for person in [*cast.SIGN_INS, *cast.COLLEAGUES]:
            self.people[person.username] = self.person(person)
        self.permit()
        self.policy()
        Rota(self.roles, self.people, self.at).load()
        self.agent, _ = Agent.objects.get_or_create(
            name=cast.AGENT, defaults={"type": cast.AGENT_TYPE}
        )
        for ago, act in sorted(self.acts(), key=lambda one: one[0], reverse=True):
            act(self.at - ago)

    # People

    def role(self, told: cast.RoleOf) -> Role:
        facts = {
            "name": told.name,
            "description": told.decides,
            "higher_role": self.roles.get(told.higher),
        }
        return Role.objects.get_or_create(slug=told.slug, defaults=facts)[0]

    def person(self, person: cast.Person) -> User:
        user = User.objects.filter(username=person.username).first()
        if user is None:
            user = User.objects.create_user(
                person.username,
                person.email,
                person.username if person in cast.SIGN_INS else None,
                first_name=person.first_name,
                last_name=person.last_name,
                time_zone=person.time_zone,
                has_demo_password=person in cast.SIGN_INS,
            )
        for slug in person.roles:
            join_role(self.roles[slug], user, by=OPERATOR, at=self.at - BEFORE)
        return user

    def permit(self) -> None:
        admin, manager = self.people["admin"], self.people["manager"]
        admin.is_staff = admin.is_superuser = manager.is_staff = True
        admin.save(update_fields=["is_staff", "is_superuser"])
        manager.save(update_fields=["is_staff"])
        manager.user_permissions.add(*manages())
        self.people["auditor"].user_permissions.add(
            Permission.objects.get(content_type__app_label="escalation", codename=access.AUDIT)
        )

    def policy(self) -> None:
        """Publish the demo's policy as people do: one drafts it, another looks at it and publishes."""
        if PolicyVersion.objects.in_force().number != 1:
            return
        manager, at = self.people["manager"], self.at - BEFORE
        draft = policies.draft(by=manager, at=at)
        text = (BASE / "demo_policy.yaml").read_text()
        draft = policies.replace_with(text, seen=policies.seen_as(draft), by=manager, at=at)
        why = "Deadlines for each kind of stakes; a courier waits two minutes, not until tomorrow."
        draft = policies.describe(why, seen=policies.seen_as(draft), by=manager, at=at)
        policies.publish(seen=policies.seen_as(draft), by=self.people["admin"], at=at)

    # What happened

    def acts(self) -> Iterator[Act]:
        """Yield what is still to happen: a case that is there already has had all its acts."""
        there = set(Case.objects.filter(agent=self.agent).values_list("idempotency_key", flat=True))
        for waiting in story.waiting():
            if waiting.name not in there:
                yield from self.wait(waiting)
        for past in story.PAST:
            if f"past-{past.seed}" not in there:
                yield from self.live_through(past)
        if f"past-{story.WITHDRAWN_SEED}" not in there:
            yield from self.take_back()

    def wait(self, waiting: story.Waiting) -> Iterator[Act]:
        yield (
            waiting.opened,
            lambda at: self.open(waiting.name, shelf.package(waiting.name, at=at), at),
        )
        for begun in story.BEGUN:
            if begun.name == waiting.name:
                yield begun.ago, partial(self.begin, begun)
        name, option, by, ago = story.PASSED_UP
        if waiting.name == name:
            yield ago, lambda at: self.decide(name, option, story.PASSED_UP_WHY, None, by, at)

    def live_through(self, past: story.Past) -> Iterator[Act]:
        key, decided = f"past-{past.seed}", past.opened - past.after
        yield past.opened, lambda at: self.open_stop(past.seed, at)
        yield (
            decided,
            lambda at: self.decide(key, past.option, past.rationale, past.filled, past.by, at),
        )
        if past.resumed:
            soon = story.WINDOW, story.WINDOW + timedelta(seconds=4)
            yield decided - soon[0], lambda at: resume.collect(self.case(key), by=self.agent, at=at)
            yield decided - soon[1], lambda at: self.go_on(key, at)
        if past.seed == story.OVERTURNED_SEED:
            yield story.OVERTURNED, lambda at: self.overturn(key, at)

    def take_back(self) -> Iterator[Act]:
        seed, opened = story.WITHDRAWN_SEED, story.WITHDRAWN_OPENED
        yield opened, lambda at: self.open_stop(seed, at)
        yield opened - story.WITHDRAWN_AFTER, lambda at: self.withdraw(f"past-{seed}", at)

    # Each through its own door

    def open_stop(self, seed: int, at: datetime) -> None:
        self.open(f"past-{seed}", shelf.shift(stops.stop(seed).package, at), at)

    def open(self, key: str, package: dict[str, Any], at: datetime) -> None:
        case = intake.open_case(package, key=key, by=self.agent, at=at).case
        for one in attached.of_package(key):
            given = {"must_read": one.must_read, "by": self.agent, "at": at}
            attachments.attach(case, one.file(), one.title, **given)
        dispatch([case.pk], at=at)

    def case(self, key: str) -> Case:
        return Case.objects.get(agent=self.agent, idempotency_key=key)

    def decide(
        self, key: str, option: str, why: str, filled: dict[str, Any] | None, by: str, at: datetime
    ) -> None:
        """Answer as the protocol of the case wants it, and let the answer go out."""
        case, person = self.case(key), self.people[by]
        given = {
            "filled": filled, "reasons": story.REASONS.get(option, ()), "rationale": why,
            "digest": case.digest, "by": person, "at": at,
        }  # fmt: skip
        self.read(case, person, at)
        if protocol.review_of(case).protocol == Protocol.COMMIT_FIRST:
            lifecycle.commit(case.pk, option, **given)
            self.read(case, person, at)
        lifecycle.decide(case.pk, option, confirmed_at=at, **given)
        lifecycle.release(case.pk, at=at + story.WINDOW)

    def begin(self, begun: story.Begun, at: datetime) -> None:
        """Do with a waiting case what a colleague has begun."""
        case, by = self.case(begun.name), self.people[begun.by]
        match begun.act:
            case "answer":
                self.decide(begun.name, begun.option, begun.words, None, begun.by, at)
            case "hold":
                lifecycle.hold(case.pk, begun.words, until=at + OVERNIGHT, by=by, at=at)
            case "ask":
                lifecycle.ask(case.pk, begun.words, of=Asked.REQUESTER, by=by, at=at)

    def overturn(self, key: str, at: datetime) -> None:
        case, person = self.case(key), self.people[story.OVERTURNED_BY]
        self.read(case, person, at)
        lifecycle.overturn(
            case.pk,
            story.OVERTURNED_TO,
            reasons=story.REASONS[story.OVERTURNED_TO],
            rationale=story.OVERTURNED_WHY,
            digest=case.digest,
            confirmed_at=at,
            by=person,
            at=at,
        )

    def read(self, case: Case, person: User, at: datetime) -> None:
        for step in protocol.unread(case, person):
            lifecycle.open_evidence(case.pk, step.position, by=person, at=at)

    def go_on(self, key: str, at: datetime) -> None:
        case = self.case(key)
        sequel = sequels.sequel(answer(case))
        lifecycle.mark_resumed(
            case.pk, ResumptionResult(sequel.result), detail=sequel.detail, by=self.agent, at=at
        )

    def withdraw(self, key: str, at: datetime) -> None:
        lifecycle.withdraw(self.case(key).pk, story.WITHDRAWN_WHY, by=self.agent, at=at)


def answer(case: Case) -> dict[str, Any]:
    """Return what the agent reads of a decision when it goes on."""
    decision = case.decisions.select_related("option").get()
    return {
        "option": decision.option.key if decision.option else None,
        "outcome": decision.outcome,
        "permitted": decision.permitted,
        "arguments": decision.arguments,
        "state": case.state,
    }


def manages() -> Iterator[Permission]:
    for app, model, verbs in MANAGES:
        names = [f"{verb}_{model}" for verb in verbs]
        yield from Permission.objects.filter(content_type__app_label=app, codename__in=names)


def keep_key(agent: Agent, folder: Path, *, at: datetime) -> Path:
    """Return the file with a key of ``agent`` that is valid; only its owner may read it.

    A key that no longer holds, because the data or the file is another, is replaced.
    """
    path = folder / f"{agent.name}.key"
    if path.exists():
        key = keys.key_called(path.read_text().strip(), at=at)
        if key and key.agent == agent:
            return path
    _, text = keys.issue_key(agent, by=OPERATOR, at=at)
    folder.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
    return path
