import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Role, User
from reviewers import absences, overrides, rosters, shifts, swaps
from reviewers.enums import NoticeKind, OverrideKind
from reviewers.memberships import leave_role
from reviewers.models import Absence, Notice, Override, Swap
from reviewers.notices import inbox
from tests.factories import (
    NINE,
    handed_off_case,
    make_auditor,
    make_layer,
    make_reviewer,
    make_role,
    make_user,
)

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORKDAYS = ([0, 1, 2, 3, 4], 8 * 60, 17 * 60)
MODULES = ("views.oncall", "views.standins", "views.work", "views.queue", "context")


@pytest.fixture(autouse=True)
def friday_at_nine(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in MODULES:
        monkeypatch.setattr(f"reviewers.{module}.now", lambda: NINE)


class Team:
    """Lena and Kim take weekly turns on working days, 8 to 17 UTC; on Friday at nine Lena is on."""

    def __init__(self) -> None:
        self.role = make_role("refunds")
        self.lena = make_reviewer(self.role, username="lena", first_name="Lena", last_name="Moe")
        self.kim = make_reviewer(self.role, username="kim", first_name="Kim", last_name="Osei")
        self.manager = make_reviewer(username="manager")
        access.grant(access.MANAGE, self.manager, self.role)
        make_layer(self.role, self.lena, self.kim, name="Office hours", windows=[WORKDAYS])
        self.roster = rosters.roster_of(self.role)
        Notice.objects.all().delete()

    def on_call(self, hours: float) -> list[str]:
        return [one.user.username for one in shifts.on_call(self.role, NINE + hours * HOUR)]


@pytest.fixture
def team() -> Team:
    return Team()


def text_of(answer: HttpResponse) -> str:
    """Return what a page says, without its tags and in one line."""
    page = re.sub(r"(?s)<(script|style|svg).*?</\1>|<[^>]+>", " ", answer.content.decode())
    return re.sub(r"\s+", " ", unescape(page)).replace(" ,", ",").replace(" .", ".")


def typed(hours: float) -> str:
    return f"{NINE + hours * HOUR:%Y-%m-%dT%H:%M}"


# All my roles --------------------------------------------------------------------------------------


def test_it_says_who_is_on_who_comes_next_and_when_nobody_is(team: Team, as_user: Browser):
    said = text_of(as_user(team.kim).get("/on-call/"))

    assert "Refunds Lena Moe until Fri 20 Nov, 17:00" in said
    assert "nobody after Lena Moe Lena Moe Mon 23 Nov, 08:00" in said
    assert "Nobody Fri 20 Nov, 17:00 to Mon 23 Nov, 08:00 ; Mon 23" in said
    assert "My next shifts Mon 23 Nov, 09:00 to 17:00 Refunds Primary" in said


def test_it_says_who_steps_up_where_the_primary_is_away(team: Team, as_user: Browser):
    make_layer(team.role, team.kim, position=2)
    absences.note(team.lena, since=NINE, until=NINE + DAY, note="Surgery", by=team.lena, at=NINE)

    said = text_of(as_user(team.kim).get("/on-call/"))

    assert "Primary: nobody Lena Moe is away Kim Osei (you), secondary, steps up" in said
    assert "Surgery" not in said


@pytest.mark.parametrize("roles", [1, 3])
def test_it_asks_the_same_however_many_roles_one_holds(
    roles: int, as_user: Browser, django_assert_num_queries: Callable
):
    held = [make_role() for _ in range(roles)]
    lena, kim = make_reviewer(*held), make_reviewer(*held)
    for role in held:
        make_layer(role, lena, kim, windows=[WORKDAYS])
    browser = as_user(lena)
    browser.get("/on-call/")

    with django_assert_num_queries(14):
        answer = browser.get("/on-call/")

    assert answer.content.count(b'role="rowheader"') == roles


def test_a_stranger_sees_no_roster_and_an_auditor_looks_only(team: Team, as_user: Browser):
    stranger, auditor = as_user(make_user()), as_user(make_auditor())

    assert "You hold no role yet" in text_of(stranger.get("/on-call/"))
    assert stranger.get("/on-call/refunds/").status_code == 404
    page = auditor.get("/on-call/refunds/?from=2026-11-20")
    assert "Lena Moe until" in text_of(page) and b"stand-in" not in page.content
    for act in ("stand-in", "swap"):
        assert auditor.get(f"/on-call/refunds/{act}/").status_code == 404


def test_under_the_auditors_hat_a_member_only_looks(team: Team, as_user: Browser):
    access.grant(access.AUDIT_ROLE, team.kim, team.role)
    swap = swaps.ask(
        team.roster, colleague=team.kim, since=NINE, until=NINE + HOUR, by=team.lena, at=NINE
    )
    browser = as_user(team.kim)
    session = browser.session
    session["acting_as"] = access.AUDITOR
    session.save()

    assert b"stand-in" not in browser.get("/on-call/refunds/").content
    assert browser.get("/on-call/refunds/stand-in/").status_code == 404
    assert browser.post(f"/on-call/swaps/{swap.pk}/accept/").status_code == 403


# One role's calendar -------------------------------------------------------------------------------


def test_the_calendar_is_a_table_in_which_every_minute_is_somebody_or_a_named_gap(
    team: Team, as_user: Browser
):
    page = as_user(team.kim).get("/on-call/refunds/").content.decode()
    table = page[page.index('<table class="week') : page.index("</table>")]

    assert "<caption" in table and table.count('scope="col"') == 7
    assert re.findall(r'scope="row"><span class="name">([^<]+)', table) == [
        "Office hours",
        "Primary",
    ]
    assert "Lena Moe, 09:00 to 17:00" in table
    assert re.search(r"Nobody, 63 h, from 17:00: <a href", table)
    assert "Nobody, 63 h, all day" in table


def test_days_are_those_of_the_viewer_and_one_click_away_those_of_the_role(
    team: Team, as_user: Browser
):
    Role.objects.filter(pk=team.role.pk).update(time_zone="Asia/Tokyo")
    User.objects.filter(pk=team.kim.pk).update(time_zone="America/New_York")
    kim = as_user(team.kim)

    own = kim.get("/on-call/refunds/?from=2026-11-20")
    roles = kim.get("/on-call/refunds/?from=2026-11-20&zone=role")

    assert "times in New York" in text_of(own) and "Lena Moe, 04:00 to 12:00" in text_of(own)
    assert b"?from=2026-11-16&amp;zone=role" in own.content
    assert "times in Tokyo" in text_of(roles) and "Lena Moe, from 18:00" in text_of(roles)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "16 to 22 November 2026"),
        ("from=2026-12-31", "28 December to 3 January 2027"),
        ("span=day&from=2026-11-20", "Friday 20 November 2026"),
        ("span=weeks", "16 November to 13 December 2026"),
        ("from=2000-01-03", "3 to 9 January 2000"),
        ("from=2100-01-01", "28 December to 3 January 2100"),
    ],
)
def test_all_days_can_be_reached(team: Team, query: str, title: str, as_user: Browser):
    answer = as_user(team.kim).get(f"/on-call/refunds/?{query}")

    assert answer.status_code == 200
    assert title in text_of(answer)


