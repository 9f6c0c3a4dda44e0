from __future__ import annotations

from django.db import models


class Rendering(models.Model):
    """A page of a document as a picture, kept for a while; or why it cannot be shown.

    It is made again when it is gone, and no part of the record.
    """

    sha256 = models.CharField(max_length=64)
    page = models.PositiveIntegerField()
    pages = models.PositiveIntegerField(default=1)
    frames = models.PositiveIntegerField(default=1)  # of an image that moves; the first is shown
    width = models.PositiveIntegerField(default=0)  # in pixels
    height = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True)  # that stands on the page, where it says
    note = models.CharField(max_length=16, blank=True)  # how it had to be read to be seen
    body = models.BinaryField(null=True)  # WebP
    problem = models.TextField(blank=True)  # a sentence
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sha256", "page"], name="rendering_once_a_page"),
            models.CheckConstraint(
                condition=models.Q(problem="", body__isnull=False)
                | (~models.Q(problem="") & models.Q(body=None)),
                name="rendering_shows_or_says_why_not",
            ),
        ]
        indexes = [models.Index(fields=["made_at"], name="rendering_old")]
