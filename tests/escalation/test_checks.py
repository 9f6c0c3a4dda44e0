import os
import subprocess
import sys

from django.conf import settings

from escalation.checks import effects_have_jobs, warnings_can_be_asked
from escalation.enums import EffectKind


def test_every_kind_of_effect_has_a_queue_and_a_job():
    assert effects_have_jobs() == []


def test_a_queue_or_a_job_that_there_is_not_is_found_at_start(settings):
    settings.EFFECTS = settings.EFFECTS | {
        EffectKind.DISPATCH: ("express", "routing.jobs.dispatch"),
        EffectKind.ROSTER: ("rosters", "reviewers.jobs.forget"),
    }

    assert [error.id for error in effects_have_jobs()] == ["escalation.E001", "escalation.E002"]


def test_a_kind_that_was_forgotten_is_found_at_start(settings):
    settings.EFFECTS = settings.CARRIERS = {}

    assert [error.id for error in effects_have_jobs()] == ["escalation.E001"] * len(EffectKind)


def test_what_the_courier_is_to_do_and_there_is_not_is_found_at_start(settings):
    settings.CARRIERS = settings.CARRIERS | {"digest": "reviewers.notifications.sending.NOTHING"}

    assert [error.id for error in effects_have_jobs()] == ["escalation.E002"]


def test_a_warning_that_cannot_be_asked_is_found_at_start(settings):
    assert warnings_can_be_asked() == []

    settings.WARNINGS = ["reviewers.alarms.nothing_of_the_kind"]

    assert [error.id for error in warnings_can_be_asked()] == ["escalation.E003"]


def test_a_desk_on_https_passes_the_checks_of_a_deployment() -> None:
    environment = os.environ | {
        "BASE_URL": "https://desk.example", "ALLOWED_HOSTS": "desk.example", "DEBUG": "", "DEMO": "",
        "SECRET_KEY": "".join(chr(33 + n) for n in range(70)),
    }  # fmt: skip
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)  # which tests of browsers set
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    checked = subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=120
    )

    assert (checked.returncode, checked.stderr.count("WARNINGS")) == (0, 0), checked.stderr
