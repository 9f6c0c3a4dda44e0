"""Fields that several models share."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from escalation.values.mail_address import read_mail_address

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


class MailAddressFormField(forms.CharField):
    """One e-mail address, kept as it is sent to. Not ``type=email``: browsers know fewer of them."""

    LOOK = {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"widget": forms.TextInput(attrs=self.LOOK), **given})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return str(read_mail_address(text)) if text else ""


class MailAddressField(models.EmailField):  # type: ignore[type-arg]
    """An e-mail address of any kind that mail can be sent to, or none."""

    default_validators = []  # Django's own refuses quoted local parts and letters outside ASCII

    def clean(self, value: Any, model_instance: Any) -> Any:
        cleaned = super().clean(value, model_instance)
        return str(read_mail_address(cleaned)) if cleaned else cleaned

    def formfield(self, **given: Any) -> Any:
        if "widget" in given:  # the administration's: of type=email
            look = {**MailAddressFormField.LOOK, "class": "vTextField"}
            given["widget"] = forms.TextInput(attrs=look)
        return super().formfield(**{"form_class": MailAddressFormField, **given})
