from datetime import timedelta

import pytest
from django.utils.timezone import now

from escalation import health
from escalation.models import Heartbeat
from escalation.worker import DeskWorker

pytestmark = pytest.mark.django_db


@pytest.fixture
def workers(queues):
    """Workers that have said that they live, one for each queue."""
    made = [DeskWorker([queue], connection=queue.connection) for queue in queues.values()]
    for worker in made:
        worker.register_birth()
    yield made
    for worker in made:
        worker.register_death()


def test_a_desk_with_all_its_parts_is_ready(workers, client):
    for name in ("clock", "courier"):
        Heartbeat.objects.create(name=name, at=now())

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()) == (
        200,
        {"ready": True, "parts": dict.fromkeys(health.PARTS, "ok"), "warnings": 0},
    )


def test_a_worker_that_has_not_been_heard_of_serves_nobody(workers):
    later = now() + health.WORKER_WITHIN + timedelta(seconds=1)

    assert health.problems(at=later)["workers"] == "No worker serves dispatch, deadlines, rosters."


def test_a_worker_is_known_again_to_a_redis_that_lost_everything(workers, queues):
    queues["dispatch"].connection.flushdb()
    assert health.problems(at=now())["workers"] == "No worker serves dispatch, deadlines, rosters."

    for worker in workers:
        worker.heartbeat()

    assert health.problems(at=now())["workers"] == ""
