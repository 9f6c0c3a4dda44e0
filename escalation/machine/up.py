"""``manage.py up``: the whole desk under one supervisor, from the first lock to the last goodbye."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from escalation.machine.claim import Claim, claim
from escalation.machine.console import Console
from escalation.machine.folders import MachineError
from escalation.machine.programs import finished, manage
from escalation.machine.stack import (
    Door,
    Servers,
    desk_programs,
    open_door,
    wait_until_ready,
)
from escalation.machine.supervisor import Stopped, Supervisor

SIGN_INS = "  Sign in as reviewer, manager, auditor or admin; each one's password is its name."


@dataclass(frozen=True)
class Wish:
    """What was asked for. ``port`` None means any that is free."""

    data: Path
    host: str
    port: int | None
    demo: bool
    queues: Sequence[str]


def run(wish: Wish, console: Console) -> None:
    """Run the desk until asked to stop; raises MachineError when it cannot."""
    os.umask(0o077)  # of us and of all that we start: what a desk writes is nobody else's to read
    with claim(wish.data) as held:
        door = open_door(wish.host, wish.port)
        supervisor = Supervisor(
            console, changed=held.programs, held=lambda name: _held(wish.data, name)
        )
        supervisor.listen_to_signals()
        servers = Servers(wish.data, supervisor)
        try:
            _serve(wish, door, supervisor, servers, held)
        except Stopped:
            console.say("\nStopping: the desk first, PostgreSQL last.")
        finally:
            try:
                own = [name for name in supervisor.names() if name not in ("postgres", "valkey")]
                supervisor.stop(*own)
            finally:
                servers.stop()
        console.say("Stopped. Nothing is left running.")


def _serve(wish: Wish, door: Door, supervisor: Supervisor, servers: Servers, held: Claim) -> None:
    began = time.monotonic()
    supervisor.console.say(f"Recourse starts in {wish.data}.")
    held.describe(door.address, {})
    servers.start()
    environment = servers.environment | _environment(door, demo=wish.demo)
    held.describe(door.address, environment)
    supervisor.console.say("Bringing the tables up to date.")
    _once(supervisor, "migrate", ["migrate", "--noinput", "-v", "0"], environment)
    if wish.demo:
        supervisor.console.say("Filling the desk with cases to look at, where it has none.")
        _once(supervisor, "demo", ["load_demo"], environment)
    supervisor.console.say("Starting the web, the workers, the clock and the courier.")
    for program in desk_programs(door, wish.queues, environment):
        supervisor.add(program)
    wait_until_ready(door, supervisor)
    if wish.demo:
        supervisor.add(manage("agent", "demo_agent", environment=environment))
    took = time.monotonic() - began
    supervisor.console.say(f"\nRecourse is ready: {door.address}   (it took {took:.1f} s)")
    supervisor.console.say(SIGN_INS if wish.demo else _first_admin(environment, supervisor))
    supervisor.console.say("  Ctrl-C stops all of it.\n")
    supervisor.keep(lambda: False)


def _once(
    supervisor: Supervisor, name: str, command: list[str], environment: dict[str, str]
) -> None:
    if not supervisor.run_once(manage(name, *command, environment=environment)):
        raise MachineError(f"`manage.py {' '.join(command)}` failed; its lines above say why.")


def _environment(door: Door, *, demo: bool) -> dict[str, str]:
    """Return what the address and the demo settle; what the environment names itself stands."""
    own = {"BASE_URL": door.address, "ALLOWED_HOSTS": ",".join(door.names)}
    if demo:
        own |= {"DEMO": "true", "CALLBACK_ALLOW": "127.0.0.0/8"}
    return {name: os.environ.get(name) or value for name, value in own.items()}


def _first_admin(environment: dict[str, str], supervisor: Supervisor) -> str:
    """Return the line with the link that makes the first administrator, "" where there is one."""
    program = manage("admin", "first_admin_link", environment=environment)
    done = finished(program.command, program.environment, look=supervisor.look)
    if done.returncode:
        raise MachineError(
            f"{done.stderr.strip()}\nThe first administrator's link could not be made."
        )
    link = done.stdout.strip()
    return f"  Make the first administrator, once: {link}" if link else ""


def _held(data: Path, name: str) -> bool:
    """Whether somebody keeps a program down for now: tests do, to see what the rest makes of it."""
    return (data / "held" / name).exists()
