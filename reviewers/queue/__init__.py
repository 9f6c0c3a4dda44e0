"""What waits in a person's roles, by when it breaches: views of it, filters, pages, counts and news.

Every statement walks a partial index role by role and stops at its limit, so that a page costs the
same with a hundred open cases and with a hundred thousand.
"""

from reviewers.queue.counting import CAP, Counts, RoleCount, counts
from reviewers.queue.filters import NO_FILTERS, Filters
from reviewers.queue.news import NEWS, News, arrived, newest
from reviewers.queue.pages import SIZE, Page, page
from reviewers.queue.past import decided, decided_by, overturned
from reviewers.queue.rows import Row
from reviewers.queue.views import NAMES, PAST, View

__all__ = [
    "CAP",
    "NAMES",
    "NEWS",
    "NO_FILTERS",
    "PAST",
    "SIZE",
    "Counts",
    "Filters",
    "News",
    "Page",
    "RoleCount",
    "Row",
    "View",
    "arrived",
    "counts",
    "decided",
    "decided_by",
    "newest",
    "overturned",
    "page",
]
