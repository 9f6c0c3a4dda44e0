"""Whether the parts answer, each with the sentence that an operator reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django_rq
from django.conf import settings
from django.db import Error, connection
from django.utils.module_loading import import_string
from redis.exceptions import RedisError
from rq.worker import BaseWorker

from escalation.models import Heartbeat

HEARD_WITHIN = timedelta(seconds=10)
WORKER_WITHIN = timedelta(seconds=45)


def _postgresql(_: datetime) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        return f"PostgreSQL does not answer: {error}".splitlines()[0]
    return ""


def _redis(_: datetime) -> str:
    try:
        django_rq.get_connection("dispatch").ping()
    except RedisError as error:
        return f"Redis does not answer: {error}"
    return ""


def _workers(at: datetime) -> str:
    try:
        idle = [name for name in settings.RQ_QUEUES if not _has_worker(name, at)]
    except RedisError:
        return "Redis does not answer, so no worker can be seen."
    return f"No worker serves {', '.join(idle)}." if idle else ""


def _has_worker(queue: str, at: datetime) -> bool:
    found = BaseWorker.all(queue=django_rq.get_queue(queue))
    beats = [worker.last_heartbeat for worker in found if worker.last_heartbeat]
    return any(at - beat.replace(tzinfo=UTC) < WORKER_WITHIN for beat in beats)


def _clock(at: datetime) -> str:
    return _heard_of("clock", at)


def _courier(at: datetime) -> str:
    return _heard_of("courier", at)


def _heard_of(name: str, at: datetime) -> str:
    try:
        beat = Heartbeat.objects.filter(name=name).first()
    except Error:
        return f"PostgreSQL does not answer, so the {name} cannot be seen."
    if beat is None:
        return f"The {name} has never run."
    if at - beat.at > HEARD_WITHIN:
        return f"The {name} last ran at {beat.at:%Y-%m-%d %H:%M:%S} UTC."
    return ""


PARTS: dict[str, Callable[[datetime], str]] = {
    "postgresql": _postgresql,
    "redis": _redis,
    "workers": _workers,
    "clock": _clock,
    "courier": _courier,
}


def problems(*, at: datetime) -> dict[str, str]:
    """Return what is wrong with each part; an empty sentence is a part that answers."""
    return {name: look(at) for name, look in PARTS.items()}


def warnings(*, at: datetime) -> list[str]:
    """Return what will go wrong unless somebody acts, from the apps that ``settings.WARNINGS`` names."""
    return _asked(settings.WARNINGS, at)


def notes(*, at: datetime) -> list[str]:
    """Return how things are set up that may be as wished, from the apps that ``settings.NOTES`` names."""
    return _asked(settings.NOTES, at)


def _asked(names: list[str], at: datetime) -> list[str]:
    try:
        return [said for name in names for said in import_string(name)(at=at)]
    except Error:
        return []  # which is said by its own part
