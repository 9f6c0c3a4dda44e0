"""What comes with an .ics file: whose absences it holds, or whom it puts on call, and why."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.timezone import now

from escalation import access
from escalation.models import Role, User
from reviewers.enums import AbsenceKind, OverrideKind
from reviewers.ics.lines import MOST_BYTES
from reviewers.models import Membership

KINDS = [
    (OverrideKind.ADD, "is added beside whoever is on"),
    (OverrideKind.COVER, "is on alone, whatever the layers say"),
]


class FileForm(forms.Form):
    """The file itself. How long it is is asked before a byte of it is read."""

    file = forms.FileField(
        label="File",
        help_text="An .ics file of at most 1 MB, from a calendar program.",
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )

    def clean_file(self) -> bytes:
        file: UploadedFile = self.cleaned_data["file"]
        size = file.size or 0
        if size > MOST_BYTES:
            raise forms.ValidationError(
                f"The file has {size / MOST_BYTES:.1f} MB; at most 1 MB is read. "
                "Export less, such as only the year ahead."
            )
        return bytes(file.read())


class AbsenceFileForm(FileForm):
    kind = forms.ChoiceField(label="You are away for", choices=AbsenceKind.choices)
    note = forms.CharField(
        max_length=255, required=False, help_text="For you and those who manage your roles."
    )
    field_order = ["file", "kind", "note"]


class OverrideFileForm(FileForm):
    """Only roles that the reader manages, and people who hold one of them."""

    role = forms.ModelChoiceField(Role.objects.none(), empty_label=None)
    person = forms.ModelChoiceField(User.objects.none(), empty_label=None)
    kind = forms.ChoiceField(label="In that time the person", choices=KINDS)
    position = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=9,
        help_text="1 is primary. Empty: whichever is free.",
    )
    reason = forms.CharField(max_length=255, help_text="Whoever is affected reads it.")
    field_order = ["role", "person", "kind", "position", "reason", "file"]

    def __init__(self, reader: User, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        roles: QuerySet[Role] = access.managed_roles(reader)
        self.fields["role"].queryset = roles  # type: ignore[attr-defined]
        self.fields["person"].queryset = people_of(roles)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role, person = cleaned.get("role"), cleaned.get("person")
        if role and person and not people_of(Role.objects.filter(pk=role.pk)).contains(person):
            self.add_error("person", f"{person} is not in {role}.")
        return cleaned


def people_of(roles: QuerySet[Role]) -> QuerySet[User]:
    held = Membership.objects.open(now()).filter(role__in=roles).values("user")
    return User.objects.filter(pk__in=held, is_active=True).order_by("first_name", "username")