def test_far_ahead_it_says_that_it_is_a_forecast(team: Team, as_user: Browser):
    said = text_of(as_user(team.kim).get("/on-call/refunds/?from=2028-02-07"))

    assert "beyond the plan, a forecast" in said
    assert re.search(r"(Lena Moe|Kim Osei), 08:00 to 09:00 \(forecast\)", said)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "“yesterday” is not a date such as 2026-11-20"),
        ("from=2026-02-30", "“2026-02-30” is not a date"),
        ("from=1066-10-14", "1066-10-14 is too far away"),
        ("from=9999-12-31", "9999-12-31 is too far away"),
        ("span=year", "“year” is no span; choose day, week or weeks"),
        ("from=%00%3Cscript%3E", "<script>” is not a date"),
    ],
)
def test_what_makes_no_sense_in_the_address_is_said(
    team: Team, query: str, sentence: str, as_user: Browser
):
    answer = as_user(team.kim).get(f"/on-call/refunds/?{query}")

    assert answer.status_code == 422
    assert sentence in unescape(answer.content.decode())
    assert "16 to 22 November 2026" in text_of(answer)


def test_a_role_without_a_roster_says_so(as_user: Browser):
    role = make_role("quiet")

    said = text_of(as_user(make_reviewer(role)).get("/on-call/quiet/"))

    assert "Nobody" in said and "This role has no roster yet" in said


