"""Settings come from the environment; a value that makes no sense stops the process with a sentence."""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from escalation.environment import (
    database,
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_mail_url,
    env_networks,
    env_role_map,
    env_secret,
    env_sender,
    env_url,
)

django_stubs_ext.monkeypatch()  # lets forms and admins name their model's type

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("RECOURSE_VAR") or BASE_DIR / "var")


# What runs here ------------------------------------------------------------------------------

DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
SECRET_KEY = env_secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
BASE_URL = os.environ.get("BASE_URL", "http://localhost:8000").rstrip("/")
if urlsplit(BASE_URL).scheme not in ("http", "https") or not urlsplit(BASE_URL).hostname:
    raise ImproperlyConfigured(f"BASE_URL must be an http or https address, not {BASE_URL!r}.")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(BASE_URL))]

INSTALLED_APPS = [
    # before ours, which take their pages out of the admin: they show secrets, or run what anybody
    # on the staff tells them
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_rq",
    "escalation",
    "reviewers",
    "routing",
    "guardian",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

# The order is Django's own advice; SignedIn closes every page that does not open itself.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "escalation.middleware.RequestId",
    "escalation.middleware.Unkept",
    "escalation.middleware.ProblemAnswers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "escalation.middleware.OwnLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "escalation.hats.Hat",
    "escalation.middleware.SignedIn",
    "escalation.middleware.OwnTimeZone",
    "reviewers.middleware.OwnNumerals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "reviewers.middleware.SecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "escalation.urls"
ASGI_APPLICATION = "escalation.asgi.application"
WSGI_APPLICATION = "escalation.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewers.context.frame",
            ]
        },
    }
]

# PostgreSQL is the truth. The desk's own login may not change the record; the owner migrates. ---

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///recourse")
DATABASE_OWNER_URL = os.environ.get("DATABASE_OWNER_URL") or DATABASE_URL
# Only these commands act as the owner; everything else has the desk's own, narrower login.
OWNER_COMMANDS = {"migrate", "makemigrations", "flush", "dbshell"}
AS_OWNER = len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS
DATABASE_POOL = env_int("DATABASE_POOL", 12, least=1, most=200)
DATABASES = {
    "default": database(
        DATABASE_OWNER_URL if AS_OWNER else DATABASE_URL,
        # The pool looks for a PostgreSQL that went away ever less often. It soon gives that up
        # instead, so that each new request looks at once; one in line waits ten seconds at most.
        pool={
            "min_size": 1,
            "max_size": DATABASE_POOL,
            "timeout": 10,
            "reconnect_timeout": 2,
        },
    )
}
DESK_DATABASE_ROLE = database(DATABASE_URL)["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The cache holds what all web processes must agree on, such as a code that was used. Not in Redis:
# without it people must still be able to sign in, and a code used before it died stays used.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "escalation_shared",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# Redis only carries ids to workers; what is due is decided in PostgreSQL. ------------------------

REDIS_URL = env_url("REDIS_URL", "redis://localhost:6379/0", "redis", "rediss", "unix")
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 120, "DEFAULT_RESULT_TTL": 0}
    for name in ("dispatch", "deadlines", "rosters")
}
RQ = {"COMMIT_MODE": "auto"}

# Which queue and which job carries out which kind of effect. Strings, so that the base app names
# the apps above it without importing them; `checks.py` resolves each.
EFFECTS = {
    "dispatch": ("dispatch", "routing.jobs.dispatch"),
    "deadline": ("deadlines", "routing.jobs.act"),
    "release": ("deadlines", "reviewers.jobs.release"),
    "seat": ("dispatch", "reviewers.jobs.seat"),
    "lease": ("dispatch", "reviewers.jobs.lapse"),
    "roster": ("rosters", "reviewers.jobs.plan"),
    "membership": ("dispatch", "reviewers.jobs.turn_membership"),
    "competence": ("dispatch", "reviewers.jobs.look_at_competence"),
    "stop": ("dispatch", "escalation.jobs.see_to_stopped"),
    "arrival": ("dispatch", "reviewers.jobs.tell_of_arrivals"),
    "holidays": ("rosters", "reviewers.jobs.look_at_holidays"),
}

