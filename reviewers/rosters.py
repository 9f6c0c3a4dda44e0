"""Editing a roster: a layer is published, undone or retired; the past stays as it was."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext_noop as _

from escalation import ledger
from escalation.actors import Actor, actor_id
from escalation.models import Role
from reviewers import facts, shifts
from reviewers.errors import NothingToUndo
from reviewers.models import DutyWindow, Layer, LayerVersion, Roster, Turn


def roster_of(role: Role) -> Roster:
    """Return the role's roster; it is made when it is first asked for."""
    return Roster.objects.get_or_create(role=role)[0]


@transaction.atomic
def publish(layer: Layer, *, by: Actor, at: datetime) -> LayerVersion | None:
    """Let the saved layer, with its turns and windows, decide who is on call from ``at`` on.

    The turn in progress stays with who has it. Returns None when nothing differs from what is in
    force already.
    """
    lock(layer.roster)
    new = facts.saved_snapshot(layer)
    current = _in_force(layer)
    if current and current.facts == new:
        return None
    offset = facts.offset_after(facts.version_of(current), new, at) if current else 0
    version = _put_in_force(layer, current, new, offset, by=by, at=at)
    ledger.append(
        "roster.published",
        subject=layer.roster.role,
        by=by,
        at=at,
        layer=str(layer.pk),
        version=version.number,
        rule=new,
        offset=offset,
    )
    shifts.plan_again(layer.roster.role, by=by, at=at)
    return version


@transaction.atomic
def undo(layer: Layer, *, by: Actor, at: datetime) -> LayerVersion:
    """Bring the layer back to what it was before its last edit, as a new version.

    Raises NothingToUndo when there was none.
    """
    lock(layer.roster)
    before = layer.versions.order_by("-number")[1:2]
    if not before:
        raise NothingToUndo(
            _("%(layer)s has only one version; there is nothing to go back to."), layer=layer
        )
    _restore(layer, before[0].facts)
    version = publish(layer, by=by, at=at)
    if version is None:
        raise NothingToUndo(_("%(layer)s already is as it was before."), layer=layer)
    return version


@transaction.atomic
def retire(layer: Layer, *, by: Actor, at: datetime) -> None:
    """Take a layer out of use. What it planned from ``at`` on goes; what was stays."""
    lock(layer.roster)
    if current := _in_force(layer):
        _close(current, at)
    layer.retired_at = at
    layer.save(update_fields=["retired_at"])
    ledger.append(
        "roster.layer_retired",
        subject=layer.roster.role,
        by=by,
        at=at,
        layer=str(layer.pk),
        name=layer.name,
    )
    shifts.plan_again(layer.roster.role, by=by, at=at)


def lock(roster: Roster) -> None:
    """One edit of a roster at a time, and none while its shifts are being written."""
    shifts.lock(roster.role_id)


def _in_force(layer: Layer) -> LayerVersion | None:
    return layer.versions.filter(in_force__upper_inf=True).first()


def _put_in_force(
    layer: Layer,
    current: LayerVersion | None,
    new: dict[str, Any],
    offset: int,
    *,
    by: Actor,
    at: datetime,
) -> LayerVersion:
    number = (layer.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1
    if current:
        _close(current, at)
    return LayerVersion.objects.create(
        layer=layer,
        number=number,
        facts=new,
        offset=offset,
        in_force=DateTimeTZRange(at, None),
        made_by=actor_id(by),
        made_at=at,
    )


def _close(version: LayerVersion, at: datetime) -> None:
    version.in_force = DateTimeTZRange(version.in_force.lower, max(at, version.in_force.lower))
    version.save(update_fields=["in_force"])


def _restore(layer: Layer, was: dict[str, Any]) -> None:
    plain = {name: value for name, value in was.items() if name not in ("groups", "windows")}
    for name, value in plain.items():
        setattr(layer, name, Layer._meta.get_field(name).to_python(value))
    layer.save(update_fields=list(plain))
    layer.turns.all().delete()
    for order, group in enumerate(was["groups"], 1):
        Turn.objects.create(layer=layer, order=order).members.set(group)
    layer.windows.all().delete()
    DutyWindow.objects.bulk_create([DutyWindow(layer=layer, **window) for window in was["windows"]])
