"""Models that point to one another, made in one step of a migration and unmade again."""

import pytest
from django.db import connection, models
from django.db.migrations.operations.models import CreateModel
from django.db.migrations.state import ProjectState

from escalation.atonce import CreateModels

pytestmark = pytest.mark.django_db


def pointing(name, to):
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("to", models.ForeignKey(to, models.PROTECT, null=True)),
    ]
    return CreateModel(name, fields)


def tables():
    return {name for name in connection.introspection.table_names() if name.startswith("rings_")}


def test_models_of_a_ring_are_made_and_unmade_in_one_step():
    step = CreateModels([pointing("One", "rings.Two"), pointing("Two", "rings.One")])
    before, after = ProjectState(), ProjectState()
    assert not before.apps.all_models["rings"]
    step.state_forwards("rings", after)

    with connection.schema_editor() as editor:
        step.database_forwards("rings", editor, before, after)
    made = tables()
    with connection.cursor() as cursor:
        pointed = connection.introspection.get_relations(cursor, "rings_one")
    with connection.schema_editor() as editor:
        step.database_backwards("rings", editor, after, before)

    assert made == {"rings_one", "rings_two"}
    assert pointed == {"to_id": ("id", "rings_two")}
    assert tables() == set()


def test_models_worked_out_before_the_step_are_worked_out_again_after_it():
    state = ProjectState()
    assert not state.apps.all_models["rings"]

    CreateModels([pointing("One", "self")]).state_forwards("rings", state)

    assert state.apps.get_model("rings", "One")._meta.get_field("to").related_model is not None
