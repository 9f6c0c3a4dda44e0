import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils.timezone import now

from escalation import access, keys, ledger, protocol
from escalation.demo import cast, shelf, story
from escalation.enums import Protocol
from escalation.models import Agent, AgentKey, Case, Decision, Event, Resumption, Role, User

pytestmark = pytest.mark.django_db


def load(folder: Path) -> str:
    said = io.StringIO()
    with override_settings(DEMO=True, VAR=folder):
        call_command("load_demo", stdout=said)
    return said.getvalue()


@dataclass
class Loaded:
    """What one loading began with and said; the desk itself is in the database."""

    before: datetime
    folder: Path
    said: str


@contextmanager
def undone() -> Iterator[None]:
    """A transaction around the transactions of tests, rolled back after the last of them."""
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as those of Django's own tests
    with around:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="class")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """A desk that is loaded once: each test has it as it was loaded."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), undone():
        yield Loaded(now(), folder, load(folder))


def everything():
    kinds = (User, Role, Agent, AgentKey, Case, Decision, Resumption, Event)
    return {kind.__name__: kind.objects.count() for kind in kinds}


def test_load_demo_refuses_outside_demo_mode(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not in demo mode"):
        call_command("load_demo")

    assert User.objects.count() == 0


class TestLoaded:
    @pytest.fixture(autouse=True)
    def in_a_demo(self, settings):
        settings.DEMO = True

    def test_load_demo_fills_the_desk(self, demo):
        waiting = Case.objects.waiting()
        assert sorted(waiting.values_list("idempotency_key", flat=True)) == shelf.names()
        assert Decision.objects.count() == len(story.PAST) + 1  # one was overturned
        assert Resumption.objects.count() == len(story.PAST) - 1
        assert Case.objects.filter(status="withdrawn").count() == 1
        assert Case.objects.filter(status="open").count() == 0
        assert demo.said == (
            f"The demo is loaded: 19 cases wait, 14 are decided. "
            f"The key of demo-agent is in {demo.folder / 'demo-agent.key'}.\n"
        )
        opened = dict(Case.objects.values_list("idempotency_key", "created_at"))
        for told in story.waiting():
            late = opened[told.name] - (demo.before - told.opened)
            assert timedelta(0) <= late < timedelta(seconds=60)

    def test_loading_again_adds_nothing_and_leaves_what_a_visitor_has_done(self, demo):
        reviewer = User.objects.get(username="reviewer")
        reviewer.set_password("a better one")
        reviewer.save(update_fields=["password"])
        before = everything()

        load(demo.folder)

        assert everything() == before
        assert User.objects.get(username="reviewer").check_password("a better one")

    def test_the_four_sign_ins_may_do_what_their_names_say(self, demo):
        people = {
            name: User.objects.get(username=name)
            for name in ["reviewer", "manager", "auditor", "admin"]
        }
        assert [name for name, user in people.items() if not user.check_password(name)] == []
        decides = {
            name: set(access.roles_with(access.DECIDE, user).values_list("slug", flat=True))
            for name, user in people.items()
        }
        assert decides == {
            "reviewer": {*cast.DAILY, "operations"},
            "manager": {*cast.HIGHER, "communications", "customer-care"},
            "auditor": set(),
            "admin": set(),
        }
        assert [name for name, user in people.items() if access.rights(user).audits] == ["auditor"]
        assert [name for name, user in people.items() if user.is_superuser] == ["admin"]
        assert people["manager"].has_perm("reviewers.add_membership")

        for person in cast.COLLEAGUES:  # who decided before, and cannot sign in
            assert not User.objects.get(username=person.username).has_usable_password()

    def test_the_record_is_whole_and_in_the_order_of_the_story(self, demo):
        told = Event.objects.filter(subject__startswith="case:").order_by("id")
        instants = list(told.values_list("at", flat=True))
        assert instants == sorted(instants)
        assert (
            ledger.first_break(Event.objects.order_by("id").prefetch_related("disclosures")) is None
        )

    def test_several_colleagues_decided_each_with_a_reason_and_passed_one_up(self, demo):
        decisions = Decision.objects.select_related("decided_by")
        assert len({decision.decided_by.username for decision in decisions}) >= 4
        assert [decision for decision in decisions if len(decision.rationale) < 20] == []
        assert {decision.outcome for decision in decisions} == {"approve", "modify", "reject"}

        case = Case.objects.get(idempotency_key="sanctions-near-match")
        assert (case.status, case.role.slug, case.handoffs.count()) == ("awaiting", "treasury", 2)

    def test_there_is_a_case_for_each_kind_of_page(self, demo):
        found = {
            case.idempotency_key: case for case in Case.objects.select_related("terms", "agent")
        }
        maya, manager = (User.objects.get(username=name) for name in ("reviewer", "manager"))
        under = {protocol.review_of(case).protocol for case in found.values() if not case.is_ended}
        assert under == set(Protocol)
        answered = {
            name: case.answers.count() for name, case in found.items() if case.answers.exists()
        }
        assert {
            name: answered.get(name, 0) for name in ("public-statement", "wire-new-account")
        } == {
            "public-statement": 0,
            "wire-new-account": 1,
        }
        assert (found["drop-backups"].answers.count(), found["drop-backups"].status) == (
            2,
            "awaiting",
        )
        assert found["mass-mail"].status == "held"
        assert found["erasure-legal-hold"].status == "information_requested"
        assert protocol.unread(found["loan-at-the-edge"], maya) != []
        overturned = found[f"past-{story.OVERTURNED_SEED}"].decisions.order_by("decided_at")
        assert [each.outcome for each in overturned] == ["reject", "approve"]

        public = found[
            "public-statement"
        ].role  # two who can sign in may answer it, one after the other
        assert all(user.has_perm(access.DECIDE, public) for user in (maya, manager))

    def test_the_key_is_for_its_owner_only_and_kept_while_it_holds(self, demo, tmp_path):
        load(tmp_path)
        path = tmp_path / "demo-agent.key"
        first = path.read_text()
        load(tmp_path)

        assert path.read_text() == first
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert keys.key_called(first, at=now()).agent.name == "demo-agent"

    @pytest.mark.parametrize("left", ["rk_none_of_this_desk", ""])
    def test_a_key_that_does_not_hold_is_replaced(self, demo, tmp_path, left):
        (tmp_path / "demo-agent.key").write_text(left)

        load(tmp_path)

        assert keys.key_called((tmp_path / "demo-agent.key").read_text(), at=now())
