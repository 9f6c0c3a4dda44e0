"""The roster desk over HTTP: whose it is, what it shows, what it refuses, what it saves."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import absences, overrides, rosters, shifts
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.models import Absence, ContactPoint, Layer, Override, Profile, Roster, Turn
from tests.factories import make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
AsUser = Callable[[User], Client]


def make_manager(*roles: Role, **fields: Any) -> User:
    manager = make_user(is_staff=True, **fields)
    for role in roles:
        access.grant(access.MANAGE, manager, role)
    return manager


def make_layer(role: Role, *people: User, **fields: Any) -> Layer:
    """Return a published layer in which these people take weekly turns since last Monday."""
    today = now().date()
    given = {"name": "Weeks", "time_zone": "UTC", "first_on": today - timedelta(today.weekday())}
    layer = Layer.objects.create(
        roster=rosters.roster_of(role), **given | {"first_time": 0} | fields
    )
    for order, person in enumerate(people, 1):
        Turn.objects.create(layer=layer, order=order).members.add(person)
    rosters.publish(layer, by=OPERATOR, at=now())
    return layer


def typed(layer: Layer | None, *turns: list[User], **fields: Any) -> dict[str, Any]:
    """Return what a browser sends of the layer form."""
    given: dict[str, Any] = {
        "name": "Weeks",
        "position": 1,
        "priority": 1,
        "kind": "handoff",
        "time_zone": "UTC",
        "first_on": (layer.first_on if layer else now().date()).isoformat(),
        "first_time": "00:00",
        "every": 1,
        "unit": "weeks",
        "advance": "occurrence",
        "seen": layer.versions.count() if layer else 0,
        "turns-TOTAL_FORMS": len(turns),
        "turns-INITIAL_FORMS": 0,
        "windows-TOTAL_FORMS": 1,
        "windows-INITIAL_FORMS": 0,
    }
    for n, people in enumerate(turns):
        given |= {f"turns-{n}-order": n + 1, f"turns-{n}-people": [str(one.pk) for one in people]}
    return given | fields


def change_url(layer: Layer) -> str:
    return f"/admin/reviewers/layer/{layer.pk}/change/"


def roster_url(role: Role) -> str:
    return f"/admin/reviewers/roster/{rosters.roster_of(role).pk}/change/"


# Whose it is -------------------------------------------------------------------------------------


def test_a_manager_edits_the_rosters_of_their_roles_only(as_user: AsUser):
    mine, theirs = make_role(), make_role()
    kim = make_reviewer(mine, theirs)
    own, other = make_layer(mine, kim), make_layer(theirs, kim)
    client = as_user(make_manager(mine))

    paths = [
        ("/admin/reviewers/roster/{roster}/change/", 200),
        ("/admin/reviewers/roster/{roster}/history/", 200),
        ("/admin/reviewers/roster/{roster}/next-case/", 200),
        ("/admin/reviewers/layer/add/?roster={roster}", 200),
        ("/admin/reviewers/layer/{layer}/change/", 200),
        ("/admin/reviewers/layer/{layer}/history/", 200),
        ("/admin/reviewers/layer/{layer}/retire/", 200),
        ("/admin/reviewers/layer/preview/?roster={roster}&layer={layer}", 200),
        ("/admin/reviewers/override/add/?roster={roster}", 200),
        ("/admin/reviewers/absence/add/?roster={roster}", 200),
        ("/admin/escalation/role/{role}/change/", 200),
        ("/admin/escalation/role/{role}/history/", 200),
    ]
    found = {}
    for path, expected in paths:
        answers = [
            client.get(path.format(roster=layer.roster_id, layer=layer.pk, role=role.pk))
            for layer, role in ((own, mine), (other, theirs))
        ]
        found[path] = (answers[0].status_code, answers[1].status_code in (302, 404))
        assert expected == 200
    assert found == {path: (200, True) for path, _ in paths}
    for path in ("undo", "retire"):
        assert client.post(f"/admin/reviewers/layer/{other.pk}/{path}/").status_code == 404
    assert client.post(change_url(other), typed(other, [kim])).status_code == 404
    other.refresh_from_db()
    assert (other.versions.count(), other.retired_at) == (1, None)


@pytest.mark.parametrize("staff", [True, False])
def test_somebody_who_manages_nothing_has_no_roster_desk(as_user: AsUser, staff: bool):
    role = make_role()
    layer = make_layer(role, make_reviewer(role))
    client = as_user(make_user(is_staff=staff))

    for path in (roster_url(role), change_url(layer), "/admin/reviewers/absence/"):
        assert client.get(path).status_code in ((403, 404) if staff else (302, 403, 404)), path


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_rosters_costs_the_same_for_one_and_for_three(
    as_user: AsUser, count: int, django_assert_num_queries: Any
):
    roles = [make_role() for _ in range(count)]
    for role in roles:
        make_layer(role, make_reviewer(role))
    client = as_user(make_manager(*roles))

    with django_assert_num_queries(17):
        page = client.get("/admin/reviewers/roster/").content.decode()

    assert page.count('scope="row"') == count


LISTS = {
    "override": 21,
    "absence": 18,
    "membership": 20,
    "profile": 21,
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_for_one_row_and_for_three(
    as_user: AsUser, name: str, count: int, django_assert_num_queries: Any
):
    role, at = make_role(), now()
    client = as_user(make_manager(role))
    for _ in range(count):
        person = make_reviewer(role)
        Profile.objects.create(user=person)
        ContactPoint.objects.create(user=person, kind="webhook", address="https://h.example/")
        span = {"since": at + timedelta(days=1), "until": at + timedelta(days=2)}
        absences.note(person, **span, by=OPERATOR, at=at)
        overrides.make(
            rosters.roster_of(role), OverrideKind.ADD, stand_in=person, reason="More", **span,
            by=OPERATOR, at=at,
        )  # fmt: skip

    with django_assert_num_queries(LISTS[name]):
        page = client.get(f"/admin/reviewers/{name}/").content.decode()

    assert page.count('class="field-') >= count


# Layers ------------------------------------------------------------------------------------------


def test_a_new_layer_is_saved_with_its_turns_and_published(as_user: AsUser):
    role = make_role()
    kim, lena = make_reviewer(role), make_reviewer(role)
    roster = rosters.roster_of(role)
    window = {
        "windows-0-weekdays": [0, 1, 2, 3, 4, 5, 6],
        "windows-0-opens": "00:00",
        "windows-0-closes": "24:00",
    }

    answer = as_user(make_manager(role)).post(
        f"/admin/reviewers/layer/add/?roster={roster.pk}", typed(None, [kim], [lena], [], **window)
    )

    assert answer.status_code == 302
    layer = roster.layers.get()
    assert [[m.pk for m in turn.members.all()] for turn in layer.turns.all()] == [
        [kim.pk],
        [lena.pk],
    ]
    assert [str(one) for one in layer.windows.all()] == ["00:00-24:00"]
    assert [shift.user for shift in shifts.on_call(role, now())] == [kim]


def test_an_edit_is_published_and_what_another_saved_meanwhile_is_told(as_user: AsUser):
    role = make_role()
    kim, lena = make_reviewer(role), make_reviewer(role, first_name="Lena")
    layer = make_layer(role, kim)
    first, second = as_user(make_manager(role, first_name="Ana")), as_user(make_manager(role))
    opened = typed(layer, [lena])

    assert first.post(change_url(layer), opened | {"name": "Ana's"}).status_code == 302
    refused = second.post(change_url(layer), opened | {"name": "Mine"})
    page = refused.content.decode()

    assert refused.status_code == 422
    assert "Ana changed this layer while you had it open" in page
    assert 'value="Mine"' in page
    layer.refresh_from_db()
    assert layer.name == "Ana's"
    again = second.post(change_url(layer), opened | {"name": "Mine", "seen": 2})
    assert again.status_code == 302
    layer.refresh_from_db()
    assert layer.name == "Mine"


def refusals(role: Role, outsider: User, kim: User) -> dict[str, tuple[Any, dict[str, Any]]]:
    shifts = {"kind": "shifts", "unit": "days", "length": "9"}
    opens = {"windows-0-weekdays": [0], "windows-0-opens": "20:00", "windows-0-closes": "21:00"}
    return {
        "Nobody is in this rotation": ([], {}),
        "Only people of": ([outsider], {}),
        "is not a time zone": ([kim], {"time_zone": "Mars/Olympus"}),
        "at most 31 days": ([kim], {**shifts, "length": "745"}),
        "Say how long each shift lasts": ([kim], {**shifts, "length": ""}),
        "for turns of hours choose handoff": ([kim], {**shifts, "unit": "hours"}),
        "at most one day after the 27th": (
            [kim],
            {**shifts, "unit": "months", "month_days": "30, 31"},
        ),
        "It would end before it starts": (
            [kim],
            {"begins": "2026-12-01T09:00", "ends": "2026-12-01T08:00"},
        ),
        "does not exist: the clock is put forward": (
            [kim],
            {"time_zone": "Europe/London", "begins": "2027-03-28T01:30"},
        ),
        "occurs twice": ([kim], {"time_zone": "Europe/London", "begins": "2026-10-25T01:30"}),
        "The duty windows never meet its turns": ([kim], {**shifts, **opens}),
        "so its first turn never comes": (
            [kim],
            {"first_on": "2030-01-01", "ends": "2029-01-01T00:00"},
        ),
        "Choose a year from 2000 to 2100": ([kim], {"first_on": "0001-01-01"}),
        "Give a day and a time": ([kim], {"begins": "soon"}),
        "Choose the weekdays on which it opens": ([kim], {"windows-0-opens": "09:00"}),
    }


def test_bad_input_is_a_sentence_nothing_is_saved_and_what_was_typed_is_kept(as_user: AsUser):
    role = make_role()
    kim, outsider = make_reviewer(role), make_reviewer(make_role())
    roster = rosters.roster_of(role)
    client = as_user(make_manager(role))
    missing = {}

    for sentence, (people, fields) in refusals(role, outsider, kim).items():
        sent = typed(None, people, name="Typed by hand", **fields)
        answer = client.post(f"/admin/reviewers/layer/add/?roster={roster.pk}", sent)
        page = answer.content.decode()
        if answer.status_code != 422 or sentence not in page or "Typed by hand" not in page:
            missing[sentence] = answer.status_code

    assert missing == {}
    assert not Layer.objects.exists()


def test_history_says_what_changed_in_names_and_undo_brings_it_back(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    lena = make_reviewer(role, first_name="Lena")
    layer = make_layer(role, kim)
    client = as_user(make_manager(role, first_name="Ana"))
    client.post(change_url(layer), typed(layer, [lena], [kim]))

    page = client.get(f"/admin/reviewers/layer/{layer.pk}/history/").content.decode()
    assert "1 Kim" in page
    assert "1 Lena; 2 Kim" in page
    assert "Ana" in page

    client.post(f"/admin/reviewers/layer/{layer.pk}/undo/")
    assert [[m.first_name for m in turn.members.all()] for turn in layer.turns.all()] == [["Kim"]]
    assert layer.versions.count() == 3


def test_a_layer_is_retired_after_a_look_and_its_shifts_go(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim", last_name="Osei")
    layer = make_layer(role, kim)
    client = as_user(make_manager(role))

    look = client.get(f"/admin/reviewers/layer/{layer.pk}/retire/").content.decode()
    assert "Kim Osei loses" in look
    assert shifts.on_call(role, now())
    client.post(f"/admin/reviewers/layer/{layer.pk}/retire/")

    assert shifts.on_call(role, now()) == []


def test_the_preview_names_who_gains_and_loses_and_writes_nothing(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim", last_name="Osei")
    lena = make_reviewer(role, first_name="Lena", last_name="Moe")
    layer = make_layer(role, kim)
    url = f"/admin/reviewers/layer/preview/?roster={layer.roster_id}&layer={layer.pk}"

    page = as_user(make_manager(role)).post(url, typed(layer, [lena])).content.decode()

    assert "Kim Osei loses" in page
    assert "Lena Moe gets it" in page
    assert layer.versions.count() == 1
    assert [shift.user for shift in shifts.on_call(role, now())] == [kim]


# Standing in and being away ----------------------------------------------------------------------


def wall(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def test_an_override_is_looked_at_made_and_withdrawn(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    lena = make_reviewer(role, first_name="Lena")
    make_layer(role, kim)
    roster = rosters.roster_of(role)
    client = as_user(make_manager(role))
    since = now() + timedelta(days=1)
    sent = {
        "kind": "replace",
        "out": str(kim.pk),
        "stand_in": str(lena.pk),
        "since": wall(since),
        "until": wall(since + timedelta(hours=9)),
        "reason": "A wedding",
    }

    look = client.post(f"/admin/reviewers/override/preview/?roster={roster.pk}", sent)
    assert "Kim loses" in look.content.decode()
    assert not Override.objects.exists()
    answer = client.post(f"/admin/reviewers/override/add/?roster={roster.pk}", sent)
    assert answer.status_code == 302
    at = since + timedelta(hours=1)
    assert [shift.user for shift in shifts.on_call(role, at)] == [lena]

    again = client.post(f"/admin/reviewers/override/add/?roster={roster.pk}", sent)
    assert again.status_code == 422
    assert "already has an override then" in again.content.decode()
    assert "A wedding" in again.content.decode()
    made = Override.objects.get()
    client.post(f"/admin/reviewers/override/{made.pk}/withdraw/", {"roster": str(roster.pk)})
    assert [shift.user for shift in shifts.on_call(role, at)] == [kim]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"until": "2027-03-01T08:00"}, "It would end before it starts"),
        ({"since": "2027-03-28T01:30", "until": "2027-03-29T01:30"}, "does not exist"),
        ({"reason": ""}, "This field is required"),
        ({"stand_in": ""}, "Say who is on instead"),
        ({"stand_in": "outsider"}, "Only people of"),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_at_its_field(
    as_user: AsUser, changes: dict[str, str], sentence: str
):
    role = make_role()
    Role.objects.filter(pk=role.pk).update(time_zone="Europe/London")
    kim, lena, outsider = make_reviewer(role), make_reviewer(role), make_reviewer(make_role())
    roster = rosters.roster_of(role)
    sent = {
        "kind": "replace",
        "out": str(kim.pk),
        "stand_in": str(lena.pk),
        "since": "2027-03-01T09:00",
        "until": "2027-03-01T17:00",
        "reason": "A wedding",
    } | changes
    if sent["stand_in"] == "outsider":
        sent["stand_in"] = str(outsider.pk)

    answer = as_user(make_manager(role)).post(
        f"/admin/reviewers/override/add/?roster={roster.pk}", sent
    )

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Override.objects.exists()


def test_a_company_day_is_one_absence_of_several_people_or_of_none(as_user: AsUser):
    role = make_role()
    people = [make_reviewer(role) for _ in range(3)]
    roster = rosters.roster_of(role)
    client = as_user(make_manager(role))
    since = now() + timedelta(days=3)
    sent = {
        "people": [str(one.pk) for one in people],
        "since": wall(since),
        "until": wall(since + timedelta(days=1)),
        "kind": AbsenceKind.OTHER,
        "note": "Company day",
    }

    assert client.post(f"/admin/reviewers/absence/add/?roster={roster.pk}", sent).status_code == 302
    assert Absence.objects.count() == 3

    later = sent | {"since": wall(since + timedelta(hours=1))}
    refused = client.post(f"/admin/reviewers/absence/add/?roster={roster.pk}", later)
    assert refused.status_code == 422
    assert "is already away" in refused.content.decode()
    assert Absence.objects.count() == 3
    first = Absence.objects.first()
    assert first
    client.post(f"/admin/reviewers/absence/{first.pk}/withdraw/")
    assert Absence.objects.standing().count() == 2


# Who gets the next case --------------------------------------------------------------------------


def test_the_desk_says_who_gets_the_next_case_and_why_others_do_not(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    lena = make_reviewer(role, first_name="Lena", tenants=["nordic"])
    layer = make_layer(role, kim)
    Turn.objects.create(layer=layer, order=1).members.add(lena)
    layer.turns.all().delete()
    Turn.objects.create(layer=layer, order=1).members.add(kim, lena)
    rosters.publish(layer, by=OPERATOR, at=now())
    url = f"/admin/reviewers/roster/{layer.roster_id}/next-case/"
    client = as_user(make_manager(role))

    page = client.get(url, {"tenant": "alpine"}).content.decode()
    assert "Kim gets it" in page
    assert "Lena does not decide for alpine." in page

    far = client.get(url, {"at": wall(now() + timedelta(days=400))}).content.decode()
    assert "forecast" in far
    assert client.get(url, {"at": "2027-13-45"}).status_code == 422


# The role ----------------------------------------------------------------------------------------


def test_a_circle_of_backups_is_refused_with_its_path(as_user: AsUser):
    first, second = make_role("refunds"), make_role("finance")
    Role.objects.filter(pk=second.pk).update(backup_role=first)
    sent = {
        "name": "Refunds",
        "description": "",
        "time_zone": "UTC",
        "least_on_shift": 1,
        "backup_role": str(second.pk),
        "limits-TOTAL_FORMS": 0,
        "limits-INITIAL_FORMS": 0,
    }

    answer = as_user(make_manager(first, second)).post(
        f"/admin/escalation/role/{first.pk}/change/", sent
    )

    assert answer.status_code == 422
    assert "refunds → finance → refunds" in answer.content.decode()


def test_a_role_keeps_a_history_of_who_changed_what(as_user: AsUser):
    role, other = make_role(), make_role("finance")
    client = as_user(make_manager(role, other, first_name="Ana"))
    sent = {
        "name": role.name,
        "description": "",
        "time_zone": "Europe/Oslo",
        "least_on_shift": 2,
        "backup_role": str(other.pk),
        "limits-TOTAL_FORMS": 1,
        "limits-INITIAL_FORMS": 0,
        "limits-0-currency": "USD",
        "limits-0-amount": "500",
    }

    answer = client.post(f"/admin/escalation/role/{role.pk}/change/", sent)
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(f"/admin/escalation/role/{role.pk}/history/").content.decode()

    assert "Ana" in page
    assert "Europe/Oslo" in page
    assert "Finance" in page
    assert [str(limit) for limit in role.limits.all()] == ["$500.00"]


def test_only_who_runs_the_desk_says_who_manages_a_role(as_user: AsUser):
    role, ana = make_role(), make_user(first_name="Ana")
    sent = {
        "name": role.name,
        "description": "",
        "time_zone": "UTC",
        "least_on_shift": 1,
        "managers": [str(ana.pk)],
        "limits-TOTAL_FORMS": 0,
        "limits-INITIAL_FORMS": 0,
    }
    url = f"/admin/escalation/role/{role.pk}/change/"

    as_user(make_manager(role)).post(url, sent)
    assert ana not in access.managers(role)
    as_user(make_user(is_staff=True, is_superuser=True)).post(url, sent)
    assert access.managers(role) == [ana]


# People ------------------------------------------------------------------------------------------


def test_a_person_joins_with_dates_and_leaves_on_one(as_user: AsUser):
    role, kim = make_role(), make_user(first_name="Kim")
    client = as_user(make_manager(role))
    since, until = now() + timedelta(days=2), now() + timedelta(days=30)
    sent = {"role": str(role.pk), "user": str(kim.pk), "since": wall(since), "until": wall(until)}

    assert client.post("/admin/reviewers/membership/add/", sent).status_code == 302
    held = kim.memberships.get()
    assert (held.joined_at, held.left_at) == (
        since.replace(second=0, microsecond=0),
        until.replace(second=0, microsecond=0),
    )
    twice = client.post("/admin/reviewers/membership/add/", sent)
    assert (twice.status_code, "already holds" in twice.content.decode()) == (422, True)
    client.post(f"/admin/reviewers/membership/{held.pk}/leave/", {"on": ""})
    held.refresh_from_db()
    assert held.left_at is not None
    assert held.left_at <= held.joined_at


def brings(**changes: Any) -> dict[str, Any]:
    """Return what a browser sends of a reviewer's page."""
    return {
        "languages": "en, nb",
        "capacity": 4,
        "tenants": "nordic",
        "conflicts-TOTAL_FORMS": 1,
        "conflicts-INITIAL_FORMS": 0,
        "conflicts-0-tenant": "alpine",
        "conflicts-0-reason": "Was employed there",
    } | changes