@pytest.mark.parametrize("people", [1, 3])
def test_the_calendar_asks_the_same_however_much_is_on_it(
    people: int, as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role("busy")
    held = [make_reviewer(role) for _ in range(people)]
    for who in held:
        make_layer(role, who, windows=[WORKDAYS])
        absences.note(who, since=NINE + DAY, until=NINE + 2 * DAY, by=who, at=NINE)
        overrides.make(
            rosters.roster_of(role), OverrideKind.ADD, since=NINE, until=NINE + HOUR,
            reason="Busy", stand_in=who, by=OPERATOR, at=NINE,
        )  # fmt: skip
    browser = as_user(held[0])
    browser.get("/on-call/busy/")

    with django_assert_num_queries(26):
        browser.get("/on-call/busy/")


@pytest.mark.parametrize("people", [1, 3])
def test_whoever_supervises_a_role_sees_what_its_people_have_in_hand_and_nobody_else_does(
    people: int, as_user: Browser, django_assert_num_queries: Callable
):
    role = make_role("busy")
    held = [make_reviewer(role, first_name=f"Person{n}") for n in range(people)]
    make_layer(role, held[0], at=NINE - DAY)
    handed_off_case(role, at=NINE)
    supervisor = make_user()
    access.grant(access.SUPERVISE, supervisor, role)
    browser = as_user(supervisor)
    browser.get("/on-call/busy/")

    with django_assert_num_queries(28):
        said = text_of(browser.get("/on-call/busy/"))

    assert "What the team has in hand" in said
    assert "Person0 1" in said
    assert people == 1 or "Person2 0 nothing" in said
    assert "in hand" not in text_of(as_user(held[0]).get("/on-call/busy/"))


def test_why_somebody_is_away_is_for_them_and_their_managers(team: Team, as_user: Browser):
    absences.note(
        team.lena, since=NINE, until=NINE + DAY, kind="sick", note="Surgery", by=team.lena, at=NINE
    )
    address = "/on-call/refunds/?from=2026-11-20"

    seen = {user.username: text_of(as_user(user).get(address)) for user in
            (team.lena, team.kim, team.manager)}  # fmt: skip

    assert all("Lena Moe is away" in said for said in seen.values())
    assert {who: "sick, Surgery" in said for who, said in seen.items()} == {
        "lena": True,
        "kim": False,
        "manager": True,
    }


# Standing in ---------------------------------------------------------------------------------------


def test_a_member_takes_a_gap(team: Team, as_user: Browser):
    kim = as_user(team.kim)
    page = kim.get("/on-call/refunds/?from=2026-11-20").content.decode()
    address = unescape(re.search(r'href="(/on-call/refunds/stand-in/[^"]+)"', page)[1])
    form = kim.get(address).content.decode()
    assert 'value="2026-11-20T17:00"' in form and 'value="2026-11-23T08:00"' in form

    taken = kim.post(
        address,
        {"since": typed(8), "until": typed(12), "position": 1, "reason": "I am here anyway"},
    )

    assert (taken.status_code, taken["Location"]) == (302, "/on-call/refunds/")
    assert [team.on_call(hours) for hours in (8, 11, 12)] == [["kim"], ["kim"], []]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"since": typed(1)}, "Lena Moe is on call Fri 20 Nov 10:00 to 17:00"),
        ({"reason": ""}, "Say why: your colleagues will read it."),
        ({"until": typed(8)}, "It would end before it starts."),
        ({"until": "soon"}, "Give a day and a time, such as 2026-11-20 09:00."),
        ({"since": ""}, "Say from when."),
    ],
)
def test_what_cannot_be_is_refused_where_it_was_typed(
    team: Team, given: dict[str, str], sentence: str, as_user: Browser
):
    sent = {"since": typed(8), "until": typed(12), "position": 1, "reason": "Here anyway"} | given

    refused = as_user(team.kim).post("/on-call/refunds/stand-in/", sent)

    assert refused.status_code == 422
    assert sentence in unescape(refused.content.decode())
    assert f'value="{sent["until"]}"' in refused.content.decode()
    assert Override.objects.count() == 0


