"""The roster desk: where managers staff their roles, in Django's admin and in our own pages of it."""

from reviewers import people_admin  # noqa: F401 -- people's accounts; registers itself
from reviewers.admin import layers, memberships, people, roles, rosters, standins

__all__ = ["layers", "memberships", "people", "roles", "rosters", "standins"]
