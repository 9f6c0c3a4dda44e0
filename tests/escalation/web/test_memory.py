import pytest
from django.db import connection

from escalation.web import memory


@pytest.fixture
def trims(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    memory.give_back()  # what an earlier test read at once in this thread
    found: list[int] = []
    monkeypatch.setattr(memory, "_trim", lambda: found.append(1))
    return found


@pytest.mark.django_db(transaction=True)
def test_what_took_much_is_given_back_once_with_the_connection_that_carried_it(trims: list[int]):
    connection.ensure_connection()

    memory.note_size(memory.MUCH)
    memory.note_size(1)
    memory.give_back()
    memory.give_back()

    assert trims == [1]
    assert connection.connection._expire_at == 0.0


@pytest.mark.django_db(transaction=True)
def test_what_took_little_leaves_everything_as_it_is(trims: list[int]):
    connection.ensure_connection()
    before = getattr(connection.connection, "_expire_at", None)

    memory.note_size(memory.MUCH - 1)
    memory.give_back()

    assert trims == []
    assert getattr(connection.connection, "_expire_at", None) == before
