"""The shape of the code: imports go down only, modules are named for a subject and stay readable."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("escalation", "reviewers", "routing")
VAGUE = {"utils", "helpers", "services", "common", "misc", "signals"}


def modules():
    """Return every Python file of ours but migrations, which are written once."""
    found = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def named(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def test_imports_go_down_only():
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stdout


def test_no_module_is_named_for_nothing():
    assert [path for path in named(modules()) if Path(path).stem in VAGUE] == []


def test_no_module_has_outgrown_its_subject():
    assert named(path for path in modules() if len(path.read_text().splitlines()) > 400) == []


@pytest.mark.parametrize("word", ["django.test", "unittest", "from tests", "import tests"])
def test_nothing_that_runs_knows_of_tests(word):
    machine = ROOT / "escalation" / "machine"  # it starts them

    knowing = [
        path for path in modules() if machine not in path.parents and word in path.read_text()
    ]

    assert named(knowing) == []
