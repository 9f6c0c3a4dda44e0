from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class CaseText(models.Model):
    """The words that a case is found by (``escalation.search``): made of its package, never kept for it.

    Nothing that is withheld from a reviewer before their own answer is among them.
    """

    case = models.OneToOneField(
        "escalation.Case", models.CASCADE, primary_key=True, related_name="words"
    )
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex("words", name="casetext_words")]
