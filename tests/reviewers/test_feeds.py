"""Shifts for calendar programs: what a feed says, who gets it, and how its address is kept."""

import re
from datetime import UTC, datetime, time, timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils.timezone import now
from icalendar import Calendar

from escalation import access
from escalation.actors import OPERATOR
from escalation.models import Event
from reviewers import absences, feeds, rosters, shifts
from reviewers.enums import Unit
from reviewers.errors import FeedRefused
from reviewers.memberships import join_role, leave_role
from reviewers.models import Feed, Layer, Shift, Turn
from tests.factories import make_reviewer, make_role, make_user

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADDRESS = re.compile(r"/on-call/feeds/([\w-]{43})\.ics")


@pytest.fixture
def at():
    """Noon of today: pages have no other now."""
    return datetime.combine(now().date(), time(12), tzinfo=UTC)


@pytest.fixture
def role():
    return make_role("refunds-compliance")


@pytest.fixture
def kim(role):
    return make_reviewer(role, username="kim", first_name="Kim", last_name="Vu")


def rota(role, *people, since):
    """Let people take turns of a week each from nine o'clock of a day on."""
    layer = Layer.objects.create(
        roster=rosters.roster_of(role),
        name="Weeks",
        time_zone="Europe/London",
        first_on=since.date(),
        first_time=9 * 60,
        unit=Unit.WEEKS,
    )
    for order, person in enumerate(people, 1):
        Turn.objects.create(layer=layer, order=order).members.set([person])
    rosters.publish(layer, by=OPERATOR, at=since)
    return layer


def read(feed, at):
    return Calendar.from_ical(feeds.render(feed, at)).walk("VEVENT")


def feed_for(owner, role=None, *, at):
    secret = feeds.make_feed(owner, role, by=owner, at=at)
    return secret, Feed.objects.get(digest=feeds._digest(secret))


# What it says ------------------------------------------------------------------------------------


def test_a_person_reads_their_own_shifts_in_utc(role, kim, at):
    other = make_reviewer(role)
    rota(role, kim, other, since=at)
    _, feed = feed_for(kim, at=at)

    events = read(feed, at)

    mine = Shift.objects.filter(user=kim).order_by("during")
    assert [(e.start, e.end) for e in events] == [(one.since, one.until) for one in mine]
    assert len(events) > 10
    assert {e.start.utcoffset() for e in events} == {timedelta()}
    assert {str(e["SUMMARY"]) for e in events} == {"On call: Refunds compliance (primary)"}
    assert {str(e["TRANSP"]) for e in events} == {"TRANSPARENT"}


def test_a_role_reads_everybodys_with_their_names(role, kim, at):
    ida = make_reviewer(role, first_name="Ida", last_name="Holm")
    rota(role, kim, ida, since=at)
    _, feed = feed_for(kim, role, at=at)

    events = read(feed, at)

    written = shifts.between(role, at - 30 * DAY, shifts.planned_until(role))
    assert [(e.start, e.end) for e in events] == [(one.since, one.until) for one in written]
    assert {str(e["SUMMARY"]) for e in events} == {
        "On call: Refunds compliance (primary), Kim Vu",
        "On call: Refunds compliance (primary), Ida Holm",
    }


def test_it_goes_a_month_back_and_as_far_as_is_planned(role, at):
    long_ago = at - 100 * DAY
    people = [make_user(), make_user()]
    for each in people:
        join_role(role, each, by=OPERATOR, at=long_ago)
    rota(role, *people, since=long_ago)
    shifts.materialise(role, at=at)
    _, feed = feed_for(people[0], role, at=at)

    events = read(feed, at)

    assert at - 31 * DAY < min(e.end for e in events) < at - 23 * DAY
    assert max(e.end for e in events) == shifts.planned_until(role)


def test_the_bytes_are_the_format_folded_and_with_line_ends(kim, at):
    role = make_role("a" * 60)
    make_reviewer(role)
    kim = make_reviewer(role, first_name="Bjørn-Åge; the", last_name="Second, of " + "Name" * 15)
    rota(role, kim, since=at)
    _, feed = feed_for(kim, role, at=at)

    text = feeds.render(feed, at)

    lines = text.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert (lines[0], lines[-2:]) == (b"BEGIN:VCALENDAR", [b"END:VCALENDAR", b""])
    (said,) = {str(e["SUMMARY"]) for e in read(feed, at)}
    assert said.endswith(f"(primary), {kim.name}")


LINE = re.compile(
    r"[A-Z0-9-]+(;[A-Z0-9-]+=(\"[^\"\x00-\x1f]*\"|[^\";:,\x00-\x1f]*))*:[^\x00-\x08\x0a-\x1f\x7f]*"
)
DURATION = re.compile(r"[+-]?P(\d+W|\d+D(T(\d+H)?(\d+M)?(\d+S)?)?|T(\d+H)?(\d+M)?(\d+S)?)")
TEXT = re.compile(r"([^\\;,]|\\[\\;,nN])*")


