"""The whole desk as an operator meets it: started, started twice, killed, stopped."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from escalation.machine import postgres
from escalation.machine.folders import run_folder
from escalation.machine.programs import until
from tests.fixtures.living_desk import LivingDesk

MAKE_A_ROLE = "from escalation.models import Role; Role.objects.create(slug='{0}', name='{0}')"
COUNT_ROLES = "from escalation.models import Role; print(Role.objects.filter(slug='{0}').count())"


@pytest.fixture
def second(short_path: Path) -> Iterator[LivingDesk]:
    """A desk of this test's own, not started; gone afterwards."""
    living = LivingDesk(short_path / "second")
    yield living
    if living.runs():
        living.stop(signal.SIGTERM)


def test_a_second_up_on_one_folder_says_so_and_harms_nothing(desk: LivingDesk):
    before = desk.pids()
    second = LivingDesk(desk.data, "--port", "0")
    second.log = desk.data.with_suffix(".second.log")

    code = second.start().wait(timeout=60)

    assert code == 1
    assert f"Recourse runs in this folder already at {desk.base_url}" in second.said()
    assert desk.pids() == before
    assert desk.is_ready()


@pytest.mark.parametrize("name", ["web", "rosters", "clock", "courier"])
def test_a_dead_program_runs_again_and_the_log_says_so(desk: LivingDesk, name: str):
    old = desk.kill(name)

    assert until(lambda: desk.pids().get(name, old) != old, 60)
    desk.make_whole()
    assert f"{name} was ended by SIGKILL. It starts again in" in desk.said()


def test_a_desk_that_was_killed_comes_back_and_ctrl_c_stops_all_of_it(second: LivingDesk):
    second.bring_tables()
    second.up()
    second.shell(MAKE_A_ROLE.format("kept"))
    killed = second.family()

    second.kill_supervisor()
    assert until(lambda: alive(killed) == [], 60)
    assert state(second) == "shut down"
    second.up()
    assert second.shell(COUNT_ROLES.format("kept")) == "1"

    family = second.family()
    assert second.stop(signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP) == 0
    assert alive(family) == []
    assert not (second.data / "postgres" / "postmaster.pid").exists()
    assert list(run_folder(second.data).iterdir()) == []
    said = second.said().splitlines()
    assert said[-1] == "Stopped. Nothing is left running."
    assert said[-2].endswith("database system is shut down")
    assert state(second) == "shut down"
    assert not [line for line in said if "ending it" in line or "recovery" in line]


def alive(family: list[psutil.Process]) -> list[psutil.Process]:
    return [one for one in family if one.is_running() and one.status() != "zombie"]


def state(desk: LivingDesk) -> str:
    """Return what PostgreSQL wrote down last of a data folder on which none runs."""
    data = desk.data / "postgres"
    if not data.exists():
        return "not made"
    control = postgres.find(data).folder / "pg_controldata"
    told = subprocess.run([control, data], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^Database cluster state: +(.*)$", told, re.M)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    "moment", ["PostgreSQL .* on ", "ready to accept", "Bringing the tables", "Starting the web"]
)
def test_who_is_asked_to_stop_while_starting_shuts_postgresql_down(second: LivingDesk, moment: str):
    if moment != "PostgreSQL .* on ":  # which makes a data folder
        second.bring_tables()
    process = second.start()
    assert until(lambda: re.search(moment, second.said()) is not None, 60)

    assert second.stop(signal.SIGTERM, signal.SIGTERM, signal.SIGINT) == 0

    assert process.returncode == 0
    assert second.said().splitlines()[-1] == "Stopped. Nothing is left running."
    # what is only being made stays half made, under another name, and is made anew
    was_made = moment != "PostgreSQL .* on "
    assert state(second) in ({"shut down"} if was_made else {"shut down", "not made"})


def test_a_port_that_is_taken_is_said_before_anything_starts(second: LivingDesk):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        second.arguments = ("--port", str(port))

        code = second.start().wait(timeout=60)

    assert code == 1
    assert f"Port {port} cannot be used (address already in use)." in second.said()
    assert not (second.data / "postgres").exists()


def test_commands_without_a_running_desk_name_the_one_to_start(second: LivingDesk):
    said = second.manage("showmigrations", succeeds=False)

    assert said == "PostgreSQL does not run in this folder. Start the desk: python3 manage.py up\n"


def test_nobody_else_may_enter_what_a_desk_keeps_secret(desk: LivingDesk):
    modes = {
        name: oct((desk.data / name).stat().st_mode & 0o777)
        for name in ("secret_key", "up.json", "postgres", "valkey")
    }

    assert modes == {
        "secret_key": "0o600",
        "up.json": "0o600",
        "postgres": "0o700",
        "valkey": "0o700",
    }
    assert run_folder(desk.data).stat().st_mode & 0o777 == 0o700


def test_a_desk_listens_on_its_own_port_of_loopback_and_on_no_other(desk: LivingDesk):
    listening = {
        (one.laddr.ip, one.laddr.port)
        for process in desk.family()
        for one in process.net_connections("inet")
        if one.status == psutil.CONN_LISTEN
    }

    assert listening == {("127.0.0.1", int(desk.base_url.rsplit(":", 1)[1]))}


def test_doctor_finds_nothing_wrong_with_a_desk_that_runs(desk: LivingDesk):
    said = desk.manage("doctor")

    assert f"runs at {desk.base_url}" in said
    assert "WRONG" not in said


def test_doctor_names_what_is_wrong_and_exits_1(desk: LivingDesk, tmp_path: Path):
    stranger = LivingDesk(tmp_path, BASE_URL="ftp://desk.example")

    said = stranger.manage("doctor", succeeds=False)

    assert "BASE_URL must be an http or https address, not 'ftp://desk.example'." in said
    assert "Something is wrong with: settings" in said
    assert os.listdir(tmp_path) == ["secret_key"]
