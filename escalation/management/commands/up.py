import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from escalation.machine import up
from escalation.machine.console import Console
from escalation.machine.folders import MachineError, var


class Command(BaseCommand):
    help = "Run the whole desk on this machine: PostgreSQL, Redis, the web, workers, the clock."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="fill it, and let an agent live beside it"
        )
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to answer on; 0.0.0.0: every one"
        )
        parser.add_argument("--port", type=port, help="default: 8000, or the next free one")

    def handle(self, **options: Any) -> None:
        demo = options["demo"] or settings.DEMO
        wish = up.Wish(var(), options["host"], options["port"], demo, list(settings.RQ_QUEUES))
        try:
            up.run(wish, Console(sys.stdout))
        except MachineError as refusal:
            raise CommandError(str(refusal)) from None


def port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise ArgumentTypeError("give a port from 0 to 65535; 0 takes any that is free")
    return int(text)
