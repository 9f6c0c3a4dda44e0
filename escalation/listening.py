"""How a connection that only listens reaches the database: beside Django's pool, by the same address."""

from typing import Any

from django.db import connections

DJANGO_ONLY = {"context", "cursor_factory", "prepare_threshold"}


def parameters() -> dict[str, Any]:
    """Return what ``psycopg.connect`` takes, TLS options of the URL included."""
    given = connections["default"].get_connection_params()
    return {name: value for name, value in given.items() if name not in DJANGO_ONLY}
