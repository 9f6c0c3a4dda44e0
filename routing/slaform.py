"""An SLA policy as a form: a table of targets, a chain of steps, and the rest."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from escalation.enums import PauseReason, Stakes, Target
from routing import sla
from routing.enums import TERMINAL, CountedIn, Rung
from routing.sheets import Rows, Sheet, Values, flat, pressed
from routing.sla.reading import MOST_STEPS

STEPS = "chain/steps"
COLUMNS = ("do", "wait")
COUNTED = [(CountedIn.WORKING, "working time"), (CountedIn.WALL, "around the clock")]
HEADS = {"first_response": "Read within", "claim": "Taken within", "decision": "Decided within"}
DOES = [
    (Rung.REMIND, "Remind whose turn it is"),
    (Rung.SECONDARY, "Add the secondary on call"),
    (Rung.BACKUP_ROLE, "Hand to the backup role"),
    (Rung.HIGHER_ROLE, "Hand to the higher role"),
    (Rung.HOLD, "Hold until somebody takes it up"),
    (Rung.DENY, "Deny for want of an answer"),
    (Rung.DO_NOTHING, "Close without action"),
]
STARTS = [
    (Target.DECISION, "nobody decides in time"),
    (Target.CLAIM, "nobody takes it in time"),
    (Target.FIRST_RESPONSE, "nobody reads it in time"),
]
PAUSED = [
    (PauseReason.INFORMATION_REQUESTED, "while it waits for information"),
    (PauseReason.HELD, "while it is held"),
]
BLANK = {"do": Rung.REMIND.value, "wait": "15m"}


def _length(label: str) -> forms.CharField:
    look = {"placeholder": "none", "size": 7, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        label=label, required=False, max_length=60, widget=forms.TextInput(attrs=look)
    )


def _choice(choices: Any, label: str, initial: str = "") -> forms.CharField:
    """A choice that the reader of facts judges, so that it says the same here as anywhere."""
    return forms.CharField(
        label=label, required=False, initial=initial, widget=forms.Select(choices=choices)
    )


class SlaForm(Sheet):
    slug = forms.CharField(
        max_length=64, required=False, label="Short name", help_text="Routes and YAML call it this."
    )
    name = forms.CharField(max_length=120, required=False)
    warnings = forms.CharField(
        max_length=80,
        required=False,
        label="Warn at",
        help_text="Percent of each target, rising: 50, 80.",
    )
    pauses = forms.MultipleChoiceField(
        choices=PAUSED, required=False, widget=forms.CheckboxSelectMultiple, label="Clocks stop"
    )
    longest_pause = forms.CharField(
        max_length=60, required=False, label="For at most", help_text="Such as 3d."
    )
    through_quiet_hours = forms.MultipleChoiceField(
        choices=Stakes.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Notices break through quiet hours for",
    )
    shows_question = forms.BooleanField(
        required=False, label="Messages show the question, in one line"
    )
    decide_in_chat = forms.BooleanField(
        required=False, label="Low stakes may be answered from the chat message"
    )

    def __init__(self, data: Any = None, *, steps: int, **given: Any) -> None:
        super().__init__(data, **given)
        self.count = steps
        for stakes in Stakes:
            for kind, head in HEADS.items():
                name = f"targets/{stakes}/{kind}"
                self.fields[f"{name}/within"] = _length(f"{stakes.label}: {head.lower()}")
                self.fields[f"{name}/time"] = _choice(
                    COUNTED, f"{stakes.label}: {head.lower()}, counted in", CountedIn.WORKING
                )
        self.fields["chain/starts_at"] = _choice(STARTS, "When", Target.DECISION)
        self.fields["chain/time"] = _choice(COUNTED, "Waits count in", CountedIn.WALL)
        for number in range(steps):
            self.fields[f"{STEPS}/{number}/do"] = _choice(DOES, f"Step {number + 1}")
            self.fields[f"{STEPS}/{number}/wait"] = _length(f"Wait after step {number + 1}")

    # For the page

    def kinds(self) -> list[str]:
        return list(HEADS.values())

    def table(self) -> Iterator[tuple[Stakes, list[tuple[str, BoundField, BoundField]]]]:
        for stakes in Stakes:
            yield (
                stakes,
                [
                    (head, self[f"targets/{stakes}/{kind}/within"], self[f"targets/{stakes}/{kind}/time"])
                    for kind, head in HEADS.items()
                ],
            )  # fmt: skip

    def steps(self) -> Iterator[tuple[int, BoundField, BoundField]]:
        for number in range(self.count):
            yield number, self.cell(STEPS, number, "do"), self.cell(STEPS, number, "wait")

    @property
    def starts_at(self) -> BoundField:
        return self["chain/starts_at"]

    @property
    def waits(self) -> BoundField:
        return self["chain/time"]

    @property
    def flags(self) -> list[BoundField]:
        return [self["shows_question"], self["decide_in_chat"]]

    @property
    def before_end(self) -> int:
        """Where a new step goes: before the one that ends the chain."""
        last = self.cell(STEPS, self.count - 1, "do").value() if self.count else ""
        return self.count - 1 if last in TERMINAL else self.count

    @property
    def has_room(self) -> bool:
        return self.count < MOST_STEPS

    # Between what is typed and facts

    def facts(self) -> Values:
        """Return what is typed as facts."""
        typed = self.cleaned_data
        targets: Values = {}
        for stakes in Stakes.values:
            for kind in HEADS:
                at = f"targets/{stakes}/{kind}"
                if within := typed.get(f"{at}/within"):
                    told = {"within": within, "time": typed.get(f"{at}/time") or CountedIn.WORKING}
                    targets.setdefault(stakes, {})[kind] = told
        return {
            "slug": typed.get("slug") or "",
            "name": typed.get("name") or "",
            "targets": targets,
            "warnings": [_percent(part) for part in (typed.get("warnings") or "").split(",") if part.strip()],
            "pauses": typed.get("pauses") or [],
            # without a reason to stop there is nothing for it to limit
            "longest_pause": (typed.get("longest_pause") or None) if typed.get("pauses") else None,
            "chain": {
                "starts_at": typed.get("chain/starts_at") or Target.DECISION.value,
                "time": typed.get("chain/time") or CountedIn.WALL.value,
                "steps": [self._step(number) for number in range(self.count)],
            },
            "through_quiet_hours": typed.get("through_quiet_hours") or [],
            "shows_question": bool(typed.get("shows_question")),
            "decide_in_chat": bool(typed.get("decide_in_chat")),
        }  # fmt: skip

    def _step(self, number: int) -> Values:
        do = self.cleaned_data.get(f"{STEPS}/{number}/do") or ""
        wait = self.cleaned_data.get(f"{STEPS}/{number}/wait") or ""
        # the page hides the wait of a step that ends the chain, whatever was typed there before
        return {"do": do} if do in TERMINAL or not wait else {"do": do, "wait": wait}

    def field_at(self, place: str) -> str | None:
        if f"{place}/within" in self.fields:  # one target against another
            return f"{place}/within"
        return super().field_at(place)


def shown(found: sla.Sla | None, **initial: Any) -> SlaForm:
    """Return the form of a policy as it stands, or of a new one."""
    facts = (found or sla.read(sla.STANDARD)).as_written()
    if found is None:
        facts |= {"slug": "", "name": ""}
    rows = Rows(
        STEPS, COLUMNS, [BLANK | {"wait": ""} | step for step in facts["chain"].pop("steps")]
    )
    facts["warnings"] = ", ".join(map(str, facts["warnings"]))
    facts["longest_pause"] = facts["longest_pause"] or ""
    return SlaForm(initial=flat(facts) | rows.values() | initial, steps=len(rows.rows))


def typed(data: QueryDict) -> SlaForm:
    """Return the form that was posted: to be read, or with a row more, less or elsewhere."""
    rows = Rows.typed(STEPS, COLUMNS, data, MOST_STEPS)
    act, number = pressed(data)
    if act == "save":
        return SlaForm(data, steps=len(rows.rows))
    if act != "add" or len(rows.rows) < MOST_STEPS:
        number = rows.act(act, number, dict(BLANK))
    lists = {name: data.getlist(name) for name in ("pauses", "through_quiet_hours")}
    flags = {name: name in data for name in ("shows_question", "decide_in_chat")}
    form = SlaForm(initial=data.dict() | lists | flags | rows.values(), steps=len(rows.rows))
    form.focus(f"{STEPS}/{number}/do")
    return form


def _percent(part: str) -> int | str:
    text = part.strip().removesuffix("%").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else part.strip()
