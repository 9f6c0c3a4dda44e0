"""PostgreSQL on a data folder of its own: made whole or not at all, and started over any wreck."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from escalation.machine import postgres, valkey
from escalation.machine.folders import MachineError, make_private, run_folder, secret_key
from escalation.machine.programs import kill_group, until
from escalation.machine.shell import surroundings
from escalation.machine.stack import open_door


@pytest.fixture
def cluster(short_path: Path) -> Iterator[postgres.Cluster]:
    run = make_private(run_folder(short_path))
    made = postgres.cluster(short_path / "postgres", run, durable=False)
    made.make()
    yield made
    made.clear_stale()


def test_postgresql_starts_at_once_after_kill_minus_9(cluster: postgres.Cluster):
    first = cluster.program().start()
    assert until(cluster.answers, 60)
    cluster.make_database()
    with psycopg.connect(cluster.url(postgres.OWNER), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.execute("CHECKPOINT")

    kill_group(first.pid)
    second = cluster.program().start()  # the first is not even reaped

    assert until(cluster.answers, 60)
    with psycopg.connect(cluster.url(postgres.OWNER)) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]
    for process in (first, second):
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_every_postgresql_found_here_can_hold_the_desk(short_path: Path):
    for number, binaries in enumerate(postgres.every_one()):
        run = make_private(short_path / f"run{number}")
        one = replace(
            postgres.cluster(short_path / "none", run),
            binaries=binaries,
            data=short_path / str(number),
        )
        one.make()
        process = one.program().start()
        assert until(one.answers, 60), binaries
        one.make_database()
        with psycopg.connect(one.url(postgres.DESK)) as connection:
            assert connection.info.server_version // 10_000 == binaries.major
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_a_pid_file_that_names_another_living_process_is_cleared(cluster: postgres.Cluster):
    pid_file = cluster.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.clear_stale()

    assert not pid_file.exists()


def test_an_orphan_on_our_data_is_ended_before_the_next_starts(cluster: postgres.Cluster):
    orphan = cluster.program().start()
    assert until(cluster.answers, 60)

    cluster.clear_stale()

    assert orphan.wait(timeout=60) == 0
    assert orphan.stdout is not None
    orphan.stdout.close()


def test_a_half_made_data_folder_is_made_again(short_path: Path):
    draft = short_path / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    made = postgres.cluster(short_path / "postgres", make_private(run_folder(short_path)))

    made.make()

    assert (short_path / "postgres" / "global" / "pg_control").exists()
    assert not draft.exists()


def test_data_of_another_version_is_refused_with_both_versions(tmp_path: Path):
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("12\n")

    with pytest.raises(MachineError, match="made by PostgreSQL 12, and only PostgreSQL 1"):
        postgres.cluster(data, tmp_path).make()


def test_the_desks_own_login_is_no_superuser_and_owns_nothing(cluster: postgres.Cluster):
    process = cluster.program().start()
    assert until(cluster.answers, 60)

    cluster.make_database()
    cluster.make_database()  # again, as at every start

    with psycopg.connect(cluster.url(postgres.DESK)) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False, False)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def test_a_deep_data_folder_gets_a_short_run_folder(tmp_path: Path):
    deep = tmp_path / ("long" * 30)

    assert len(str(run_folder(deep))) < 60
    assert run_folder(deep) != run_folder(deep / "other")
    assert run_folder(Path("/srv/desk/var")) == Path("/srv/desk/var/run")


def test_a_run_folder_that_is_somebody_elses_link_is_refused(tmp_path: Path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "theirs")

    with pytest.raises(MachineError, match="belongs to somebody else"):
        make_private(tmp_path / "run")


def test_the_secret_key_is_made_once(tmp_path: Path):
    first = secret_key(tmp_path)

    assert len(first) >= 50
    assert secret_key(tmp_path) == first
    assert [one.name for one in tmp_path.iterdir()] == ["secret_key"]


def test_without_a_wish_the_next_free_port_is_taken():
    first, second = open_door("127.0.0.1", None), open_door("127.0.0.1", None)

    with first.socket, second.socket:
        assert second.port > first.port >= 8000


@pytest.mark.parametrize(
    ("address", "why"),
    [("redis://127.0.0.1:1/0", "refused"), ("http://127.0.0.1", "must begin with redis://")],
)
def test_an_address_of_redis_that_leads_nowhere_says_why(address: str, why: str):
    with pytest.raises((OSError, ValueError), match=why):
        valkey.knock(address)


def test_the_owner_of_a_database_that_the_environment_names_is_not_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://desk@db.example/desk")

    assert list(surroundings(tmp_path)) == ["REDIS_URL"]


def test_a_data_folder_that_cannot_be_written_is_named():
    with pytest.raises(MachineError, match="/proc/desk is not ours to write"):
        secret_key(Path("/proc/desk"))
