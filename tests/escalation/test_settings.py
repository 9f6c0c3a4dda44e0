"""Settings come from the environment, and one that makes no sense stops the process with a sentence."""

import runpy
from pathlib import Path

import pytest
from django.conf import settings as running
from django.core.exceptions import ImproperlyConfigured

from escalation import environment
from escalation.settings import database, env_bool, env_int, env_list, env_secret

SETTINGS = str(Path(running.BASE_DIR) / "escalation" / "settings.py")
NAME = "A_SETTING"


def given(monkeypatch, **environment):
    """Return the settings as a process with this environment has them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(SETTINGS)


def refusal(read, *arguments, **named):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(*arguments, **named)
    return str(refused.value)


@pytest.mark.parametrize(
    ("value", "read"),
    [("1", True), ("TRUE", True), (" yes ", True), ("off", False), ("0", False), ("", "default")],
)
def test_a_switch_is_on_or_off(monkeypatch, value, read):
    monkeypatch.setenv(NAME, value)

    assert env_bool(NAME, "default") == read


def test_a_switch_that_is_neither_is_refused(monkeypatch):
    monkeypatch.setenv(NAME, "perhaps")

    assert refusal(env_bool, NAME) == "A_SETTING must be true or false, not 'perhaps'."


def test_a_number_lies_within_its_bounds(monkeypatch):
    assert env_int(NAME, 12, least=1, most=20) == 12
    monkeypatch.setenv(NAME, " 20 ")
    assert env_int(NAME, 12, least=1, most=20) == 20


@pytest.mark.parametrize("value", ["0", "21", "-3", "1.5", "ten", "1e1", "²"])
def test_a_number_that_makes_no_sense_is_refused(monkeypatch, value):
    monkeypatch.setenv(NAME, value)

    assert refusal(env_int, NAME, 12, least=1, most=20) == (
        f"A_SETTING must be a whole number from 1 to 20, not {value!r}."
    )


def test_a_list_is_separated_by_commas(monkeypatch):
    monkeypatch.setenv(NAME, " a, b ,,c ")

    assert env_list(NAME) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("short", "A_SETTING must have at least 32 characters."),
        (
            "",
            "A_SETTING is not set. `python3 manage.py up` makes one; "
            "elsewhere set it to 50 random characters.",
        ),
    ],
)
def test_a_secret_is_long_enough(monkeypatch, value, said):
    monkeypatch.setenv(NAME, value)

    assert refusal(env_secret, NAME) == said


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (
            "postgresql://desk:s%40crt@db.example:6432/cases?sslmode=require",
            ("cases", "desk", "s@crt", "db.example", "6432", {"sslmode": "require"}),
        ),
        (
            "postgres://desk@/cases?host=/run/postgresql&port=6543",
            ("cases", "desk", "", "/run/postgresql", "6543", {}),
        ),
        ("postgresql:///recourse", ("recourse", "", "", "", "", {})),
    ],
)
def test_a_database_is_an_address(url, found):
    read = database(url)

    assert tuple(read[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == found


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (
            {"DATABASE_URL": "mysql://db/x"},
            "DATABASE_URL must begin with postgresql://, not mysql://.",
        ),
        (
            {"DATABASE_URL": "postgresql://db:port/x"},
            "DATABASE_URL names a port that is no number.",
        ),
        (
            {"BASE_URL": "desk.example"},
            "BASE_URL must be an http or https address, not 'desk.example'.",
        ),
        ({"BASE_URL": "ftp://desk.example"}, "BASE_URL must be an http or https address"),
        ({"DEBUG": "maybe"}, "DEBUG must be true or false, not 'maybe'."),
        (
            {"CALLBACK_TIMEOUT": "0"},
            "CALLBACK_TIMEOUT must be a whole number from 1 to 60, not '0'.",
        ),
        (
            {"CALLBACK_ALLOW": "10.0.0.0/8,intranet"},
            "CALLBACK_ALLOW must be networks such as 10.2.0.0/16, not 'intranet'.",
        ),
        ({"CALLBACK_ALLOW": "10.0.0.0/33"}, "CALLBACK_ALLOW must be networks"),
        (
            {"DATABASE_POOL": "many"},
            "DATABASE_POOL must be a whole number from 1 to 200, not 'many'.",
        ),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least 32 characters."),
        (
            {"LOG_LEVEL": "loud"},
            "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'.",
        ),
        (
            {"OIDC_ISSUER": "login.example", "OIDC_CLIENT_ID": "x"},
            "OIDC_ISSUER must begin with one of http://, https://",
        ),
        (
            {"OIDC_ISSUER": "https://login.example"},
            "OIDC_ISSUER and OIDC_CLIENT_ID are set together or not at all.",
        ),
        (
            {"OIDC_CLIENT_ID": "x"},
            "OIDC_ISSUER and OIDC_CLIENT_ID are set together or not at all.",
        ),
        ({"OIDC_TRUSTS_MFA": "yes"}, "OIDC settings mean nothing without OIDC_ISSUER."),
        ({"OIDC_ROLE_MAP": "a=b"}, "OIDC settings mean nothing without OIDC_ISSUER."),
        *(
            ({"OIDC_ROLE_MAP": wrong}, "OIDC_ROLE_MAP must be pairs such as")
            for wrong in (
                *("a", "a=", "=b", "a=B C", "a=@admin", "a=b,c", "CN=Refunds,OU=Bank=refunds"),
                *("cn=refunds,ou=bank=refunds", '{"a": "B C"}', '{"": "b"}', '{"a": ["b", "@x"]}'),
            )
        ),
        ({"OIDC_ROLE_MAP": '{"a": "b"'}, "OIDC_ROLE_MAP is no JSON"),
        *(
            ({"OIDC_ROLE_MAP": wrong}, "OIDC_ROLE_MAP in JSON is one object")
            for wrong in ('["a=b"]', '{"a": 7}', '{"a": [7]}', '{"a": null}')
        ),
        (
            {"REDIS_URL": "http://redis"},
            "REDIS_URL must begin with one of redis://, rediss://, unix://",
        ),
        (
            {"EMAIL_URL": "mail.example", "EMAIL_FROM": "desk@bank.example"},
            "EMAIL_URL must begin with one of smtp://, smtps://, smtp+plain://",
        ),
        ({"EMAIL_URL": "smtp://mail.example"}, "EMAIL_URL and EMAIL_FROM are set together"),
        (
            {"EMAIL_URL": "smtp://mail.example", "EMAIL_FROM": "the desk"},
            "EMAIL_FROM must be one address",
        ),
        (
            {"EMAIL_URL": "smtp://mail.example", "EMAIL_FROM": "a@bank.example, b@bank.example"},
            "EMAIL_FROM must be one address",
        ),
        (
            {"EMAIL_URL": "smtp://mail.example", "EMAIL_FROM": "Desk\nBcc: <all@bank.example>"},
            "EMAIL_FROM must be one address",
        ),
        ({"EMAIL_URL": "smtp://", "EMAIL_FROM": "d@bank.example"}, "EMAIL_URL names no server"),
        (
            {"EMAIL_URL": "smtp://mail.example:x", "EMAIL_FROM": "d@bank.example"},
            "EMAIL_URL names a port that is no number",
        ),
        (
            {"EMAIL_URL": "smtp://mail.example:99999", "EMAIL_FROM": "d@bank.example"},
            "EMAIL_URL names a port that is no number",
        ),
        (
            {"EMAIL_URL": "smtp://mail.example/?tls=1", "EMAIL_FROM": "d@bank.example"},
            "EMAIL_URL goes on after the server",
        ),
        (
            {"EMAIL_URL": "smtp://desk@mail.example", "EMAIL_FROM": "d@bank.example"},
            "EMAIL_URL has a user name or a password, but not both",
        ),
        ({"WHATSAPP_TOKEN": "x"}, "WHATSAPP_TOKEN and WHATSAPP_FROM are set together"),
        ({"TWILIO_ACCOUNT": "x", "TWILIO_TOKEN": "x"}, "TWILIO_ACCOUNT, TWILIO_TOKEN and"),
        ({"SMS_URL": "clicksend://user:key@host"}, "SMS_URL must begin with one of https://"),
        ({"SMS_URL": "https://sms.example/?t={text}"}, "SMS_URL has {text} but no {to}"),
        ({"SMS_TOKEN": "secret"}, "SMS_TOKEN means nothing without SMS_URL."),
    ],
)
def test_what_makes_no_sense_stops_the_process_with_a_sentence(monkeypatch, environment, said):
    assert refusal(given, monkeypatch, **environment).startswith(said)


def test_https_makes_cookies_secure_and_browsers_remember(monkeypatch):
    plain = given(monkeypatch, BASE_URL="http://desk.example/")
    secure = given(monkeypatch, BASE_URL="https://desk.example/")

    names = ("BASE_URL", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    assert [plain[name] for name in names] == ["http://desk.example", False, False, 0]
    assert [secure[name] for name in names] == ["https://desk.example", True, True, 31_536_000]


def test_a_proxys_word_is_taken_only_where_there_is_a_proxy(monkeypatch):
    assert given(monkeypatch)["SECURE_PROXY_SSL_HEADER"] is None
    assert given(monkeypatch, BEHIND_PROXY="yes")["SECURE_PROXY_SSL_HEADER"] == (
        "HTTP_X_FORWARDED_PROTO",
        "https",
    )


def test_single_sign_on_is_read_from_the_environment(monkeypatch):
    assert given(monkeypatch)["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"] == []
    read = given(
        monkeypatch,
        OIDC_ISSUER="https://login.example/realms/bank/",
        OIDC_CLIENT_ID="recourse",
        OIDC_CLIENT_SECRET="secret",
        OIDC_ROLE_MAP="CN=Refunds OU=Bank=refunds-compliance, audit=@auditor",
    )

    assert read["OIDC_ROLE_MAP"] == [
        ("CN=Refunds OU=Bank", "refunds-compliance"),
        ("audit", "@auditor"),
    ]
    assert read["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"] == [
        {
            "provider_id": "oidc",
            "name": "single sign-on",
            "client_id": "recourse",
            "secret": "secret",
            "settings": {"server_url": "https://login.example/realms/bank"},
        }
    ]


@pytest.mark.parametrize(
    ("command", "user"),
    [("sweep", "desk"), ("rqworker", "desk"), ("migrate", "owner"), ("makemigrations", "owner")],
)
def test_only_those_who_migrate_act_as_the_owner(monkeypatch, command, user):
    monkeypatch.setattr("sys.argv", ["manage.py", command])

    read = given(
        monkeypatch,
        DATABASE_URL="postgresql://desk@db/recourse",
        DATABASE_OWNER_URL="postgresql://owner@db/recourse",
    )

    assert (read["DATABASES"]["default"]["USER"], read["DESK_DATABASE_ROLE"]) == (user, "desk")


def test_nothing_inline_and_nothing_from_elsewhere_may_run():
    policy = running.CONTENT_SECURITY_POLICY["DIRECTIVES"]

    sources = {source for found in policy.values() for source in found}
    assert sources == {"'none'", "'self'", "data:"}
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]


@pytest.mark.parametrize(
    ("typed", "pairs"),
    [
        ("a=b,a=c", [("a", "b"), ("a", "c")]),
        (
            r"CN=Refunds\,OU=Bank\,DC=x=refunds, b=c",
            [("CN=Refunds,OU=Bank,DC=x", "refunds"), ("b", "c")],
        ),
        (r"DOMAIN\group=refunds", [(r"DOMAIN\group", "refunds")]),
        (r"CN=Moe\\\, Lena\,OU=x=refunds", [(r"CN=Moe\, Lena,OU=x", "refunds")]),
        ('{"CN=Refunds,OU=Bank": "refunds"}', [("CN=Refunds,OU=Bank", "refunds")]),
        ('{"a": ["b", "@auditor"], "x=y": "c"}', [("a", "b"), ("a", "@auditor"), ("x=y", "c")]),
        ("{}", []),
    ],
)
def test_names_of_ldap_go_into_the_map_of_roles_whole(typed, pairs, monkeypatch):
    monkeypatch.setenv("OIDC_ROLE_MAP", typed)

    assert environment.env_role_map("OIDC_ROLE_MAP") == pairs
