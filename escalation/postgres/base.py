"""Django's PostgreSQL, whose pool is made whole at once when PostgreSQL went away and came back.

The pool's own check tries one idle connection after another, and waits longer after each dead one (1,
2, 4 seconds): a process that held six would refuse its first requests on a PostgreSQL that is well.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection that answers. What lay beside a dead one is let go of with it."""
        found = super().get_new_connection(conn_params)
        if self.pool is None or _answers(found):
            return found
        self.pool.putconn(found)
        self.pool.drain()
        return super().get_new_connection(conn_params)


def _answers(connection: Connection[Any]) -> bool:
    try:
        ConnectionPool.check_connection(connection)
    except OperationalError:
        return False
    return True
