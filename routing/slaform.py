"""An SLA policy as a form: a table of targets, a chain of steps, how cases are reviewed, the rest."""

import re
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from escalation.enums import Because, PauseReason, Protocol, Stakes, Target
from routing import sla
from routing.enums import TERMINAL, CountedIn, Rung
from routing.sheets import Rows, Sheet, Values, flat, pressed
from routing.sla.reading import LONGEST_LABEL, MOST_REASONS, MOST_STEPS

STEPS, REASONS = "chain/steps", "reasons"
COLUMNS, REASON_COLUMNS = ("do", "wait"), ("label", "key")
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
PROTOCOLS = [
    (Protocol.OPEN, "Open: the proposal in sight"),
    (Protocol.EVIDENCE_FIRST, "Evidence first, then the proposal"),
    (Protocol.COMMIT_FIRST, "Commit first, then what the agent says"),
    (Protocol.TWO_BLIND, "Two people, each blind to the other"),
]
GIVEN = [
    (Because.OPTIONAL, "May be given"),
    (Because.LISTED, "One that is listed"),
    (Because.WRITTEN, "Listed, and in words"),
]
FLAGS = ("shows_question", "decide_in_chat", *(f"review/{one}/step_up" for one in Stakes.values))
REVIEW_HEADS = ("Protocol", "Goes out after", "Reason")
BLANK = {"do": Rung.REMIND.value, "wait": "15m"}


def _length(label: str, nothing: str = "none") -> forms.CharField:
    look = {"placeholder": nothing, "size": 7, "autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        label=label, required=False, max_length=60, widget=forms.TextInput(attrs=look)
    )


def _choice(choices: Any, label: str, initial: str = "") -> forms.CharField:
    """A choice that the reader of facts judges, so that it says the same here as anywhere."""
    return forms.CharField(
        label=label, required=False, initial=initial, widget=forms.Select(choices=choices)
    )


def _key_input() -> forms.TextInput:
    return forms.TextInput(
        attrs={"maxlength": 64, "autocomplete": "off", "spellcheck": "false",
               "placeholder": "made from the words"}
    )  # fmt: skip


def _key_of(label: str) -> str:
    """Return the short name of a reason that was given none: ``The evidence`` is ``the_evidence``."""
    return re.sub(r"[^a-z0-9]+", "_", label.lower())[:64].strip("_")


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

    def __init__(self, data: Any = None, *, steps: int, reasons: int, **given: Any) -> None:
        super().__init__(data, **given)
        self.count, self.reason_count = steps, reasons
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
        for stakes in Stakes:
            self._add_review(stakes)
        for number in range(reasons):
            said = forms.TextInput(attrs={"maxlength": LONGEST_LABEL, "autocomplete": "off"})
            self.fields[f"{REASONS}/{number}/label"] = forms.CharField(
                label=f"Reason {number + 1}", required=False, widget=said
            )
            self.fields[f"{REASONS}/{number}/key"] = forms.CharField(
                label=f"Reason {number + 1}, short name", required=False, widget=_key_input()
            )

    def _add_review(self, stakes: Stakes) -> None:
        at, of = f"review/{stakes}", f"{stakes.label} stakes"
        self.fields[f"{at}/protocol"] = _choice(PROTOCOLS, f"Protocol at {of}")
        self.fields[f"{at}/hold_window"] = _length(f"Goes out after, at {of}", "at once")
        self.fields[f"{at}/because"] = _choice(GIVEN, f"Reason at {of}")
        self.fields[f"{at}/step_up"] = forms.BooleanField(
            label=f"A second factor at {of}", required=False
        )

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

    def review_heads(self) -> tuple[str, ...]:
        return REVIEW_HEADS

    def reviews(self) -> Iterator[tuple[Stakes, list[tuple[str, BoundField]], BoundField]]:
        """Yield stakes by stakes what is chosen of a review, and whether it takes a proof of who signs."""
        for stakes in Stakes:
            parts = zip(REVIEW_HEADS, ("protocol", "hold_window", "because"), strict=True)
            cells = [(head, self.cell("review", stakes.value, part)) for head, part in parts]
            yield stakes, cells, self.cell("review", stakes.value, "step_up")

    def reasons(self) -> Iterator[tuple[int, BoundField, BoundField]]:
        for number in range(self.reason_count):
            yield number, self.cell(REASONS, number, "label"), self.cell(REASONS, number, "key")

    @property
    def has_room_for_reasons(self) -> bool:
        return self.reason_count < MOST_REASONS

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
            "review": {stakes: self._review(stakes) for stakes in Stakes.values},
            "reasons": [self._reason(number) for number in range(self.reason_count)],
        }  # fmt: skip

    def _review(self, stakes: str) -> Values:
        typed, at = self.cleaned_data, f"review/{stakes}"
        return {
            "protocol": typed.get(f"{at}/protocol") or "",
            "hold_window": typed.get(f"{at}/hold_window") or 0,
            "because": typed.get(f"{at}/because") or "",
            "step_up": bool(typed.get(f"{at}/step_up")),
        }

    def _reason(self, number: int) -> Values:
        label = self.cleaned_data.get(f"{REASONS}/{number}/label") or ""
        return {
            "key": self.cleaned_data.get(f"{REASONS}/{number}/key") or _key_of(label),
            "label": label,
        }

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
    reasons = Rows(REASONS, REASON_COLUMNS, facts.pop("reasons"))
    facts["warnings"] = ", ".join(map(str, facts["warnings"]))
    facts["longest_pause"] = facts["longest_pause"] or ""
    for review in facts["review"].values():
        review["hold_window"] = "" if review["hold_window"] == "0s" else review["hold_window"]
    values = flat(facts) | rows.values() | reasons.values() | initial
    return SlaForm(initial=values, steps=len(rows.rows), reasons=len(reasons.rows))


def typed(data: QueryDict) -> SlaForm:
    """Return the form that was posted: to be read, or with a row more, less or elsewhere."""
    steps = Rows.typed(STEPS, COLUMNS, data, MOST_STEPS)
    reasons = Rows.typed(REASONS, REASON_COLUMNS, data, MOST_REASONS)
    act, number = pressed(data)
    counts = {"steps": len(steps.rows), "reasons": len(reasons.rows)}
    if act == "save":
        return SlaForm(data, **counts)
    of_reasons = act.startswith("reason-")
    rows, most = (reasons, MOST_REASONS) if of_reasons else (steps, MOST_STEPS)
    blank = dict.fromkeys(REASON_COLUMNS, "") if of_reasons else dict(BLANK)
    act = act.removeprefix("reason-")
    if act != "add" or len(rows.rows) < most:
        number = rows.act(act, number, blank)
    lists = {name: data.getlist(name) for name in ("pauses", "through_quiet_hours")}
    flags = {name: name in data for name in FLAGS}
    values = data.dict() | lists | flags | steps.values() | reasons.values()
    form = SlaForm(initial=values, steps=len(steps.rows), reasons=len(reasons.rows))
    form.focus(f"{rows.prefix}/{number}/{rows.columns[0]}")
    return form


def _percent(part: str) -> int | str:
    text = part.strip().removesuffix("%").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else part.strip()
