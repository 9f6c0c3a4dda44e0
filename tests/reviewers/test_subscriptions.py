"""Asking to be told in a browser, and the worker that does it."""

import pytest
from django.test import Client

from reviewers.models import ContactPoint
from reviewers.notices.channels import webpush
from reviewers.subscriptions import fingerprint
from tests.factories import make_user
from tests.fixtures.pushservice import BrowserKeys

pytestmark = pytest.mark.django_db
ENDPOINT = "https://push.example/send/abc"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


@pytest.fixture
def kim():
    return make_user(first_name="Kim")


@pytest.fixture
def page(kim, as_user):
    return as_user(kim)


def subscription(**changes):
    keys = BrowserKeys()
    given = {
        "endpoint": ENDPOINT,
        "p256dh": keys.p256dh,
        "auth": keys.auth,
        "server": webpush.server_key(),
    }
    return given | changes


def subscribe(page, **changes):
    return page.post(
        "/account/reach/push/", subscription(**changes), headers={"User-Agent": FIREFOX}
    )


def test_the_worker_is_served_from_the_root_to_everybody_and_never_kept(client):
    answer = client.get("/service-worker.js")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert b"showNotification" in answer.content


def test_a_script_is_told_the_desk_s_public_key(page):
    found = page.get("/account/reach/push/").json()

    assert found["key"] == webpush.server_key()
    assert len(webpush.unpadded(found["key"])) == 65


def test_a_browser_is_kept_as_a_way_to_reach_its_person(page, kim):
    answer = subscribe(page)

    way = kim.contact_points.get()
    assert answer.json() == {"said": "This browser is told from now on."}
    assert (way.kind, way.address, way.order) == ("push", ENDPOINT, 1)
    assert way.keys["browser"] == "Firefox on Linux"
    assert way.keys["server"] == webpush.server_key()


def test_the_page_shows_the_browser_and_not_its_address(page):
    subscribe(page)

    said = page.get("/account/reach/").content.decode()

    assert "Firefox on Linux" in said
    assert ENDPOINT not in said
    assert fingerprint(ENDPOINT) in said


def test_the_same_browser_is_kept_once_with_its_latest_keys(page, kim):
    subscribe(page)
    latest = BrowserKeys()
    kim.contact_points.update(failures=3, last_error="answered 500")

    subscribe(page, p256dh=latest.p256dh, auth=latest.auth)

    way = kim.contact_points.get()
    assert way.keys["p256dh"] == latest.p256dh
    assert (way.failures, way.last_error) == (0, "")


def test_a_subscription_that_the_browser_changed_takes_the_place_of_the_one_before(page, kim):
    subscribe(page)
    ContactPoint.objects.create(user=kim, kind="email", address="k@bank.example", order=2)
    kim.contact_points.filter(kind="push").update(stakes=["critical"])
    new = f"{ENDPOINT}-new"

    for _ in range(2):
        subscribe(page, endpoint=new, replaces=ENDPOINT)

    found = list(kim.contact_points.values_list("kind", "address", "order", "stakes"))
    assert found[0] == ("push", new, 1, ["critical"])
    assert [kind for kind, *_ in found] == ["push", "email"]


def test_a_browser_tells_only_the_one_who_asked_last(page, as_user, kim):
    subscribe(page)
    ida = make_user(first_name="Ida")

    subscribe(as_user(ida))

    assert not kim.contact_points.exists()
    assert ida.contact_points.get().address == ENDPOINT


def test_one_does_not_take_over_the_place_of_another_s_browser(page, as_user, kim):
    subscribe(page)
    ida = make_user(first_name="Ida")

    subscribe(as_user(ida), endpoint=f"{ENDPOINT}-new", replaces=ENDPOINT)

    assert kim.contact_points.get().address == ENDPOINT
    assert ida.contact_points.get().address == f"{ENDPOINT}-new"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"endpoint": "http://push.example/send"}, "https:// address"),
        ({"endpoint": "javascript:alert(1)"}, "https:// address"),
        ({"endpoint": "https://127.0.0.1/send"}, "private or reserved address"),
        ({"endpoint": "https://[::1]:8443/send"}, "private or reserved address"),
        ({"endpoint": "https://localhost/send"}, "this machine itself"),
        ({"endpoint": "https://169.254.169.254/latest"}, "private or reserved address"),
        ({"endpoint": "https://kim:secret@push.example/"}, "no user name or password"),
        ({"endpoint": "https://push.example/" + "x" * 2100}, "no subscription of a browser"),
        ({"endpoint": ""}, "no subscription of a browser"),
        ({"p256dh": "AAAA"}, "not the keys of a browser"),
        ({"p256dh": webpush.padless(b"\x04" + b"\x01" * 64)}, "not the keys of a browser"),
        ({"auth": "!!"}, "not the keys of a browser"),
        ({"server": "another"}, "another key now"),
    ],
)
def test_what_no_browser_hands_out_is_refused_with_a_sentence(page, changes, sentence):
    answer = subscribe(page, **changes)

    assert answer.status_code == 422
    assert sentence in answer.json()["said"]
    assert not ContactPoint.objects.exists()


def test_ten_ways_are_enough(page, kim):
    for n in range(10):
        ContactPoint.objects.create(user=kim, kind="email", address=f"{n}@bank.example")

    assert subscribe(page).json() == {"said": "10 ways are enough; remove one first."}


def test_a_subscription_is_not_posted_from_another_site(kim):
    page = Client(enforce_csrf_checks=True)
    page.force_login(kim)

    assert subscribe(page).status_code == 403

    token = page.get("/account/reach/push/").json()["token"]
    kept = page.post("/account/reach/push/", subscription(), headers={"X-CSRFToken": token})
    assert kept.status_code == 200
