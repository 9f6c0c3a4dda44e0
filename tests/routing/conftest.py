import django_rq
import pytest


@pytest.fixture
def queues(settings, worker_id):
    """Give the queues, empty, in a database of Redis that only this process of tests uses."""
    number = int(worker_id.removeprefix("gw") or 0) + 1 if worker_id != "master" else 1
    url = settings.REDIS_URL.replace("db=0", f"db={number}").replace("/0", f"/{number}")
    settings.RQ_QUEUES = {name: {**queue, "URL": url} for name, queue in settings.RQ_QUEUES.items()}
    redis = django_rq.get_connection("dispatch")
    assert redis.connection_pool.connection_kwargs["db"] == number
    redis.flushdb()
    yield {name: django_rq.get_queue(name) for name in settings.RQ_QUEUES}
    redis.flushdb()
    redis.connection_pool.disconnect()
