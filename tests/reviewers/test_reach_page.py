from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from escalation.models import Competence, Conflict
from reviewers.models import ContactPoint, Profile, QuietHours
from tests.factories import NINE, make_user

pytestmark = pytest.mark.django_db
WORKFLOW = (
    "https://prod-1.logic.example:443/workflows/abc/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=run&sv=1.0&sig=s1g"
)


@pytest.fixture
def kim():
    return make_user(first_name="Kim", time_zone="Europe/Oslo")


@pytest.fixture
def page(kim):
    client = Client()
    client.force_login(kim)
    return client


def add(page, kind, address):
    return page.post("/account/reach/contacts/", {"kind": kind, "address": address})


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("email", " Kim@Bank.example ", "Kim@bank.example"),
        ("email", "kim@xn--bcher-kva.example", "kim@bücher.example"),
        ("email", '"kim lee"@bank.example', '"kim lee"@bank.example'),
        ("phone", "+47 912 34 567", "+4791234567"),
        ("whatsapp", "+47 (912) 34-567", "+4791234567"),
        ("slack", "u024be7lh", "U024BE7LH"),
        ("teams", WORKFLOW, WORKFLOW),
        ("telegram", " 123456789 ", "123456789"),
        ("ntfy", "https://ntfy.sh/kims-desk", "https://ntfy.sh/kims-desk"),
        ("webhook", "https://bank.example/hooks?kim", "https://bank.example/hooks?kim"),
    ],
)
def test_a_way_to_reach_somebody_is_kept_in_one_form(page, kim, kind, typed, kept):
    assert add(page, kind, typed).status_code == 302

    assert list(kim.contact_points.values_list("kind", "address")) == [(kind, kept)]
    assert escape(kept) in page.get("/account/reach/").content.decode()


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("email", "kim at bank", "Enter an e-mail address"),
        ("email", "Kim <kim@bank.example>", "Enter an e-mail address"),
        ("email", "a@bank.example, b@bank.example", "Enter an e-mail address"),
        ("phone", "912 34 567", "Give the number with its country"),
        ("slack", "@kim.osei", "Give your member ID"),
        ("telegram", "@kim", "Give the number of your chat"),
        ("teams", "kim@bank.example", "Give an address that begins with https://"),
        ("teams", "https://bank.example/", "Give the address that Teams shows"),
        ("teams", WORKFLOW.replace("sig=", "s="), "Give the address that Teams shows"),
        ("ntfy", "http://ntfy.sh/kim", "Give an address that begins with https://"),
        ("ntfy", "https://ntfy.sh/", "Give the server and your topic"),
        ("ntfy", "https://ntfy.sh/a/b", "Give the server and your topic"),
        ("webhook", "https://10.1.2.3/", "10.1.2.3 is a private or reserved address"),
        ("webhook", "https://localhost/", "localhost is this machine itself"),
        ("webhook", "https://[::1", "this is not a web address"),
        ("webhook", "https://kim:secret@bank.example/", "carries no user name or password"),
        ("webhook", "file:///etc/passwd", "Give an address that begins with https://"),
        ("pigeon", "Pip", "Select a valid choice"),
        ("email", "", "This field is required"),
    ],
)
def test_what_cannot_be_reached_is_refused_with_what_was_typed_kept(page, kind, typed, sentence):
    answer = add(page, kind, typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{escape(typed)}"' in answer.content.decode() or not typed
    assert not ContactPoint.objects.exists()


def test_ways_keep_their_order_and_the_same_way_is_kept_once(page, kim):
    for address in ("a@bank.example", "b@bank.example", "a@bank.example"):
        add(page, "email", address)

    assert list(kim.contact_points.values_list("address", "order")) == [
        ("a@bank.example", 1),
        ("b@bank.example", 2),
    ]


def test_only_ones_own_ways_and_hours_are_removed(page):
    other = make_user()
    contact = ContactPoint.objects.create(user=other, kind="email", address="o@bank.example")
    quiet = QuietHours.objects.create(user=other, weekdays=[0], begins=0, ends=60)

    page.post(f"/account/reach/contacts/{contact.pk}/removal/")
    page.post(f"/account/reach/quiet-hours/{quiet.pk}/removal/")

    assert (ContactPoint.objects.count(), QuietHours.objects.count()) == (1, 1)


def test_quiet_hours_run_over_midnight_and_to_the_end_of_the_day(page, kim):
    for begins, ends in (("22:00", "07:00"), ("13:00", "24:00")):
        answer = page.post(
            "/account/reach/quiet-hours/", {"weekdays": [0, 4], "begins": begins, "ends": ends}
        )
        assert answer.status_code == 302

    said = page.get("/account/reach/").content.decode()
    assert "22:00 to 07:00" in said
    assert "13:00 to 24:00" in said
    assert "Monday, Friday" in said


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"begins": "22:00", "ends": "07:00"}, "Choose a day at least."),
        ({"weekdays": [0], "begins": "25:00", "ends": "07:00"}, "Give a time of day such as 09:30"),
        ({"weekdays": [0], "begins": "24:00", "ends": "07:00"}, "A day begins at 00:00."),
        ({"weekdays": [0], "begins": "22:00", "ends": "00:00"}, "A day ends at 24:00."),
    ],
)
def test_hours_that_are_none_are_refused_with_a_sentence(page, typed, sentence):
    answer = page.post("/account/reach/quiet-hours/", typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not QuietHours.objects.exists()


def ways(user):
    return list(user.contact_points.values_list("address", flat=True))


def test_ways_move_up_and_down_and_no_further(page, kim):
    for name in "abc":
        add(page, "email", f"{name}@bank.example")
    a, b, c = kim.contact_points.all()

    def move(one, way):
        page.post(f"/account/reach/contacts/{one.pk}/{way}/")
        return "".join(address[0] for address in ways(kim))

    assert move(c, "up") == "acb"
    assert move(a, "up") == "acb"
    assert move(b, "down") == "acb"
    assert move(a, "down") == "cab"
    assert page.post(f"/account/reach/contacts/{a.pk}/aside/").status_code == 404


def test_nobody_moves_another_s_ways(page):
    other = make_user()
    made = [ContactPoint.objects.create(user=other, kind="email", address=n, order=1) for n in "ab"]

    page.post(f"/account/reach/contacts/{made[1].pk}/up/")

    assert ways(other) == ["a", "b"]


def test_each_way_is_used_for_the_stakes_that_are_ticked(page, kim):
    for name in "ab":
        add(page, "email", f"{name}@bank.example")
    a, b = kim.contact_points.all()

    page.post("/account/reach/stakes/", {"use": [f"{a.pk}:critical", f"{a.pk}:low"]})

    assert [one.stakes for one in kim.contact_points.all()] == [["low", "critical"], []]


def test_a_script_is_shown_at_once_what_follows_from_a_tick(page, kim, settings):
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example", "desk@bank.example"
    add(page, "email", "a@bank.example")
    way = kim.contact_points.get()

    answer = page.post(
        "/account/reach/stakes/", {"use": [f"{way.pk}:high"]}, headers={"HX-Request": "true"}
    ).content.decode()

    assert answer.startswith('<div id="told"')
    assert answer.count("On this desk only.") == 3
    assert answer.count("E-mail.") == 1


def test_a_box_of_another_person_changes_nothing(page, kim):
    add(page, "email", "a@bank.example")
    other = ContactPoint.objects.create(user=make_user(), kind="email", address="o@bank.example")

    said = page.post("/account/reach/stakes/", {"use": [f"{other.pk}:low"]}, follow=True)

    assert "Nothing was changed." in said.content.decode()
    assert kim.contact_points.get().stakes == ["low", "medium", "high", "critical"]


def test_a_dead_way_says_since_when_and_why_and_can_be_tried_again(page, kim, settings):
    settings.EMAIL_URL, settings.EMAIL_FROM = "smtp://mail.example", "desk@bank.example"
    add(page, "email", "a@bank.example")
    kim.contact_points.update(dead_since=NINE, last_error="550 no such user")

    said = page.get("/account/reach/").content.decode()

    for part in ("does not work", "550 no such user", "Try again", "E-mail does not work now."):
        assert part in said


def test_a_way_that_is_not_set_up_here_says_so(page):
    add(page, "email", "a@bank.example")

    said = page.get("/account/reach/").content.decode()

    assert "not set up here" in said
    assert "Send me a test" not in said


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [("17:00", 302, 1020), ("00:00", 302, 0), ("", 302, None), ("24:00", 422, 60), ("5", 422, 60)],
)
def test_the_digest_has_a_time_or_none(page, kim, typed, status, kept):
    Profile.objects.create(user=kim, digest_at=60)

    answer = page.post("/account/reach/digest/", {"digest_at": typed})

    assert answer.status_code == status
    assert Profile.objects.get(user=kim).digest_at == kept
    assert f'value="{typed}"' in page.get("/account/reach/").content.decode() or status == 422


