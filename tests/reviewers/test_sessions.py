"""Where a person is signed in: listed, ended at once, and ended for who leaves."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import now

from escalation import people, sessions
from escalation.actors import OPERATOR
from escalation.models import Event, User
from reviewers import leavers
from reviewers.memberships import join_role
from reviewers.views.account_sessions import browser
from tests.factories import (
    handed_off_case,
    make_reviewer,
    make_role,
    make_user,
)
from tests.fixtures.scene import session_of

pytestmark = pytest.mark.django_db
PASSWORD = "a right password"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/129.0 Mobile Safari/537.36"


@pytest.fixture
def lena():
    return make_user("lena", password=PASSWORD)


def signed_in(agent=FIREFOX):
    client = Client(headers={"User-Agent": agent})
    answer = client.post("/sign-in/", {"username": "lena", "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client):
    return client.get("/queue/").status_code == 200


def from_store(user):
    client = Client()
    client.cookies["sessionid"] = session_of(user)
    return client


def listed(client):
    page = client.get("/account/").content.decode().partition('id="sessions"')[2]
    return re.findall(r"<li><div><b>([^<]+)</b>( <span class=\"tag done\">this browser)?", page)


def test_each_browser_is_listed_and_this_one_is_first_and_named(lena):
    first, second = signed_in(FIREFOX), signed_in(PHONE)

    assert [name for name, here in listed(first)] == ["Firefox on Windows", "Chrome on Android"]
    assert [bool(here) for name, here in listed(second)] == [True, False]
    assert "127.0.0.1" in first.get("/account/").content.decode()


def test_one_session_is_ended_and_the_others_go_on(lena):
    here, there, third = signed_in(), signed_in(PHONE), signed_in()
    number = UserSession.objects.get(session_key=there.session.session_key).pk

    here.post(f"/account/sessions/{number}/end/")

    assert [is_in(client) for client in (here, there, third)] == [True, False, True]
    assert len(listed(here)) == 2
    ended = Event.objects.get(action="user.sessions_ended")
    assert (ended.actor, ended.subject) == (f"user:{lena.pk}", f"user:{lena.pk}")


def test_all_other_sessions_are_ended_also_those_that_are_not_listed(lena):
    here, there, hidden = signed_in(), signed_in(), from_store(lena)
    assert is_in(hidden)

    here.post("/account/sessions/end/")

    assert [is_in(client) for client in (here, there, hidden)] == [True, False, False]
    assert Session.objects.count() == 1


def test_nobody_ends_anothers_session(lena, as_user):
    here = signed_in()
    number = UserSession.objects.get().pk

    assert as_user(make_user()).post(f"/account/sessions/{number}/end/").status_code == 404
    assert is_in(here)


def test_a_get_ends_nothing(lena):
    here, there = signed_in(), signed_in()

    assert here.get("/account/sessions/end/").status_code == 405
    assert is_in(there)


def test_a_session_that_ran_out_is_not_listed_and_is_forgotten(lena):
    gone = signed_in()
    Session.objects.filter(pk=gone.session.session_key).update(expire_date=now())
    here = signed_in(PHONE)

    assert [name for name, _ in listed(here)] == ["Chrome on Android"]
    assert Session.objects.count() == 1


def test_a_new_password_ends_the_others_in_the_store_and_keeps_this_one_on_the_list(lena):
    here, there = signed_in(), signed_in(PHONE)
    new = "a long and new password"

    here.post(
        "/account/password/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    )

    assert [is_in(here), is_in(there)] == [True, False]
    assert Session.objects.count() == 1
    assert [(name, bool(at)) for name, at in listed(here)] == [("Firefox on Windows", True)]
    assert Event.objects.filter(action="user.password_changed").count() == 1


def test_guessing_at_the_old_password_is_slowed(lena):
    here = signed_in()
    sent = {"old_password": "x", "new_password1": "y", "new_password2": "y"}

    codes = [here.post("/account/password/", sent).status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]


def test_a_session_stays_on_the_list_when_its_person_puts_on_another_hat(lena):
    here = signed_in()
    join_role(make_role(), lena, by=OPERATOR, at=now())
    people.make_auditor(lena, by=OPERATOR, at=now())

    here.post("/account/acting-as/", {"acting_as": "auditor"})

    assert here.session["acting_as"] == "auditor"
    assert [(name, bool(at)) for name, at in listed(here)] == [("Firefox on Windows", True)]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Chrome on Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Version/17.0 Safari/605.1.15",
            "Safari on a Mac",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17 like Mac OS X) CriOS/129",
            "Chrome on iPhone or iPad",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/129.0 Safari/537.36 Edg/129.0", "Edge on Windows"),
        ("curl/8.5", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_named_in_words(agent, said):
    assert browser(agent) == said


def test_what_a_browser_says_of_itself_is_never_markup(lena):
    here = signed_in("<script>alert(1)</script>")

    assert "<script>alert" not in here.get("/account/").content.decode()


# Leavers ---------------------------------------------------------------------------------------------


@pytest.fixture
def admin(as_user):
    return as_user(make_user("admin", is_staff=True, is_superuser=True))


def change(admin, user, **fields):
    """Post the admin's form of a person as a browser would."""
    page = admin.get(f"/admin/escalation/user/{user.pk}/change/")
    form = page.context["adminform"].form
    sent = {name: form[name].value() or "" for name in form.fields if name != "password"}
    when = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
    sent = {name: value for name, value in sent.items() if value not in ("", False, [])}
    sent.pop("date_joined", None)
    sent.pop("last_login", None)
    sent |= when | fields
    sent = {name: value for name, value in sent.items() if value is not None}
    answer = admin.post(f"/admin/escalation/user/{user.pk}/change/", sent)
    assert answer.status_code == 302, answer.context["adminform"].form.errors


