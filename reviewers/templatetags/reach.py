"""What the page of ways to reach somebody shows of them."""

from django import template

from reviewers import subscriptions

register = template.Library()
register.filter("fingerprint", subscriptions.fingerprint)