# What calls somebody outside is carried out by the courier itself; each names its ``Errands``.
CARRIERS = {
    "delivery": "escalation.delivery.deliveries.DELIVERIES",
    "notice": "reviewers.notifications.sending.NOTICES",
    "digest": "reviewers.notifications.sending.DIGESTS",
}

# Who else has something to warn of, each ``(at=) -> list[str]``; strings for the same reason.
WARNINGS = [
    "routing.alarms.only_fallbacks",
    "reviewers.alarms.short_plans",
    "escalation.working_time.holidays_ahead.warnings",
    "reviewers.notifications.trouble.warnings",
    "escalation.demo.doors.warnings",
    "reviewers.single_sign_on.warnings",
]
# And who knows what an operator may want to know, though nothing is wrong with it.
NOTES = [
    "reviewers.notifications.trouble.notes",
    "escalation.stopping.notes",
    "escalation.demo.doors.notes",
]

# People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "escalation.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a one-time link is good for
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "escalation.views.errors.csrf_failure"

# Signing in: django-allauth behind our own pages. Guessing is slowed by ``escalation.tries``, in
# PostgreSQL, counted before it is looked at, instead of by allauth's own limits in the cache.
ACCOUNT_ADAPTER = "reviewers.signin.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # nobody signs up; allauth wants to know
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = False
ACCOUNT_RATE_LIMITS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
BEHIND_PROXY = env_bool("BEHIND_PROXY")
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

MFA_ADAPTER = "reviewers.signin.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Recourse"
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off is forgiven

