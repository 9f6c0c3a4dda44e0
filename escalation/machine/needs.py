"""What each program is told of the environment: an allow-list, so that no secret goes where none uses it.

What none of the lists names, no program hears of. A setting that is new goes into the list of whoever
reads it; a test compares the lists with ``settings.py``.
"""

import os
from collections.abc import Mapping

PROGRAM = "RECOURSE_PROGRAM"  # its name: whoever starts it has told it all that it needs

SYSTEM = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "TZDIR", "LANG", "LANGUAGE"),
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"),
    *("PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONUTF8"),
    "MALLOC_ARENA_MAX",
)
SYSTEM_BEGINS = "LC_"  # one for each kind of wording
PLACE = ("DJANGO_SETTINGS_MODULE", "RECOURSE_VAR", "RECOURSE_BOOTSTRAP", "RECOURSE_CHECKED")
COMMON = ("BASE_URL", "ALLOWED_HOSTS", "DEMO", "DEBUG", "LOG_LEVEL")
DATA = ("DATABASE_URL", "DATABASE_POOL", "REDIS_URL")
LIBPQ_BEGINS = "PG"  # how to reach a database that the environment names: its certificate, say
OWNER = ("DATABASE_OWNER_URL",)
KEY = ("SECRET_KEY", "SECRET_KEY_FALLBACKS")
DOOR = (
    *("BEHIND_PROXY", "BODY_SECONDS"),
    *("API_CALLS_PER_KEY", "API_CALLS_PER_ADDRESS", "API_REFUSALS_PER_ADDRESS"),
)
CALLBACKS = ("CALLBACK_ALLOW", "CALLBACK_TIMEOUT")
SIGN_IN = (
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_NAME", "OIDC_ROLES_CLAIM"),
    *("OIDC_ROLE_MAP", "OIDC_MAKES_PEOPLE", "OIDC_TRUSTS_MFA"),
)
SLACK_ANSWERS = ("SLACK_SIGNING_SECRET",)
CHANNELS = (
    *("EMAIL_URL", "EMAIL_FROM", "SLACK_BOT_TOKEN", "SLACK_API", "TELEGRAM_BOT_TOKEN"),
    *("WHATSAPP_TOKEN", "WHATSAPP_FROM", "WHATSAPP_TEMPLATE"),
    *("TWILIO_ACCOUNT", "TWILIO_TOKEN", "TWILIO_FROM", "SMS_URL", "SMS_TOKEN"),
)
OUTSIDE = (  # whoever calls others over the network
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)

# The web sends the test that a person asks for at their way to be reached, and waits for what comes of it.
NEEDS: dict[str, tuple[str, ...]] = {
    "web": (*DATA, *KEY, *DOOR, *CALLBACKS, *SIGN_IN, *SLACK_ANSWERS, *CHANNELS, *OUTSIDE),
    # which signs what it tells agents, and the links that it sends people
    "courier": (*DATA, *KEY, *CALLBACKS, *SLACK_ANSWERS, *CHANNELS, *OUTSIDE),
    "rosters": DATA,
    "dispatch": DATA,
    "deadlines": DATA,
    "clock": DATA,
    "migrate": (*DATA, *OWNER),
    "demo": (*DATA, *KEY, *CALLBACKS),
    "admin": (*DATA, *KEY),  # which signs the link of the first administrator
    "agent": (),  # it knows the desk over HTTP alone
}
SETTINGS = frozenset(COMMON).union(*NEEDS.values()) - frozenset(OUTSIDE)


def system(given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what any program needs of the machine, and nothing that is ours."""
    return {
        name: value
        for name, value in given.items()
        if name in SYSTEM or name.startswith(SYSTEM_BEGINS)
    }


def environment(name: str, own: Mapping[str, str]) -> dict[str, str]:
    """Return what the program of this name is told: ``own``, over what our own environment says."""
    given = {**os.environ, **own}
    wanted = {*PLACE, *COMMON, *NEEDS.get(name, DATA)}
    told = {key: value for key, value in given.items() if key in wanted}
    if "DATABASE_URL" in told and "DATABASE_URL" in os.environ:
        told |= {key: value for key, value in given.items() if key.startswith(LIBPQ_BEGINS)}
    return {**system(given), **told, PROGRAM: name}