def test_languages_are_codes_in_order(page, kim):
    page.post("/account/reach/languages/", {"languages": "nb, en, pt-BR, en"})

    assert Profile.objects.get(user=kim).languages == ["nb", "en", "pt-BR"]

    answer = page.post("/account/reach/languages/", {"languages": "Norwegian"})
    assert answer.status_code == 422
    assert "Norwegian is no language code" in answer.content.decode()


def test_what_managers_keep_is_shown_and_what_has_lapsed_is_said(page, kim):
    Profile.objects.create(user=kim, capacity=7)
    Competence.objects.create(
        user=kim, name="AML", since=NINE, expires_at=NINE + timedelta(hours=1)
    )
    Conflict.objects.create(user=kim, tenant="acme", reason="Holds shares")

    said = page.get("/account/reach/").content.decode()

    for part in ("7 at most", "AML", "lapsed", "acme", "Holds shares"):
        assert part in said


def test_the_database_keeps_a_way_once(kim):
    ContactPoint.objects.create(user=kim, kind="email", address="k@bank.example")

    with pytest.raises(IntegrityError, match="contact_point_once"), transaction.atomic():
        ContactPoint.objects.create(user=kim, kind="email", address="k@bank.example")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_asks_the_same_of_the_database(page, kim, rows, django_assert_num_queries):
    for n in range(rows):
        add(page, "email", f"{n}@bank.example")
        QuietHours.objects.create(user=kim, weekdays=[n], begins=0, ends=60)
        Competence.objects.create(user=kim, name=f"C{n}", since=NINE)
        Conflict.objects.create(user=kim, tenant=f"t{n}", reason="-")

    with django_assert_num_queries(11):
        page.get("/account/reach/")
