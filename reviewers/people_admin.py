"""The admin's pages of people: joining, leaving, and helping those who cannot get in."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now

from escalation import people, sessions
from escalation.models import User
from reviewers import leavers

LINK = "Nobody types another's password here: make a one-time link, under which they choose it."
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
ABOVE = "{} is an administrator above you."
OWN = "Your own account stays open: another administrator can close it."


# Pages of libraries, which show secrets of second factors or go past the record.
for model in (Authenticator, UserSession, SocialAccount, SocialApp, SocialToken, EmailAddress):
    admin.site.unregister(model)


@admin.register(User)
class UserAdmin(BaseUserAdmin[User]):
    list_display = ["username", "name", "email", "is_active", "is_staff"]
    fieldsets = (*(BaseUserAdmin.fieldsets or ()), ("Reading", {"fields": ["time_zone"]}))
    actions = ["close", "open_again", "make_link", "take_factors", "end_sessions"]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False  # somebody who leaves is made inactive; what they did stays theirs

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody changes an administrator above them."""
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Rights are given by who has them all, and not by who may only edit people."""
        given = super().get_readonly_fields(request, obj)
        return given if request.user.is_superuser else (*given, *RIGHTS)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        messages.warning(request, LINK)
        return redirect(reverse("admin:escalation_user_change", args=[id]))

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm[User], change: bool
    ) -> None:
        """Save, but leave closing and opening to the doors that also end sessions and record it."""
        turned = change and "is_active" in form.changed_data
        wanted = obj.is_active
        if turned:
            obj.is_active = not wanted
        super().save_model(request, obj, form, change)
        if turned:
            self._turn(request, obj, wanted)

    def _turn(self, request: HttpRequest, user: User, active: bool) -> bool:
        """Open or close an account; False where it is one's own."""
        if not active and user.pk == request.user.pk:
            messages.error(request, OWN)
            return False
        act = leavers.welcome_back if active else leavers.see_off
        act(user, by=request.user, at=now())
        return True

    @admin.action(description="Close the account now", permissions=["change"])
    def close(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        closed = sum(
            self._turn(request, user, active=False) for user in self._allowed(request, chosen)
        )
        if closed:
            messages.success(request, f"Closed: {closed}. Their sessions are ended.")

    @admin.action(description="Open the account again", permissions=["change"])
    def open_again(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        opened = sum(
            self._turn(request, user, active=True) for user in self._allowed(request, chosen)
        )
        if opened:
            messages.success(request, f"Opened again: {opened}.")

    @admin.action(description="Make a one-time link for a password", permissions=["change"])
    def make_link(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in self._allowed(request, chosen.filter(is_active=True)):
            link = people.one_time_link(user, by=request.user, at=now())
            said = f"For {user.username}, once, within the hour: {link}"
            messages.success(request, said)

    @admin.action(description="Take away the second factors", permissions=["change"])
    def take_factors(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        for user in self._allowed(request, chosen):
            taken = people.remove_factors(user, by=request.user, at=now())
            said = "The factors of {} are taken away." if taken else "There were none of {}."
            messages.success(request, said.format(user.username))

    @admin.action(description="End all sessions", permissions=["change"])
    def end_sessions(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        allowed = self._allowed(request, chosen)
        ended = sum(sessions.end_all(user, by=request.user, at=now()) for user in allowed)
        if allowed:
            messages.success(request, f"{ended} sessions are ended.")

    def _allowed(self, request: HttpRequest, chosen: QuerySet[User]) -> list[User]:
        """Return those whom this administrator may change."""
        for user in (found := list(chosen)):
            if not self.has_change_permission(request, user):
                messages.error(request, ABOVE.format(user.username))
        return [user for user in found if self.has_change_permission(request, user)]
