import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from escalation.demo import cast
from escalation.machine import needs

SDK = settings.BASE_DIR / "sdk" / "python"


class Command(BaseCommand):
    help = "Run the demo's agent beside the desk at BASE_URL until it is stopped."

    def handle(self, **options: Any) -> None:
        """Become the agent: it needs the client of the desk, and nothing of the desk itself."""
        if not settings.DEMO:
            raise CommandError("This desk is not in demo mode (DEMO=true): no demo agent runs.")
        key_file = settings.VAR / f"{cast.AGENT}.key"
        path = os.pathsep.join([str(SDK), str(settings.BASE_DIR)])
        program = [sys.executable, "-m", "escalation.demo.agent", settings.BASE_URL, str(key_file)]
        os.execve(sys.executable, program, {**needs.system(), "PYTHONPATH": path})
