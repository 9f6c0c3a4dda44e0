"""What every test may ask for. `python3 manage.py test` starts the servers that all of it stands on."""

import os

import pytest
from django.conf import settings

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.desk",
    "tests.fixtures.browser",
    "tests.fixtures.callers",
    "tests.fixtures.sink",
    "tests.fixtures.provider",
    "tests.fixtures.language",
]

# What takes long, in piles of about the same length; each needs desks of its own, made once a process.
PILES = (
    {"browser"},
    {"strain", "machine", "sdk", "journeys"},
    {"demo", "test_who_may.py"},
)


def pytest_configure() -> None:
    """Spare each test what a living desk pays once, or is slow by design.

    A static file is looked up when it is asked for: else each client looks at all there are.
    """
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each process begin with its piles, so that none ends with them alone; all else at random.

    xdist gives each process a stretch of the same length, and whoever is done takes from the ends.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    stretches: list[list[pytest.Item]] = [[] for _ in range(processes)]
    short = []
    for item in items:
        pile = next((n for n, one in enumerate(PILES) if one.intersection(item.path.parts)), None)
        (short if pile is None else stretches[pile % processes]).append(item)
    left = len(items)
    for process, stretch in enumerate(stretches):
        lacks = max(0, left // (processes - process) - len(stretch))
        stretch += short[:lacks]
        del short[:lacks]
        left -= len(stretch)
    items[:] = [item for stretch in stretches for item in stretch] + short
