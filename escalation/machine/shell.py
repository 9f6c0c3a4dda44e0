"""What surrounds every command: the settings of the desk in this folder, and refusals as sentences."""

import importlib
import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import BaseCommand, execute_from_command_line
from django.db import OperationalError

from escalation.machine import claim, needs, postgres, valkey
from escalation.machine.folders import MachineError, run_folder, secret_key, var
from escalation.machine.programs import CHECKED


def main(argv: list[str]) -> None:
    """Run a command, beside the desk that runs in this folder where one does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escalation.settings")
    data = var()
    absent = False
    told = (
        needs.PROGRAM in os.environ
    )  # by the desk that it is a program of: it adds nothing itself
    try:
        if "SECRET_KEY" not in os.environ and not told:
            os.environ["SECRET_KEY"] = secret_key(data)
        if not told and argv[1:2] not in (
            ["up"],
            ["doctor"],
        ):  # these look at what the environment itself names
            absent = "DATABASE_URL" not in os.environ and claim.running(data) is None
            os.environ.update(surroundings(data))
        _run(argv, absent=absent)
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
    except (ImproperlyConfigured, MachineError) as refusal:
        sys.exit(str(refusal))
    except OperationalError:
        if not absent:
            raise
        sys.exit("PostgreSQL does not run in this folder. Start the desk: python3 manage.py up")


def _run(argv: list[str], *, absent: bool) -> None:
    if argv[1:2] == ["doctor"]:
        _run_without_apps(argv)  # it says itself what is wrong with the settings
        return
    database = settings.DATABASES["default"]  # settings that make no sense say so here
    if absent:
        database["OPTIONS"].pop("pool", None)  # it would wait for a server that does not come
    if os.environ.get(CHECKED) == "1":
        BaseCommand.requires_system_checks = ()
    if argv[1:2] in (["up"], ["test"]):
        _run_without_apps(argv)
    else:
        execute_from_command_line(argv)


def _run_without_apps(argv: list[str]) -> None:
    """Run a command that only starts others; loading the apps here would cost it a second."""
    command = importlib.import_module(f"escalation.management.commands.{argv[1]}").Command()
    command.run_from_argv(argv)


def surroundings(data: Path) -> dict[str, str]:
    """Return what the environment does not name and commands need to reach this folder's desk.

    Never the system's own servers: those may be somebody else's. Of a database that the environment
    names, the owner is not guessed either.
    """
    run = run_folder(data)
    note = claim.running(data)
    own = {
        "DATABASE_URL": postgres.url(data / "postgres", run, postgres.DESK),
        "DATABASE_OWNER_URL": postgres.url(data / "postgres", run, postgres.OWNER),
        "REDIS_URL": valkey.url(run),
        **(note.environment if note else {}),
    }
    if "DATABASE_URL" in os.environ:
        del own["DATABASE_OWNER_URL"]
    return {name: value for name, value in own.items() if name not in os.environ}
