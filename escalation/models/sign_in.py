"""What all web processes must know together about signing in."""

from __future__ import annotations

from django.db import models


class Tries(models.Model):
    """How often in a row something was tried in vain: a name, a browser, an address, a code.

    ``key`` is a keyed hash (``tries.Door``): what people type into a name box may be a password.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index("last_at", name="tries_stale")]


class Shared(models.Model):
    """The table of Django's database cache: a code that was used once is used in every process."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)
