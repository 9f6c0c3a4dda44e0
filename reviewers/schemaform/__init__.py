"""A form from an option's JSON Schema: what to ask, what was filled in, and how both come together.

The schema is checked elsewhere (``escalation.parameters``); here it only becomes inputs. What has no
input of its own is asked for as JSON, so that no schema is beyond a reviewer's reach.
"""

from reviewers.schemaform.drawing import build
from reviewers.schemaform.faults import check, point_out
from reviewers.schemaform.inputs import Input
from reviewers.schemaform.keeping import ROOM, keep_long
from reviewers.schemaform.reading import posted, read
from reviewers.schemaform.reshaping import reshaped

__all__ = [
    "ROOM",
    "Input",
    "build",
    "check",
    "keep_long",
    "point_out",
    "posted",
    "read",
    "reshaped",
]
