"""A person's keyboard: whether single keys do anything, and which."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from escalation.views.people import person
from reviewers import keyboard, profiles


class KeysForm(forms.Form):
    """One short field for each act. What is typed for one stays when another is refused."""

    on = forms.BooleanField(required=False)

    def __init__(self, data: QueryDict | None = None, **given: Any) -> None:
        super().__init__(data, **given)
        for act in keyboard.ACTS:
            self.fields[act.name] = forms.CharField(
                label=act.label,
                required=False,
                max_length=8,
                widget=forms.TextInput(
                    {"class": "input mono", "autocomplete": "off", "autocapitalize": "none"}
                ),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        keys = {act.name: " ".join(cleaned.get(act.name, "").split()) for act in keyboard.ACTS}
        for name, said in keyboard.faults(keys).items():
            self.add_error(name, said)
        return {"on": cleaned.get("on", False), "keys": keys}

    def parts(self) -> Iterator[tuple[Any, list[forms.BoundField], list[Any]]]:
        """Yield each place with its fields, and what cannot be changed there."""
        for place, head in keyboard.HEADS.items():
            fields = [self[act.name] for act in keyboard.ACTS if act.place == place]
            yield head, fields, [one for one in keyboard.FIXED if one[1] == place]


@require_http_methods(["GET", "POST"])
@never_cache
def keys(request: HttpRequest) -> HttpResponse:
    user = person(request)
    if request.method == "POST" and "reset" in request.POST:
        profiles.keep_keys(user, keyboard.in_force({}), on=True)
        messages.success(request, _("The keys are those that everybody starts with."))
        return redirect("reviewers:keys")
    profile = profiles.profile_of(user)
    held = keyboard.in_force(profile.keys) | {"on": profile.has_keys}
    form = KeysForm(request.POST if request.method == "POST" else None, initial=held)
    if request.method == "POST" and form.is_valid():
        profiles.keep_keys(user, form.cleaned_data["keys"], on=form.cleaned_data["on"])
        said = _("Your keys are kept.") if form.cleaned_data["on"] else _("Single keys are off.")
        messages.success(request, said)
        return redirect("reviewers:keys")
    context = {"section": "account", "form": form, "own": keyboard.own(dict(profile.keys))}
    status = 422 if form.is_bound else 200
    return render(request, "reviewers/keys.html", context, status=status)
