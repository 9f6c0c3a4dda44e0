from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now

from escalation.models import User
from reviewers.memberships import join_role, leave_role
from reviewers.models import Membership
from reviewers.people_admin import UserAdmin

# Pages of libraries, which show secrets of second factors or go past the record.
for model in (Authenticator, UserSession, SocialAccount, SocialApp, SocialToken, EmailAddress):
    admin.site.unregister(model)
admin.site.register(User, UserAdmin)


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin[Membership]):
    """Who holds which role; joining and leaving go through the doors that also set rights."""

    list_display = ["user", "role", "joined_at", "left_at"]
    list_filter = ["role"]
    list_select_related = ["user", "role"]
    fields = ["user", "role"]
    actions = ["end_memberships"]

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Membership, form: forms.ModelForm[Membership], change: bool
    ) -> None:
        joined = join_role(obj.role, obj.user, by=request.user, at=now())
        obj.pk, obj.joined_at = joined.pk, joined.joined_at

    @admin.action(description="End the chosen memberships now", permissions=["change"])
    def end_memberships(self, request: HttpRequest, chosen: QuerySet[Membership]) -> None:
        ended = 0
        for membership in chosen.open(now()).select_related("role", "user"):
            leave_role(membership.role, membership.user, by=request.user, at=now())
            ended += 1
        self.message_user(request, f"{ended} memberships ended.")
