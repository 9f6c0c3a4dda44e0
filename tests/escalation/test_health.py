from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from escalation import health
from escalation.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_healthz_asks_nothing_but_whether_the_process_lives(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = Client().get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_readyz_says_which_part_does_not_answer():
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (
        503,
        {
            "ready": False,
            "parts": {
                "postgresql": "ok",
                "redis": "ok",
                "workers": "No worker serves dispatch, deadlines, rosters.",
                "clock": "The clock has never run.",
                "courier": "The courier has never run.",
            },
            "warnings": 0,
        },
    )


@pytest.mark.parametrize(
    ("ago", "said"),
    [(0, ""), (10, ""), (11, "The {} last ran at 2026-11-20 08:59:49 UTC.")],
)
@pytest.mark.parametrize("name", ["clock", "courier"])
def test_what_was_heard_of_lately_runs(name, ago, said):
    at = now().replace(year=2026, month=11, day=20, hour=9, minute=0, second=0, microsecond=0)
    Heartbeat.objects.create(name=name, at=at - timedelta(seconds=ago))

    assert health.problems(at=at)[name] == said.format(name)


def test_a_redis_that_is_gone_is_said_and_breaks_nothing(settings):
    settings.RQ_QUEUES = {
        name: {"URL": "redis://127.0.0.1:1/0"} for name in ("dispatch", "deadlines")
    }

    found = health.problems(at=now())

    assert found["redis"].startswith("Redis does not answer: ")
    assert found["workers"] == "Redis does not answer, so no worker can be seen."
    assert Client().get("/readyz").status_code == 503
