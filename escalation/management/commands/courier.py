from typing import Any

from django.core.management.base import BaseCommand

from escalation.delivery import courier


class Command(BaseCommand):
    help = "Run the courier: tells agents and people what is due in PostgreSQL, until stopped."

    def handle(self, **options: Any) -> None:
        courier.run_until_told()