@pytest.mark.parametrize(
    "name",
    ['Bjørn; Åge, \\n of "the" desk: ' + "ø" * 60, "Kim\r\nBEGIN:VEVENT\r\nX:", "K\x07\u2028im"],
)
def test_every_line_is_what_rfc_5545_has(kim, at, name):
    role = make_role("more")
    role.name = "Refunds, compliance; and\nmore"
    role.save(update_fields=["name"])
    kim = make_reviewer(role, first_name=name[:150])
    rota(role, kim, since=at)
    _, feed = feed_for(kim, role, at=at)

    written = feeds.render(feed, at)

    lines = written.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]  # unfolded in bytes
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    values = {line.partition(":")[0]: line.partition(":")[2] for line in lines}
    assert values["X-PUBLISHED-TTL"] == values["REFRESH-INTERVAL;VALUE=DURATION"] == "PT1H"
    assert all(DURATION.fullmatch(values[x]) for x in values if "TTL" in x or "INTERVAL" in x)
    assert TEXT.fullmatch(values["SUMMARY"])
    assert TEXT.fullmatch(values["X-WR-CALNAME"])
    assert values["X-WR-CALNAME"] == "On call: Refunds\\, compliance\\; and more"
    events = list(Calendar.from_ical(written).walk("VEVENT"))
    assert events
    assert len({str(e["UID"]) for e in events}) == len(events) == lines.count("BEGIN:VEVENT")
    for event in events:
        assert event["DTSTAMP"].dt.tzinfo is not None
        assert event.start < event.end
        assert str(event["SUMMARY"]) == " ".join(
            f"On call: Refunds, compliance; and more (primary), {kim.name}".replace(
                "\x07", " "
            ).split()
        )


def test_uids_are_each_their_own_and_stay(role, kim, at):
    rota(role, kim, make_reviewer(role), since=at)
    _, feed = feed_for(kim, role, at=at)
    before = {str(e["UID"]): e.start for e in read(feed, at)}

    absences.note(kim, since=at + 20 * DAY, until=at + 23 * DAY, by=kim, at=at)
    after = {str(e["UID"]): e.start for e in read(feed, at)}

    assert all(before[uid] == after[uid] for uid in before.keys() & after.keys())
    assert len(before.keys() & after.keys()) >= len(before) - 2
    assert all(uid.endswith("@recourse") for uid in after)


def test_it_says_nothing_of_absences(role, kim, at):
    rota(role, kim, make_reviewer(role), since=at)
    absences.note(
        kim, since=at + DAY, until=at + 3 * DAY, note="In hospital", by=kim, at=at, kind="sick"
    )
    _, feed = feed_for(kim, role, at=at)

    text = feeds.render(feed, at).decode().lower()

    assert not [word for word in ("hospital", "sick", "absen", "away") if word in text]


def test_nobody_planned_is_an_empty_calendar(role, kim, at):
    for of in (None, role):
        _, feed = feed_for(kim, of, at=at)
        assert read(feed, at) == []


# Its address -------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_only_its_digest_is_kept(kim, at):
    secret, feed = feed_for(kim, at=at)

    assert len(secret) == 43
    assert bytes(feed.digest) == sha256(secret.encode()).digest()
    assert feeds.feed_called(secret, at=at) == feed
    assert feeds.feed_called(secret + "x", at=at) is None
    assert feeds.feed_called("", at=at) is None


def test_making_it_again_ends_the_one_before(kim, role, at):
    first, _ = feed_for(kim, at=at)
    of_role, _ = feed_for(kim, role, at=at)
    second, _ = feed_for(kim, at=at)

    assert feeds.feed_called(first, at=at) is None
    assert feeds.feed_called(second, at=at) and feeds.feed_called(of_role, at=at)
    assert list(Event.objects.order_by("id").values_list("action", flat=True))[-4:] == [
        "feed.made",
        "feed.made",
        "feed.revoked",
        "feed.made",
    ]
    recorded = b"".join(bytes(event.body) for event in Event.objects.all()).decode()
    assert first not in recorded and second not in recorded


def test_revoking_twice_is_once(kim, at):
    _, feed = feed_for(kim, at=at)

    feeds.revoke_feed(feed, by=kim, at=at)
    feeds.revoke_feed(feed, by=kim, at=at + DAY)

    assert Event.objects.filter(action="feed.revoked").count() == 1
    assert Feed.objects.get().revoked_at == at


def test_a_role_that_one_does_not_see_gives_no_feed(kim, at):
    with pytest.raises(FeedRefused):
        feeds.make_feed(kim, make_role(), by=kim, at=at)

    assert Feed.objects.count() == 0


