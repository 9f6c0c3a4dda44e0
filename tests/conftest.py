"""What every test may ask for. `python3 manage.py test` starts the servers that all of it stands on."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import client

from tests import laws  # noqa: F401  its profiles: one of them can be asked for

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
LONG = {"machine", "demo", "sdk", "test_who_may.py", "test_kinds_of_pictures.py"}


def pytest_configure() -> None:
    """Spare each test what a living desk pays once, or is slow by design.

    A static file is looked up when it is asked for: else each client looks at all there are. What
    was imported stays: it is not looked through for garbage, and the rest is more seldom.
    """
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def only_the_page_keeps_its_context() -> Iterator[None]:
    """``response.context`` is of the page: Django copies that of each of its fifty partials too."""
    keep = client.store_rendered_templates

    def keep_first(store: dict[str, Any], signal: Any, sender: Any, **rendered: Any) -> None:
        if "context" not in store:
            keep(store, signal, sender, **rendered)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "store_rendered_templates", keep_first)
        yield


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what ``manage.py test --quick`` leaves out."""
    asked = LIVING_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    if asked or LIVING_FOLDERS.intersection(item.path.parts):
        item.add_marker(pytest.mark.living)
    if LONG.intersection(item.path.parts):
        item.add_marker(pytest.mark.long)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no process ends with it alone; else at random, as before."""
    gc.freeze()
    items.sort(
        key=lambda item: not any(item.iter_markers("living")) and not any(item.iter_markers("long"))
    )
