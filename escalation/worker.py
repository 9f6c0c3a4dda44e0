"""The RQ worker of the desk: short jobs in one process, and known again to a Redis that lost all."""

from typing import Any

from django.db import connection
from rq.job import Job
from rq.queue import Queue
from rq.worker import SimpleWorker
from rq.worker_registration import register

TTL_SECONDS = 30  # it says that it lives every 15


class DeskWorker(SimpleWorker):
    """SimpleWorker does not fork: jobs are short, may run twice and are watched by their lease.

    Forking costs six times as much (measured), and a worker killed mid-job costs a lease either way.
    """

    max_connection_wait_time = 2.0  # seconds between looks for a Redis that went away

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["worker_ttl"] = TTL_SECONDS
        super().__init__(*args, **kwargs)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
            register(self)
        super().heartbeat(timeout, pipeline)

    def perform_job(self, job: Job, queue: Queue) -> bool:
        try:
            return super().perform_job(job, queue)
        finally:
            connection.close()  # back to the pool, as at the end of a request
