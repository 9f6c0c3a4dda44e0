"""Settings come from the environment; a value that makes no sense stops the process with a sentence."""

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

django_stubs_ext.monkeypatch()  # lets forms and admins name their model's type

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("RECOURSE_VAR") or BASE_DIR / "var")


def env_bool(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value == "":
        return default
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")


def env_int(name: str, default: int, *, least: int, most: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {value!r}."
        )
    return int(value)


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


def env_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name, "").strip().upper() or default
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def env_networks(name: str) -> list[str]:
    networks = env_list(name)
    for network in networks:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise ImproperlyConfigured(
                f"{name} must be networks such as 10.2.0.0/16, not {network!r}."
            ) from None
    return networks


def env_url(name: str, default: str, *schemes: str) -> str:
    value = os.environ.get(name) or default
    if urlsplit(value).scheme not in schemes:
        known = ", ".join(f"{scheme}://" for scheme in schemes)
        raise ImproperlyConfigured(
            f"{name} must begin with one of {known}."
        )  # it may hold a password
    return value


def env_secret(name: str) -> str:
    value = os.environ.get(name, "")
    if len(value) >= 32:
        return value
    if value:
        raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
    raise ImproperlyConfigured(
        f"{name} is not set. `python3 manage.py up` makes one; elsewhere set it to 50 random characters."
    )


def database(url: str, **extra: Any) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` URL; a socket folder goes in ``?host=``."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured(
            f"DATABASE_URL must begin with postgresql://, not {parts.scheme}://."
        )
    try:
        port = parts.port
    except ValueError:
        raise ImproperlyConfigured("DATABASE_URL names a port that is no number.") from None
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "recourse",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # or each pooled connection fails one request after a restart
        "OPTIONS": options | extra,
    }


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
    "escalation",
    "reviewers",
    "routing",
    "guardian",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "django_rq",
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
    "escalation.middleware.ProblemAnswers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "escalation.middleware.SignedIn",
    "escalation.middleware.OwnTimeZone",
    "django.contrib.messages.middleware.MessageMiddleware",
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

# Redis only carries ids to workers; what is due is decided in PostgreSQL. ------------------------

REDIS_URL = env_url("REDIS_URL", "redis://localhost:6379/0", "redis", "rediss", "unix")
RQ_QUEUES = {
    name: {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 120, "DEFAULT_RESULT_TTL": 0}
    for name in ("dispatch", "deliveries")
}
RQ = {"COMMIT_MODE": "auto"}

# Which queue and which job carries out which kind of effect. Strings, so that the base app names
# the apps above it without importing them; `checks.py` resolves each.
EFFECTS = {
    "dispatch": ("dispatch", "routing.jobs.dispatch"),
    "delivery": ("deliveries", "escalation.jobs.deliver"),
    "roster": ("deliveries", "reviewers.jobs.plan"),
    "membership": ("dispatch", "reviewers.jobs.turn_membership"),
    "competence": ("dispatch", "reviewers.jobs.look_at_competence"),
}

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
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "escalation.views.errors.csrf_failure"

# The browser: nothing inline, nothing from elsewhere -----------------------------------------------

HTTPS = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("BEHIND_PROXY") else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
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

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# Agents --------------------------------------------------------------------------------------------

PACKAGE_BYTES = 2 * 1024 * 1024
STATE_BYTES = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = PACKAGE_BYTES + 512 * 1024
# Networks that a callback may reach although they are private, as CIDR: "10.2.0.0/16,127.0.0.0/8".
CALLBACK_ALLOW = env_networks("CALLBACK_ALLOW")
CALLBACK_TIMEOUT = env_int("CALLBACK_TIMEOUT", 10, least=1, most=60)

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
