"""Django, set up in this process on a running desk's database or on one beside it."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg
from report import Desk

ROOT = Path(__file__).parent.parent


def set_up(desk: Desk, *, database: str = "") -> None:
    """Stand inside the desk; with ``database`` in one of that name, which is made and brought up to date."""
    environment = {**desk.environment, "SECRET_KEY": desk.secret_key}
    if database:
        own = _made(desk.environment["DATABASE_OWNER_URL"], database)
        environment |= {"DATABASE_URL": own, "DATABASE_OWNER_URL": own}
    os.environ |= {**environment, "DJANGO_SETTINGS_MODULE": "escalation.settings"}
    sys.path.insert(0, str(ROOT))
    django.setup()
    if database:
        from django.core.management import call_command

        call_command("migrate", verbosity=0)


def _made(owner: str, database: str) -> str:
    with psycopg.connect(owner, autocommit=True) as connection:
        if not connection.execute(
            "SELECT FROM pg_database WHERE datname = %s", [database]
        ).rowcount:
            connection.execute(f"CREATE DATABASE {database}")
    return urlsplit(owner)._replace(path=f"/{database}").geturl()
