"""Keys to the house: each program is told what it needs, and nobody else reads what a desk keeps."""

import os
import re
import stat
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings

from escalation.machine import needs, postgres
from escalation.machine.folders import make_private, run_folder
from escalation.machine.programs import Program, manage, until
from escalation.machine.stack import desk_programs, open_door
from tests.fixtures.living_desk import LivingDesk

KEY_HOLDERS = {"web", "courier"}


def told(process: psutil.Process) -> dict[str, str]:
    """Return what a process was started with, as the kernel keeps it."""
    pairs = Path(f"/proc/{process.pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.partition("=")[::2] for pair in pairs if pair)


def test_each_program_of_a_living_desk_is_told_only_what_it_needs(desk: LivingDesk):
    found = {
        name: [told(one) for one in family(pid)]
        for name, pid in desk.pids().items()
        if name in (*needs.NEEDS, "postgres", "valkey")
    }

    holders = {
        secret: {name for name, every in found.items() if any(secret in one for one in every)}
        for secret in ("DATABASE_OWNER_URL", "SECRET_KEY", "DATABASE_URL")
    }
    desks_own = set(found) - {"postgres", "valkey"}
    assert holders == {
        "DATABASE_OWNER_URL": set(),
        "SECRET_KEY": KEY_HOLDERS & desks_own,
        "DATABASE_URL": desks_own,
    }
    for name in ("postgres", "valkey"):
        assert {key for one in found[name] for key in one} <= {*needs.SYSTEM, *locale(found[name])}
    owners = postgres.password(desk.data / "postgres", postgres.OWNER)
    assert not [name for name, every in found.items() if owners in str(every)]


def family(pid: int) -> list[psutil.Process]:
    program = psutil.Process(pid)
    return [program, *program.children(recursive=True)]


def locale(every: list[dict[str, str]]) -> set[str]:
    return {key for one in every for key in one if key.startswith(needs.SYSTEM_BEGINS)}


def test_no_password_of_the_database_stands_in_what_others_see_of_a_process(desk: LivingDesk):
    keys = [
        postgres.password(desk.data / "postgres", user) for user in (postgres.OWNER, postgres.DESK)
    ]

    lines = [" ".join(process.cmdline()) for process in desk.family()]
    assert all(keys)
    assert not [line for line in lines if any(key in line for key in keys)]
    assert not any(key in desk.said() for key in keys)


def test_what_no_list_names_reaches_no_program(monkeypatch: pytest.MonkeyPatch):
    foreign = {"AWS_SECRET_ACCESS_KEY": "x", "PGPASSWORD": "x", "DJANGO_SUPERUSER_PASSWORD": "x"}
    ours = dict.fromkeys(needs.SETTINGS, "x")
    for name, value in {**foreign, **ours}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DATABASE_URL")
    door = open_door("127.0.0.1", 0)
    every = desk_programs(door, settings.RQ_QUEUES, {"DATABASE_URL": "postgresql:///x"})
    every += [manage("agent", "demo_agent", environment={"DATABASE_URL": "postgresql:///x"})]
    every += [Program("valkey", ["valkey"])]
    door.socket.close()

    secrets = {
        *("SECRET_KEY", "DATABASE_OWNER_URL", "OIDC_CLIENT_SECRET", "EMAIL_URL"),
        *("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "TELEGRAM_BOT_TOKEN", "WHATSAPP_TOKEN"),
        *("TWILIO_TOKEN", "SMS_URL"),
    }
    holders = {
        secret: {one.name for one in every if secret in one.environment} for secret in secrets
    }
    told_people = {"web", "courier"}
    assert holders == {
        "SECRET_KEY": KEY_HOLDERS & {one.name for one in every},
        "DATABASE_OWNER_URL": set(),
        "OIDC_CLIENT_SECRET": {"web"},
        **dict.fromkeys(
            ("EMAIL_URL", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SMS_URL"), told_people
        ),
        **dict.fromkeys(("TELEGRAM_BOT_TOKEN", "WHATSAPP_TOKEN", "TWILIO_TOKEN"), told_people),
    }
    assert not [one.name for one in every if foreign.keys() & one.environment.keys()]
    agent = next(one for one in every if one.name == "agent")
    assert not {"DATABASE_URL", "REDIS_URL"} & agent.environment.keys()


def test_a_database_that_the_environment_names_brings_its_certificates(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk@db.example/desk")
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/ours.pem")

    assert needs.environment("clock", {})["PGSSLROOTCERT"] == "/etc/ours.pem"
    assert "PGSSLROOTCERT" not in needs.environment("agent", {})


def test_every_setting_is_on_the_list_of_some_program():
    source = (settings.BASE_DIR / "escalation" / "settings.py").read_text()
    read = set(re.findall(r'(?:os\.environ\.get|env_\w+)\(\s*"(\w+)"', source))

    assert read - {"RECOURSE_VAR"} - needs.SETTINGS == set()
    assert needs.SETTINGS - read - {"RECOURSE_VAR"} == set()


def test_nobody_else_reads_any_file_of_a_desk(desk: LivingDesk):
    open_to_others = []
    for folder, _, names in os.walk(desk.data):
        for path in [Path(folder), *(Path(folder) / name for name in names)]:
            try:
                mode = path.lstat().st_mode
            except FileNotFoundError:
                continue  # PostgreSQL's own come and go
            if mode & 0o077 and "held" not in path.parts:
                open_to_others.append((str(path), oct(mode)))
    sockets = {
        path.name: oct(stat.S_IMODE(path.lstat().st_mode))
        for path in run_folder(desk.data).iterdir()
        if path.is_socket()
    }

    assert open_to_others == []
    assert sockets == {".s.PGSQL.5432": "0o600", "valkey.sock": "0o600"}


def test_postgresql_lets_nobody_in_without_a_password_also_not_into_older_data(short_path: Path):
    cluster = postgres.cluster(
        short_path / "postgres", make_private(run_folder(short_path)), durable=False
    )
    cluster.make()
    (cluster.data / "pg_hba.conf").write_text("local all all trust\n")
    for user in (postgres.OWNER, postgres.DESK):
        (cluster.data / f"{user}.password").unlink(missing_ok=True)

    cluster.make()  # as at every start

    process = cluster.program().start()
    assert until(cluster.answers, 60)
    cluster.make_database()
    for user in (postgres.OWNER, postgres.DESK):
        with psycopg.connect(cluster.url(user)) as connection:
            assert connection.info.user == user
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(host=str(cluster.run), user=user, dbname=postgres.DESK)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(
                host=str(cluster.run), user=user, dbname=postgres.DESK, password="x" * 43
            )
    with psycopg.connect(cluster.url(postgres.OWNER)) as connection:
        rules = connection.execute("SELECT type, auth_method FROM pg_hba_file_rules").fetchall()
    assert rules == [("local", "scram-sha-256")]
    process.send_signal(cluster.program().stop)
    process.communicate(timeout=60)