def test_a_form_begins_within_what_it_is_about(team: Team, as_user: Browser):
    form = as_user(team.kim).get(
        "/on-call/refunds/stand-in/?since=2026-11-20T17:00:01Z&until=2026-11-20T18:30:59Z"
    )

    assert b'value="2026-11-20T17:01"' in form.content
    assert b'value="2026-11-20T18:30"' in form.content


@pytest.mark.parametrize(
    ("hour", "sentence"),
    [
        ("2027-03-28T02:30", "28 March 2027 02:30 in Europe/Oslo does not exist"),
        ("2027-10-31T02:30", "31 October 2027 02:30 in Europe/Oslo occurs twice, an hour apart"),
    ],
)
def test_a_time_that_does_not_exist_or_occurs_twice_is_asked_again(
    team: Team, hour: str, sentence: str, as_user: Browser
):
    Role.objects.filter(pk=team.role.pk).update(time_zone="Europe/Oslo")
    sent = {"since": hour, "until": f"{hour[:10]}T12:00", "position": 1, "reason": "Here anyway"}

    refused = as_user(team.kim).post("/on-call/refunds/stand-in/?zone=role", sent)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()


def test_a_manager_lets_anybody_stand_in_and_takes_it_back(team: Team, as_user: Browser):
    manager = as_user(team.manager)
    form = {
        "kind": "replace", "out": team.lena.pk, "stand_in": team.kim.pk, "position": "",
        "since": typed(1), "until": typed(3), "reason": "Dentist",
    }  # fmt: skip

    made = manager.post("/on-call/refunds/stand-in/?zone=role", form)
    assert made["Location"] == "/on-call/refunds/?zone=role"
    assert [team.on_call(hours) for hours in (0, 1, 2, 3)] == [["lena"], ["kim"], ["kim"], ["lena"]]

    said = text_of(manager.get("/on-call/refunds/?from=2026-11-20"))
    assert "Kim Osei stands in for Lena Moe “Dentist”, manager Withdraw" in said
    override = Override.objects.get()
    address = f"/on-call/refunds/overrides/{override.pk}/withdrawal/"
    assert as_user(team.kim).post(address).status_code == 404
    manager.post(address)
    assert team.on_call(2) == ["lena"]


def test_a_manager_who_contradicts_themselves_is_told(team: Team, as_user: Browser):
    refused = as_user(team.manager).post(
        "/on-call/refunds/stand-in/",
        {"kind": "replace", "stand_in": team.kim.pk, "since": typed(1), "until": typed(3),
         "reason": "Dentist"},
    )  # fmt: skip

    assert refused.status_code == 422
    assert "Say who is taken off." in text_of(refused)


def test_a_dialog_gets_the_form_alone_and_the_page_below_is_shown_anew(
    team: Team, as_user: Browser
):
    kim, htmx = as_user(team.kim), {"HX-Request": "true"}
    sent = {"since": typed(8), "until": typed(12), "position": 1, "reason": ""}

    form = kim.get("/on-call/refunds/stand-in/", headers=htmx)
    refused = kim.post("/on-call/refunds/stand-in/", sent, headers=htmx)
    done = kim.post("/on-call/refunds/stand-in/", sent | {"reason": "Here anyway"}, headers=htmx)

    assert form.content.startswith(b'<div class="act-form"')
    assert refused.status_code == 422 and b"<html" not in refused.content
    assert (done.status_code, done["HX-Refresh"]) == (200, "true")


