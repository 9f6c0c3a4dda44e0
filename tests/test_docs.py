"""The documentation says what the code does; where it could drift, a test holds them together."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands

from escalation.api import auth, bodies, views  # noqa: F401 -- they name refusals of their own
from escalation.errors import EscalationError
from escalation.management.commands import draw_lifecycle

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
APPS = ("escalation", "reviewers", "routing")
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#([^)\s]+))?\)")
READ = re.compile(r"""(?:env_\w+|environ\.get|getenv)\(\s*["']([A-Z_]+)["']""")
WRITTEN = re.compile(r"""ledger\.(?:append|entry)\(\s*["']([a-z_.]+)["']""")


def code(*folders):
    return "\n".join(path.read_text() for f in folders for path in sorted((ROOT / f).rglob("*.py")))


def all_text():
    return "\n".join(page.read_text() for page in PAGES)


def refusals(error=EscalationError):
    return {error, *(one for below in error.__subclasses__() for one in refusals(below))}


def test_the_life_of_a_case_is_drawn_as_the_code_allows():
    assert (DOCS / "lifecycle.md").read_text() == draw_lifecycle.drawing()


def test_draw_lifecycle_writes_what_it_draws(monkeypatch, tmp_path, settings):
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(draw_lifecycle, "TARGET", tmp_path / "lifecycle.md")

    call_command("draw_lifecycle")

    assert (tmp_path / "lifecycle.md").read_text() == draw_lifecycle.drawing()


def test_every_command_of_ours_is_named():
    ours = [name for name, app in get_commands().items() if app in APPS]

    assert len(ours) >= 10
    assert [name for name in sorted(ours) if f"`{name}" not in all_text()] == []


def test_every_setting_that_is_read_from_the_environment_is_named():
    read = set(READ.findall((ROOT / "escalation" / "settings.py").read_text()))

    documented = (DOCS / "operating.md").read_text()
    assert read >= {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "BASE_URL", "CALLBACK_ALLOW"}
    assert [name for name in sorted(read) if f"`{name}`" not in documented] == []


def test_no_setting_is_named_that_is_not_read():
    table = (DOCS / "operating.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    read = READ.findall(code("escalation")) + re.findall(
        r'environ\[?"?([A-Z_]+)', code("escalation")
    )

    assert [n for n in re.findall(r"^\| `([A-Z_]+)`", table, re.M) if n not in read] == []


def test_every_refusal_is_explained_where_its_type_leads():
    explained = set(re.findall(r"^## (\S+)$", (DOCS / "problems.md").read_text(), re.M))

    told = {one.slug for one in refusals()} - {EscalationError.slug}
    assert sorted(told - explained) == []


def test_every_action_on_the_record_is_in_its_catalogue_and_no_other():
    catalogue = (DOCS / "record.md").read_text().partition("## Actions")[2].partition("\n## ")[0]
    first_column = "\n".join(re.findall(r"^\|([^|]+)\|", catalogue, re.M))

    named = set(re.findall(r"`([a-z_.]+)`", first_column))
    written = set(WRITTEN.findall(code(*APPS))) | {"delivery.delivered", "delivery.given_up"}
    assert named == written


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link[0]]

    assert [to for to, _ in links if not (page.parent / to).exists()] == []
