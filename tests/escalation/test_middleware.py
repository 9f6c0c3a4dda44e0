import re

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from escalation.middleware import OwnTimeZone
from tests.factories import make_auditor, make_user

pytestmark = pytest.mark.django_db
SIGN_IN = "/sign-in/?next=/queue/"


@pytest.mark.parametrize("given", ["proxy-0001", "a" * 64, "018f.aa_bb-cc"])
def test_a_request_keeps_the_name_that_a_proxy_gave(given):
    answer = Client().get("/healthz", headers={"X-Request-Id": given})

    assert answer["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "a" * 65, "a b c d e f", "<script>alert</script>", "é" * 10]
)
def test_a_request_without_a_name_worth_logging_gets_one(given):
    answer = Client().get("/healthz", headers={"X-Request-Id": given})

    assert re.fullmatch(r"[0-9a-f]{32}", answer["X-Request-Id"])


def test_two_requests_have_two_names():
    assert Client().get("/healthz")["X-Request-Id"] != Client().get("/healthz")["X-Request-Id"]


def test_a_page_is_closed_until_somebody_signs_in():
    answer = Client().get("/queue/")

    assert (answer.status_code, answer["Location"]) == (302, SIGN_IN)


@pytest.mark.parametrize(
    ("current", "target"),
    [
        ("http://testserver/queue/?role=x", "/sign-in/?next=%2Fqueue%2F"),
        ("https://evil.example/cases/ESC-1/", "/sign-in/?next=%2Fcases%2FESC-1%2F"),
        ("", "/sign-in/?next="),
    ],
)
def test_a_part_of_a_page_sends_the_whole_browser_to_sign_in(current, target):
    answer = Client().get("/queue/news/", headers={"HX-Request": "true", "HX-Current-URL": current})

    assert (answer.status_code, answer["HX-Redirect"], answer.content) == (200, target, b"")


@pytest.mark.parametrize("page", ["/incidents/", "/audit/", "/policies/", "/agents/", "/account/"])
def test_no_page_is_kept_by_a_browser_so_that_nobody_reads_it_after_signing_out(page):
    browser = Client()
    browser.force_login(make_auditor())

    assert "no-store" in browser.get(page)["Cache-Control"]


def test_what_may_be_kept_says_so_itself():
    assert Client().get("/service-worker.js")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("page", ["/healthz", "/sign-in/", "/docs/", "/api/v1/docs"])
def test_some_pages_open_themselves(page):
    assert Client().get(page).status_code == 200


@pytest.mark.parametrize("page", ["/sign-in/", "/docs/", "/api/v1/cases", "/nothing/"])
def test_every_answer_says_what_a_browser_may_do_with_it(page):
    answer = Client().get(page)

    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert [
        answer[h] for h in ("X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy")
    ] == [
        "nosniff",
        "DENY",
        "same-origin",
    ]


@pytest.mark.parametrize(
    ("path", "zone"), [("/queue/", "Asia/Kathmandu"), ("/api/v1/cases", "UTC")]
)
def test_people_read_instants_in_their_own_zone_and_agents_in_utc(path, zone):
    request = RequestFactory().get(path)
    request.user = make_user(time_zone="Asia/Kathmandu")

    answer = OwnTimeZone(lambda _: HttpResponse(timezone.get_current_timezone_name()))(request)

    assert answer.content.decode() == zone
    assert timezone.get_current_timezone_name() == "UTC"


def test_an_unknown_page_says_so_without_saying_what_there_is(as_user):
    answer = as_user(make_user()).get("/nothing/")

    assert answer.status_code == 404
    assert "There is nothing here, or nothing that you may see." in answer.content.decode()


def test_a_form_that_comes_from_elsewhere_changes_nothing():
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/sign-in/", {"username": "a", "password": "b"})

    assert answer.status_code == 403
    assert "The form was too old or came from elsewhere." in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    ["../escalation/settings", "..%2f..%2fREADME", "nothing", "index.md", "a/b/c", "path.svgx"],
)
def test_the_documentation_is_all_that_its_address_leads_to(name):
    assert Client().get(f"/docs/{name}/").status_code == 404
