"""What scripts say. A page carries it as JSON, in its reader's language; no sentence stands in a script."""

from django.utils.translation import gettext_lazy, ngettext

# A number that the languages of the world count so: by it the form for each of its kind is asked for.
COUNTED = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}
SAID = {
    "desk": {
        "signed_out": gettext_lazy(
            "You are signed out. What you typed is still here: sign in in another tab, then go on."
        ),
        "silent": gettext_lazy(
            "The desk does not answer. What you see may be out of date; nothing you typed is lost."
        ),
        "offline": gettext_lazy(
            "You are offline. What you see may be out of date; nothing you typed is lost."
        ),
        "gone": gettext_lazy("This is no longer in your hands. What you see may be out of date."),
        "too_old": gettext_lazy(
            "The form was too old. Nothing was recorded, and what you typed is still here. "
            "Load the page anew in another tab, then go on."
        ),
        "not_yours": gettext_lazy(
            "This case is no longer in your hands. "
            "Nothing was recorded, and what you typed is still here."
        ),
        "failed": gettext_lazy(
            "The desk failed. Nothing was recorded, and what you typed is still here."
        ),
        "no_answer": gettext_lazy(
            "The desk does not answer. Nothing was recorded, and what you typed is still here. "
            "Try again in a moment."
        ),
        "one_at_a_time": gettext_lazy("Several cases are selected. A case is claimed alone."),
        "of_values": gettext_lazy("%(n)s of %(all)s"),
        # as wording.span and wording.left have them
        "seconds": gettext_lazy("%(n)d s"),
        "minutes": gettext_lazy("%(n)d min"),
        "hours": gettext_lazy("%(hours)d h %(minutes)02d"),
        "left": gettext_lazy("%(time)s left"),
        "over": gettext_lazy("%(time)s over"),
    },
    "passkey": {
        "NotAllowedError": gettext_lazy(
            "Nothing was done: it was cancelled, or took too long. Try again."
        ),
        "InvalidStateError": gettext_lazy("This device has a passkey for you here already."),
        "SecurityError": gettext_lazy(
            "This address cannot be used with passkeys. Open the desk under its own name."
        ),
        "NotSupportedError": gettext_lazy("This device cannot make a passkey that the desk takes."),
        "none": gettext_lazy(
            "This browser has no passkeys here. They need HTTPS and a newer browser."
        ),
        "no_answer": gettext_lazy("The desk or the device did not answer. Try again."),
    },
    "push": {
        "none": gettext_lazy(
            "This browser cannot be told here: it needs HTTPS and a newer browser."
        ),
        "denied": gettext_lazy(
            "This browser was told to show no notifications of this desk. "
            "Allow them in its settings for this site, then load the page again."
        ),
        "failed": gettext_lazy(
            "The browser could not reach its push service. Nothing was changed; try again later."
        ),
        "desk": gettext_lazy("The desk did not answer. Nothing was changed; try again."),
        "others": gettext_lazy("You are signed out. Sign in, then try again."),
        "told": gettext_lazy("This browser is told."),
    },
}


def words(of: str) -> dict[str, object]:
    """Return what the scripts of one kind say: ``desk``, ``passkey`` or ``push``."""
    said: dict[str, object] = {name: str(text) for name, text in SAID[of].items()}
    if of == "desk":
        said["days"] = {form: ngettext("%(n)d day", "%(n)d days", n) for form, n in COUNTED.items()}
    return said