@pytest.mark.parametrize("query", ["since=x&until=&position=77&out=x", "since=2026-11-20T09:00"])
def test_an_address_that_names_nonsense_gives_an_empty_form(
    team: Team, query: str, as_user: Browser
):
    for user in (team.kim, team.manager):
        assert as_user(user).get(f"/on-call/refunds/stand-in/?{query}").status_code == 200


# Swaps ---------------------------------------------------------------------------------------------


def ask(team: Team, browser: Client, **given: Any) -> HttpResponse:
    sent = {"colleague": team.kim.pk, "since": typed(1), "until": typed(3), "reason": "Dentist"}
    return browser.post("/on-call/refunds/swap/", sent | given)


def test_a_swap_is_asked_for_and_accepted_on_the_pages(team: Team, as_user: Browser):
    lena, kim = as_user(team.lena), as_user(team.kim)
    assert ask(team, lena).status_code == 302
    swap = Swap.objects.get()
    asked = "Lena Moe asks you to take Fri 20 Nov, 10:00 to 12:00 for Refunds. “Dentist”"
    assert all(asked in text_of(kim.get(page)) for page in ("/", "/on-call/"))
    assert "You asked Kim Osei to take" in text_of(lena.get("/on-call/"))

    accepted = kim.post(f"/on-call/swaps/{swap.pk}/accept/", follow=True)

    assert "The shift is yours." in text_of(accepted)
    assert [team.on_call(hours) for hours in (0, 1, 3)] == [["lena"], ["kim"], ["lena"]]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"colleague": ""}, "Choose a colleague."),
        ({"colleague": "0"}, "They are not in this role."),
        ({"until": typed(80)}, "Lena Moe is not on call for Refunds Fri 20 Nov 17:00"),
    ],
)
def test_a_swap_that_cannot_be_asked_for_is_refused(
    team: Team, given: dict[str, Any], sentence: str, as_user: Browser
):
    refused = ask(team, as_user(team.lena), **given)

    assert refused.status_code == 422
    assert sentence in text_of(refused)
    assert "Dentist" in refused.content.decode() and Swap.objects.count() == 0


@pytest.mark.parametrize("htmx", [True, False])
def test_an_answer_that_comes_too_late_is_a_sentence(team: Team, htmx: bool, as_user: Browser):
    ask(team, as_user(team.lena))
    swap = Swap.objects.get()
    leave_role(team.role, team.kim, by=OPERATOR, at=NINE)

    headers = {"HX-Request": "true"} if htmx else {}
    refused = as_user(team.kim).post(f"/on-call/swaps/{swap.pk}/accept/", headers=headers)

    assert refused.status_code == 422
    assert "Kim Osei is not in Refunds in that time. Nothing was changed." in text_of(refused)
    assert refused.content.startswith(b"<section") == htmx


def test_a_swap_is_between_those_concerned(team: Team, as_user: Browser):
    ask(team, as_user(team.lena))
    swap = Swap.objects.get()
    other = make_reviewer(team.role)

    assert as_user(other).post(f"/on-call/swaps/{swap.pk}/accept/").status_code == 404
    assert as_user(team.kim).post(f"/on-call/swaps/{swap.pk}/devour/").status_code == 404
    assert as_user(team.kim).get(f"/on-call/swaps/{swap.pk}/accept/").status_code == 405


def test_a_manager_finds_what_waits_for_approval(team: Team, as_user: Browser):
    team.roster.swaps_need_approval = True
    team.roster.save(update_fields=["swaps_need_approval"])
    ask(team, as_user(team.lena))
    swap = swaps.accept(Swap.objects.get().pk, by=team.kim, at=NINE)
    manager = as_user(team.manager)

    assert "Kim Osei would take Fri 20 Nov, 10:00 to 12:00 from Lena Moe" in text_of(
        manager.get("/")
    )
    manager.post(f"/on-call/swaps/{swap.pk}/approve/")

    assert team.on_call(2) == ["kim"]