OIDC_ISSUER = os.environ.get("OIDC_ISSUER", "") and env_url("OIDC_ISSUER", "", "http", "https")
OIDC_ISSUER = OIDC_ISSUER.rstrip("/")
OIDC_CLIENT_ID = os.environ.get("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = os.environ.get("OIDC_CLIENT_SECRET", "")
OIDC_NAME = os.environ.get("OIDC_NAME") or "single sign-on"
OIDC_ROLES_CLAIM = os.environ.get("OIDC_ROLES_CLAIM") or "groups"
OIDC_ROLE_MAP = env_role_map("OIDC_ROLE_MAP")
OIDC_MAKES_PEOPLE = env_bool("OIDC_MAKES_PEOPLE")
OIDC_TRUSTS_MFA = env_bool("OIDC_TRUSTS_MFA")
if bool(OIDC_ISSUER) != bool(OIDC_CLIENT_ID):
    raise ImproperlyConfigured("OIDC_ISSUER and OIDC_CLIENT_ID are set together or not at all.")
if (OIDC_ROLE_MAP or OIDC_MAKES_PEOPLE or OIDC_TRUSTS_MFA) and not OIDC_ISSUER:
    raise ImproperlyConfigured("OIDC settings mean nothing without OIDC_ISSUER.")
SOCIALACCOUNT_ADAPTER = "reviewers.single_sign_on.Adapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

# The browser: nothing inline, nothing from elsewhere -----------------------------------------------

HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# `check --deploy` asks for what is not the desk's to say: W005 and W021 promise it for every subdomain of
# a domain that has others, W008 redirects what the proxy before the desk redirects (and its own probes).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# The language is that of the browser, as far as the desk speaks it. A translation is a folder in
# templates/locale/ (``manage.py makemessages -l nb``) and a line here.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "templates" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Agents --------------------------------------------------------------------------------------------

PACKAGE_BYTES = 2 * 1024 * 1024
STATE_BYTES = 256 * 1024
ATTACHMENT_BYTES = 25 * 1024 * 1024
BODY_SECONDS = env_int("BODY_SECONDS", 120, least=5, most=3600)  # for a body to arrive
DATA_UPLOAD_MAX_MEMORY_SIZE = PACKAGE_BYTES + 512 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # beyond, a body waits on disk until it is read
# Pages that take a file hear more of one that is too long, to answer with a sentence at its field;
# what Slack sends is short.
UPLOADS = {  # by the pattern of an address
    "/on-call/import/": 12 * 1024 * 1024,
    "/integrations/slack/": 64 * 1024,
    "/api/v1/cases/[^/]+/attachments": ATTACHMENT_BYTES + 64 * 1024,  # the form around it
}
# Calls a minute on the API; 0: without a limit. Generous: they stop a loop that ran away, not work.
API_CALLS_PER_KEY = env_int("API_CALLS_PER_KEY", 30_000, least=0, most=10_000_000)
API_CALLS_PER_ADDRESS = env_int("API_CALLS_PER_ADDRESS", 60_000, least=0, most=10_000_000)
API_REFUSALS_PER_ADDRESS = env_int("API_REFUSALS_PER_ADDRESS", 600, least=0, most=10_000_000)
# Networks that a callback may reach although they are private, as CIDR: "10.2.0.0/16,127.0.0.0/8".
CALLBACK_ALLOW = env_networks("CALLBACK_ALLOW")
CALLBACK_TIMEOUT = env_int("CALLBACK_TIMEOUT", 10, least=1, most=60)

# Telling people outside the desk; a channel without its settings is not offered -----------------------

# smtp:// asks for STARTTLS, smtps:// is TLS from the start, smtp+plain:// is neither: on one's own network.
EMAIL_URL = env_mail_url("EMAIL_URL")
EMAIL_FROM = env_sender("EMAIL_FROM")
# Notices are all the mail there is (reviewers.notices.channels.email): nothing goes by Django's own,
# which changes addresses that it does not know.
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SLACK_BOT_TOKEN = os.environ.get("SLACK_BOT_TOKEN", "")
SLACK_SIGNING_SECRET = os.environ.get("SLACK_SIGNING_SECRET", "")
SLACK_API = env_url("SLACK_API", "https://slack.com/api", "https", "http").rstrip("/")
TELEGRAM_BOT_TOKEN = os.environ.get("TELEGRAM_BOT_TOKEN", "")
WHATSAPP_TOKEN = os.environ.get("WHATSAPP_TOKEN", "")
WHATSAPP_FROM = os.environ.get("WHATSAPP_FROM", "")
WHATSAPP_TEMPLATE = os.environ.get("WHATSAPP_TEMPLATE", "")  # name:language, with one parameter
TWILIO_ACCOUNT = os.environ.get("TWILIO_ACCOUNT", "")
TWILIO_TOKEN = os.environ.get("TWILIO_TOKEN", "")
TWILIO_FROM = os.environ.get("TWILIO_FROM", "")
# A gateway of the operator's own: {to} and {text} are filled in; without {text} JSON is posted to it.
SMS_URL = os.environ.get("SMS_URL", "") and env_url("SMS_URL", "", "https", "http")
SMS_TOKEN = os.environ.get("SMS_TOKEN", "")
if bool(EMAIL_URL) != bool(EMAIL_FROM):
    raise ImproperlyConfigured("EMAIL_URL and EMAIL_FROM are set together or not at all.")
if bool(WHATSAPP_TOKEN) != bool(WHATSAPP_FROM):
    raise ImproperlyConfigured("WHATSAPP_TOKEN and WHATSAPP_FROM are set together or not at all.")
if len({bool(TWILIO_ACCOUNT), bool(TWILIO_TOKEN), bool(TWILIO_FROM)}) > 1:
    raise ImproperlyConfigured(
        "TWILIO_ACCOUNT, TWILIO_TOKEN and TWILIO_FROM are set together or not at all."
    )
if SMS_URL and "{text}" in SMS_URL and "{to}" not in SMS_URL:
    raise ImproperlyConfigured("SMS_URL has {text} but no {to}, which stands for the number.")
if SMS_TOKEN and not SMS_URL:
    raise ImproperlyConfigured("SMS_TOKEN means nothing without SMS_URL.")

LOG_LEVEL = env_choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "rq.worker": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
