from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from routing import clock


def seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        raise ArgumentTypeError("give a number of seconds") from None
    if not 0.05 <= found <= 60:
        raise ArgumentTypeError("give 0.05 to 60 seconds")
    return found


class Command(BaseCommand):
    help = "Run the clock: claims what is due in PostgreSQL and rings the workers, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--every", type=seconds, default=1.0, help="the longest that it sleeps, in seconds"
        )

    def handle(self, **options: Any) -> None:
        clock.run_until_told(every=options["every"])
