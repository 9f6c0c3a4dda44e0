"""The desk's policy: drafted, checked, simulated, published by a second person, rolled back.

Every act names who and when, is one transaction, and ends in an event of the record.
"""

from routing.policies.cautions import Caution, cautions
from routing.policies.changes import Change, Line, between
from routing.policies.content import Content, RouteFacts
from routing.policies.drafting import (
    add_route,
    add_sla,
    change_route,
    change_sla,
    describe,
    draft,
    move_route,
    remove_route,
    remove_sla,
    replace_with,
    seen_as,
)
from routing.policies.publishing import discard, obstacle, publish, roll_back
from routing.policies.reading import of, read
from routing.policies.rights import may_set_policies
from routing.policies.simulation import Fate, Moved, Simulation, Taken, simulate
from routing.policies.yamltext import written

__all__ = [
    "Caution",
    "Change",
    "Content",
    "Fate",
    "Line",
    "Moved",
    "RouteFacts",
    "Simulation",
    "Taken",
    "add_route",
    "add_sla",
    "between",
    "cautions",
    "change_route",
    "change_sla",
    "describe",
    "discard",
    "draft",
    "may_set_policies",
    "move_route",
    "obstacle",
    "of",
    "publish",
    "read",
    "remove_route",
    "remove_sla",
    "replace_with",
    "roll_back",
    "seen_as",
    "simulate",
    "written",
]
