"""Fields that several models share."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

DAY = 24 * 60
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


def clock(minutes: int) -> str:
    """Return minutes after midnight as ``09:30``; the end of the day is ``24:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes(text: str) -> int:
    """Return what ``09:30`` or ``24:00`` is in minutes after midnight. Raises ValueError."""
    found = CLOCK.fullmatch(text.strip())
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > DAY:
        raise ValueError(f"{text!r} is no time of day")
    return int(found[1]) * 60 + int(found[2])


class ClockFormField(forms.CharField):
    def prepare_value(self, value: Any) -> Any:
        return clock(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return minutes(text)
        except ValueError:
            raise ValidationError("Give a time of day such as 09:30, at most 24:00.") from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class ClockField(models.PositiveSmallIntegerField):  # type: ignore[type-arg]
    """A time of day on the wall, in minutes after midnight: 0 to 1440, which is ``24:00``."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.validators.append(MaxValueValidator(DAY))

    def formfield(self, **given: Any) -> Any:
        # No max_length on the field itself: it would measure the minutes, which are a number. And no
        # other widget: the administration gives every column of numbers an input of numbers.
        look = {"size": 5, "maxlength": 5, "placeholder": "09:00", "inputmode": "numeric"}
        widget = forms.TextInput(attrs=look)
        return models.Field.formfield(
            self, **{"form_class": ClockFormField, **given, "widget": widget}
        )