def test_what_a_reviewer_brings_is_edited_by_their_manager(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    client = as_user(make_manager(role))
    assert "Kim" in client.get("/admin/reviewers/profile/").content.decode()
    url = f"/admin/reviewers/profile/{kim.pk}/change/"

    assert client.post(url, brings()).status_code == 302
    kim.refresh_from_db()
    assert kim.profile.capacity == 4
    assert [one.reason for one in kim.conflicts.all()] == ["Was employed there"]
    train = f"/admin/reviewers/profile/{kim.pk}/training/"
    client.post(train, {"name": "refunds"})
    trained = kim.competences.get()
    client.post(f"/admin/reviewers/profile/{kim.pk}/training/{trained.pk}/end/")
    trained.refresh_from_db()
    assert trained.expires_at is not None
    assert client.post(url, brings(**{"conflicts-0-tenant": ""})).status_code == 422


def test_tenants_are_limited_by_who_runs_the_desk_alone(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, tenants=["alpine"])
    Profile.objects.create(user=kim)
    url = f"/admin/reviewers/profile/{kim.pk}/change/"

    as_user(make_manager(role)).post(url, brings(tenants=""))
    kim.refresh_from_db()
    assert kim.tenants == ["alpine"]
    as_user(make_user(is_staff=True, is_superuser=True)).post(url, brings(tenants="nordic"))
    kim.refresh_from_db()
    assert kim.tenants == ["nordic"]


def test_nobody_says_of_themselves_what_they_are_trained_in_or_biased_to(as_user: AsUser):
    role = make_role()
    ana = make_reviewer(role, is_staff=True)
    access.grant(access.MANAGE, ana, role)
    Profile.objects.create(user=ana)
    client = as_user(ana)

    assert client.post(f"/admin/reviewers/profile/{ana.pk}/change/", brings()).status_code == 302
    refused = client.post(f"/admin/reviewers/profile/{ana.pk}/training/", {"name": "refunds"})
    assert refused.status_code == 403
    assert (ana.conflicts.count(), ana.competences.count()) == (0, 0)


def test_the_history_of_an_override_says_who_made_and_who_withdrew_it(as_user: AsUser):
    role = make_role()
    kim = make_reviewer(role, first_name="Kim")
    make_layer(role, kim)
    roster = rosters.roster_of(role)
    since = now() + timedelta(days=1)
    sent = {
        "kind": "remove",
        "out": str(kim.pk),
        "since": wall(since),
        "until": wall(since + timedelta(hours=9)),
        "reason": "A wedding",
    }
    ana, bo = make_manager(role, first_name="Ana"), make_manager(role, first_name="Bo")

    as_user(ana).post(f"/admin/reviewers/override/add/?roster={roster.pk}", sent)
    made = Override.objects.get()
    as_user(bo).post(f"/admin/reviewers/override/{made.pk}/withdraw/")
    page = as_user(ana).get(f"/admin/reviewers/override/{made.pk}/history/").content.decode()

    assert page.index("<b>Bo</b>") < page.index("<b>Ana</b>")


def test_a_retired_layer_can_be_read_and_not_edited(as_user: AsUser):
    role = make_role()
    layer = make_layer(role, make_reviewer(role))
    client = as_user(make_manager(role))
    client.post(f"/admin/reviewers/layer/{layer.pk}/retire/")

    assert client.get(change_url(layer)).status_code == 404
    assert client.post(f"/admin/reviewers/layer/{layer.pk}/undo/").status_code == 404
    assert client.get(f"/admin/reviewers/layer/{layer.pk}/history/").status_code == 200


def test_nothing_of_a_roster_can_be_deleted(as_user: AsUser):
    role = make_role()
    layer = make_layer(role, make_reviewer(role))
    admin = as_user(make_user(is_staff=True, is_superuser=True))

    assert admin.post(f"/admin/reviewers/layer/{layer.pk}/delete/").status_code == 403
    assert Roster.objects.filter(role=role).exists()


def test_every_list_with_actions_has_the_words_that_their_script_says(as_user: AsUser):
    """Without them the script of Django's actions fails on ``interpolate``."""
    boss = make_user(is_staff=True, is_superuser=True)
    browser = as_user(boss)
    index = browser.get("/admin/").content.decode()
    lists = set(re.findall(r'href="(/admin/[a-z]+/[a-z]+/)"', index))

    pages = {address: browser.get(address).content.decode() for address in lists}
    acted_on = {address for address, page in pages.items() if "action-select" in page}

    assert acted_on
    assert {address for address in acted_on if "/admin/jsi18n/" not in pages[address]} == set()