@pytest.mark.parametrize("count", [1, 3])
def test_swaps_and_news_cost_the_same_however_many_they_are(
    team: Team, count: int, as_user: Browser, django_assert_num_queries: Callable
):
    for n in range(count):
        swaps.ask(
            team.roster, colleague=team.kim, since=NINE + n * HOUR, until=NINE + (n + 1) * HOUR,
            by=team.lena, at=NINE,
        )  # fmt: skip
    kim = as_user(team.kim)
    kim.get("/")

    with django_assert_num_queries(21):
        page = kim.get("/")

    assert page.content.count(b">Accept<") == count


# Being away, and being told ------------------------------------------------------------------------


def test_a_person_notes_an_absence_on_their_own_wall_clock_and_takes_it_back(
    team: Team, as_user: Browser
):
    User.objects.filter(pk=team.lena.pk).update(time_zone="Europe/Oslo")
    lena = as_user(team.lena)

    noted = lena.post(
        "/account/away/",
        {"since": typed(2), "until": typed(4), "kind": "travel", "note": "Train"},
        follow=True,
    )

    assert "You are away Fri 20 Nov 11:00 to 13:00, in every role." in text_of(noted)
    assert [team.on_call(hours) for hours in (0.9, 1, 2.9, 3)] == [["lena"], [], [], ["lena"]]
    absence = Absence.objects.get()
    assert as_user(team.kim).post(f"/account/away/{absence.pk}/return/").status_code == 404
    lena.post(f"/account/away/{absence.pk}/return/")
    assert team.on_call(2) == ["lena"]


def test_an_absence_twice_is_refused(team: Team, as_user: Browser):
    absences.note(team.lena, since=NINE, until=NINE + DAY, by=team.lena, at=NINE)

    refused = as_user(team.lena).post(
        "/account/away/", {"since": typed(1), "until": typed(2), "kind": "leave", "note": "Again"}
    )

    assert refused.status_code == 422
    assert "Lena Moe is already away" in text_of(refused)
    assert 'value="Again"' in refused.content.decode()


def test_news_stands_in_my_work_until_it_is_seen_by_whom_it_is_for(team: Team, as_user: Browser):
    inbox.tell(team.kim, NoticeKind.SHIFT, about="x", text="Your next shift moved.", at=NINE)
    notice = Notice.objects.get()
    kim, address = as_user(team.kim), f"/account/notices/{notice.pk}/seen/"
    assert "Your next shift moved." in text_of(kim.get("/"))

    as_user(team.lena).post(address)
    assert "Your next shift moved." in text_of(kim.get("/"))
    partial = kim.post(address, headers={"HX-Request": "true"})

    assert (
        partial.content.startswith(b'<section id="notices"') or b'id="notices"' in partial.content
    )
    assert "Your next shift moved." not in text_of(kim.get("/"))


def test_my_work_and_the_queue_say_when_i_am_on_call(team: Team, as_user: Browser):
    lena, kim = as_user(team.lena), as_user(team.kim)

    assert "You are on call for Refunds until Fri 20 Nov, 17:00. Next: Refunds" in text_of(
        lena.get("/")
    )
    assert "You are next on call for Refunds, Mon 23 Nov, 09:00 to 17:00." in text_of(kim.get("/"))
    assert "You are next on call Mon 23 Nov, 09:00 to 17:00 for Refunds." in text_of(
        kim.get("/queue/")
    )


def test_the_top_line_says_who_is_on_call_in_my_roles(team: Team, as_user: Browser):
    for slug in ("access", "credit"):
        make_layer(make_role(slug), team.kim, windows=[([5], 60, 120)])
        from_role = Role.objects.get(slug=slug)
        make_reviewer(from_role)
    held = [Role.objects.get(slug=slug) for slug in ("access", "credit")]
    for role in held:
        role.memberships.create(user=team.kim, joined_at=NINE)

    assert "Refunds : you until Fri 20 Nov, 17:00, then you" in text_of(
        as_user(team.lena).get("/account/")
    )
    said = text_of(as_user(team.kim).get("/account/"))
    assert "Access : nobody" in said and "+1" in said
