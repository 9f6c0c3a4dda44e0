import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalation.machine import trial
from escalation.machine.folders import MachineError


class Command(BaseCommand):
    help = "Run pytest, with its own arguments, on servers of its own in a throw-away folder."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass every argument to pytest, which has its own --help."""
        try:
            sys.exit(trial.run(argv[2:]))
        except MachineError as refusal:
            sys.exit(str(refusal))

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("Tests run from the shell: python3 manage.py test")
