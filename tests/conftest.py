"""What every test may ask for. `python3 manage.py test` starts the servers that all of it stands on."""

import pytest
from django.conf import settings

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.desk",
    "tests.fixtures.browser",
    "tests.fixtures.callers",
    "tests.fixtures.sink",
    "tests.fixtures.receivers",
    "tests.fixtures.provider",
    "tests.fixtures.language",
]

LIVING_FOLDERS = {"strain", "browser"}
LIVING_FIXTURES = {"desk", "second", "page"}
LONG = {"strain", "browser", "machine", "demo", "sdk", "test_who_may.py"}


def pytest_configure() -> None:
    """Spare each test what a living desk pays once, or is slow by design.

    A static file is looked up when it is asked for: else each client looks at all there are.
    """
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what needs a desk that runs, or a browser: ``manage.py test --quick`` leaves it out."""
    asked = LIVING_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    if asked or LIVING_FOLDERS.intersection(item.path.parts):
        item.add_marker(pytest.mark.living)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process ends with it alone; else at random, as before."""
    items.sort(key=lambda item: not LONG.intersection(item.path.parts))
