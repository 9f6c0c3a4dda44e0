"""What waits in a person's roles, by when it breaches: views of it, filters, pages, counts and news.

Every statement walks a partial index role by role and stops at its limit, so that a page costs the
same with a hundred open cases and with a hundred thousand.
"""

from reviewers.queue.counting import CAP, Counts, RoleCount, counts
from reviewers.queue.filters import NO_FILTERS, Filters
from reviewers.queue.lists import Listed, decided_by, listed
from reviewers.queue.news import NEWS, News, arrived, newest
from reviewers.queue.pages import SIZE, Page, page
from reviewers.queue.rows import Row
from reviewers.queue.views import LISTS, NAMES, View

__all__ = [
    "CAP",
    "LISTS",
    "NAMES",
    "NEWS",
    "NO_FILTERS",
    "SIZE",
    "Counts",
    "Filters",
    "Listed",
    "News",
    "Page",
    "RoleCount",
    "Row",
    "View",
    "arrived",
    "counts",
    "decided_by",
    "listed",
    "newest",
    "page",
]