def act(admin, action, *users):
    sent = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    return admin.post("/admin/escalation/user/", sent, follow=True).content.decode()


@pytest.mark.parametrize("how", ["form", "action"])
def test_who_leaves_is_out_at_once_everywhere(how, lena, admin):
    here, hidden = signed_in(), from_store(lena)

    if how == "form":
        change(admin, lena, is_active=None)
    else:
        act(admin, "close", lena)

    assert [is_in(here), is_in(hidden)] == [False, False]
    assert str(lena.pk) not in [
        session.get_decoded().get("_auth_user_id") for session in Session.objects.all()
    ]
    assert not User.objects.get(pk=lena.pk).is_active
    assert [
        (event.action, event.actor)
        for event in Event.objects.filter(subject=f"user:{lena.pk}").order_by("id")
        if event.action.startswith("user.d")
    ] == [("user.deactivated", f"user:{User.objects.get(username='admin').pk}")]


def test_who_left_is_refused_although_a_session_survived(lena):
    hidden = from_store(lena)
    User.objects.filter(pk=lena.pk).update(is_active=False)

    assert not is_in(hidden)


def test_no_session_comes_back_with_who_comes_back(lena, admin):
    hidden = from_store(lena)
    User.objects.filter(pk=lena.pk).update(is_active=False)

    act(admin, "open_again", lena)

    assert not is_in(hidden)
    assert User.objects.get(pk=lena.pk).is_active
    assert Event.objects.filter(action="user.reactivated").count() == 1


def test_what_a_leaver_has_in_hand_goes_back_to_the_role():
    role = make_role()
    leaver = make_reviewer(role)
    case = handed_off_case(role)
    case.handoffs.filter(ended_at=None).update(ended_at=case.created_at, end="returned")
    case.handoffs.create(role=role, user=leaver, reason="returned", started_at=case.created_at)

    leavers.see_off(leaver, by=OPERATOR, at=now())

    current = case.handoffs.get(ended_at=None)
    assert (current.role, current.user) == (role, None)


def test_closing_twice_is_recorded_once(lena):
    for _ in range(2):
        people.deactivate(lena, by=OPERATOR, at=now())

    assert Event.objects.filter(action="user.deactivated").count() == 1


def test_nobody_closes_their_own_account(admin):
    own = User.objects.get(username="admin")

    page = act(admin, "close", own)

    assert "Your own account stays open" in page
    assert User.objects.get(pk=own.pk).is_active


# Help from an administrator ------------------------------------------------------------------------


def test_an_administrator_hands_over_a_one_time_link(lena, admin):
    page = act(admin, "make_link", lena)

    address = re.search(r"http://localhost:8000(/sign-in/link/[^<\s]+)", page)[1]
    assert Client().get(address).status_code == 200
    assert Event.objects.get(action="user.link_made").actor.startswith("user:")


def test_nobody_types_anothers_password(lena, admin):
    at = f"/admin/escalation/user/{lena.pk}/password/"
    sent = {"password1": "a long and new password", "password2": "a long and new password"}

    admin.post(at, sent)

    assert User.objects.get(pk=lena.pk).check_password(PASSWORD)


def test_lost_factors_are_taken_away_with_the_sessions(lena, admin):
    here = signed_in()
    Authenticator.objects.create(user=lena, type="totp", data={"secret": "kept"})

    act(admin, "take_factors", lena)

    assert not is_in(here)
    assert is_in(signed_in())  # the password alone again


@pytest.mark.parametrize("action", ["close", "make_link", "take_factors", "end_sessions"])
def test_who_edits_people_does_nothing_to_an_administrator_above(action, as_user):
    above = make_user("above", is_superuser=True, is_staff=True)
    below = make_user("below", is_staff=True)
    below.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    hidden = from_store(above)

    page = act(as_user(below), action, above)

    assert "above is an administrator above you." in page.lower()
    assert is_in(hidden) and "/sign-in/link/" not in page


def test_who_edits_people_gives_nobody_rights(as_user, lena):
    below = make_user("below", is_staff=True)
    below.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))

    change(as_user(below), lena, is_superuser="on", is_staff="on")

    lena.refresh_from_db()
    assert (lena.is_superuser, lena.is_staff) == (False, False)


@pytest.mark.parametrize(
    "page",
    [
        "mfa/authenticator",
        "usersessions/usersession",
        "socialaccount/socialapp",
        "account/emailaddress",
    ],
)
def test_the_admin_shows_no_page_of_the_libraries(page, admin):
    assert admin.get(f"/admin/{page}/").status_code == 404


def test_ending_all_says_how_many(lena):
    signed_in(), signed_in()

    assert sessions.end_all(lena, by=OPERATOR, at=now()) == 2
    assert sessions.end_all(lena, by=OPERATOR, at=now()) == 0