def test_when_it_was_read_is_kept_to_the_hour(kim, at, django_assert_num_queries):
    secret, feed = feed_for(kim, at=at)

    feeds.feed_called(secret, at=at)
    with django_assert_num_queries(1):
        feeds.feed_called(secret, at=at + timedelta(minutes=59))
    feed.refresh_from_db()
    assert feed.read_at == at

    feeds.feed_called(secret, at=at + timedelta(hours=2))
    feed.refresh_from_db()
    assert feed.read_at == at + timedelta(hours=2)


# Over HTTP ---------------------------------------------------------------------------------------


def get(secret, **headers):
    return Client().get(f"/on-call/feeds/{secret}.ics", headers=headers)


def test_a_calendar_program_reads_it_without_signing_in(role, kim, at):
    rota(role, kim, since=at)
    secret, _ = feed_for(kim, at=at)

    answer = get(secret)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"].startswith("private")
    assert "sessionid" not in answer.cookies
    assert Calendar.from_ical(answer.content).walk("VEVENT")
    assert Client().post(f"/on-call/feeds/{secret}.ics").status_code == 405


def test_what_has_not_changed_is_not_sent_again(role, kim, at):
    layer = rota(role, kim, since=at)
    secret, _ = feed_for(kim, at=at)
    etag = get(secret)["ETag"]

    again = get(secret, if_none_match=etag)
    rosters.retire(layer, by=OPERATOR, at=at)
    changed = get(secret, if_none_match=etag)

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert again["Cache-Control"].startswith("private")
    assert (changed.status_code, changed["ETag"] == etag) == (200, False)


def test_unknown_revoked_and_leavers_are_not_found(role, kim, at):
    revoked, feed = feed_for(kim, role, at=at)
    feeds.revoke_feed(feed, by=kim, at=at)
    of_role, _ = feed_for(kim, role, at=at)
    own, _ = feed_for(kim, at=at)
    assert [get(one).status_code for one in (of_role, own, revoked, "x" * 43)] == [
        200,
        200,
        404,
        404,
    ]

    leave_role(role, kim, by=OPERATOR, at=now())
    assert [get(one).status_code for one in (of_role, own)] == [404, 200]

    kim.is_active = False
    kim.save(update_fields=["is_active"])
    assert get(own).status_code == 404


def test_a_manager_of_the_role_may_have_its_feed(role, at):
    manager = make_user()
    access.grant(access.MANAGE, manager, role)

    secret, _ = feed_for(manager, role, at=at)

    assert get(secret).status_code == 200


# On the page -------------------------------------------------------------------------------------


def test_the_page_makes_an_address_and_shows_it_once(as_user, role, kim):
    browser = as_user(kim)

    answer = browser.post("/account/feeds/")

    (secret,) = set(ADDRESS.findall(answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    assert get(secret).status_code == 200
    assert ADDRESS.findall(browser.get("/account/feeds/").content.decode()) == []


def test_a_roles_address_is_made_and_revoked_on_the_page(as_user, role, kim):
    browser = as_user(kim)
    (secret,) = set(
        ADDRESS.findall(browser.post("/account/feeds/", {"role": role.slug}).content.decode())
    )

    answer = browser.post(f"/account/feeds/{Feed.objects.get().pk}/revocation/")

    assert answer["Location"] == "/account/feeds/"
    assert get(secret).status_code == 404


def test_nobody_makes_or_revokes_what_is_not_theirs(as_user, role, kim, at):
    _, feed = feed_for(kim, role, at=at)
    stranger = as_user(make_user())

    assert stranger.post("/account/feeds/", {"role": role.slug}).status_code == 404
    assert stranger.post(f"/account/feeds/{feed.pk}/revocation/").status_code == 404
    assert as_user(kim).get(f"/account/feeds/{feed.pk}/revocation/").status_code == 405
    assert Client().get("/account/feeds/").status_code == 302
    assert Feed.objects.get().revoked_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_queries_however_many_roles_there_are(
    count, as_user, django_assert_num_queries
):
    roles = [make_role() for _ in range(count)]
    user = make_reviewer(*roles)
    for each in roles:
        feeds.make_feed(user, each, by=user, at=now())
    browser = as_user(user)

    with django_assert_num_queries(7):
        browser.get("/account/feeds/")


@pytest.mark.parametrize("count", [1, 3])
def test_a_feed_costs_the_same_queries_however_many_shifts_it_holds(
    count, role, kim, at, django_assert_num_queries
):
    rota(role, *[kim, *(make_reviewer(role) for _ in range(count))], since=at)
    _, feed = feed_for(kim, at=at)

    with django_assert_num_queries(3):
        feeds.render(feed, at)
