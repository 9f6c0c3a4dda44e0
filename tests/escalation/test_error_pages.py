import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return a browser whose session is asked for where there is no PostgreSQL."""

    def away(self: SessionStore) -> None:
        raise OperationalError("couldn't get a connection after 10.00 sec")

    monkeypatch.setattr(SessionStore, "_get_session_from_db", away)
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "somebody"
    return browser


def test_a_page_without_postgresql_says_so_and_when_to_ask_again(browser: Client) -> None:
    answer = browser.get("/queue/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "The desk cannot reach its record just now." in answer.content.decode()


def test_a_fault_of_ours_names_its_request_and_shows_nothing_of_itself(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SessionStore, "_get_session_from_db", lambda self: 1 / 0)

    answer = browser.get("/queue/", headers={"X-Request-Id": "proxy-0001"})

    assert answer.status_code == 500
    assert "Its log names this request proxy-0001." in answer.content.decode()
    assert "division" not in answer.content.decode()
