"""The demo's agent: it meets something it may not decide, asks, waits, and goes on when it is told.

A program of its own that knows the desk only over HTTP, as any agent does; it keeps nothing that
the desk does not hand back, so it may die at any moment.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from recourse import Case, Decision, Desk, DeskError, Unauthorised, Withdrawn

from escalation.demo import sequels, shelf, stops
from escalation.demo.courier import courier
from escalation.demo.parts import Stop

MOST_OPEN = 5
COURIER_EVERY = 10
RUN = "live-work"
STANDING = ("open", "awaiting", "information_requested", "held")
FIRST_AFTER = 2.0  # seconds
KEY_PATIENCE = 60.0


def say(text: str) -> None:
    """Print one line. What people wrote cannot break it: anything unprintable becomes a space."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    sys.stdout.write(f"{' '.join(plain.split())}\n")
    sys.stdout.flush()


def pause() -> float:
    return random.uniform(45, 90)


class DemoAgent:
    def __init__(
        self, desk: Desk, *, pause: Callable[[], float] = pause, hurry: float = 1.0
    ) -> None:
        """``hurry`` below 1 makes its own work shorter, for tests."""
        self.desk = desk
        self.pause = pause
        self.hurry = hurry
        self.met = 0
        self.seed = int(time.time())  # a start later than the last one, so that no key comes twice

    def work(self, stopping: threading.Event) -> None:
        """Take up what waits from before, then stop somewhere now and then, until ``stopping``."""
        self.take_up()
        wait = FIRST_AFTER * self.hurry
        while not stopping.wait(wait):
            wait = self.pause()
            try:
                if self.own_open() < MOST_OPEN:
                    self.stop_once()
            except Unauthorised:
                raise
            except DeskError as trouble:
                say(f"I could not ask ({trouble}); I try again later.")

    def take_up(self) -> None:
        waiting = [case for status in STANDING for case in self.desk.cases(status=status)]
        if waiting:
            cases = "1 case" if len(waiting) == 1 else f"{len(waiting)} cases"
            say(f"I wait for answers on {cases} from before.")
        for case in waiting:
            self.wait_beside(case)

    def own_open(self) -> int:
        """Return how many of the stops it made by itself still wait."""
        return sum(1 for case in self.desk.cases(run=RUN) if case.status in STANDING)

    def stop_once(self) -> Case:
        self.seed += 1
        stop = self.next_stop()
        package = shelf.shift(stop.package, datetime.now(UTC)) | {"run": RUN}
        case = self.desk.open(package, idempotency_key=f"live-{self.seed}")
        say(f"{stop.said} I stop and ask: {case.reference}.")
        self.wait_beside(case)
        return case

    def next_stop(self) -> Stop:
        """Return what it meets next: first, and now and then, what cannot wait."""
        met, self.met = self.met, self.met + 1
        return courier(self.seed) if met % COURIER_EVERY == 0 else stops.stop(self.seed)

    def wait_beside(self, case: Case) -> None:
        threading.Thread(target=self.see_through, args=(case.reference,), daemon=True).start()

    def see_through(self, reference: str) -> None:
        """Wait for the decision, however long it takes, and go on."""
        try:
            decision = self.desk.wait(reference)
            self.go_on(decision)
        except Withdrawn:
            say(f"{reference} was withdrawn; nothing to do.")
        except DeskError as trouble:
            say(f"I cannot go on with {reference}: {trouble}.")

    def go_on(self, decision: Decision) -> None:
        why = decision.rationale.strip().rstrip(".") or "no reason given"
        who, chosen = decision.decided_by.name, decision.option or "no answer"
        say(f"{who} decided {decision.reference} with “{chosen}”: {why}. I go on.")
        sequel = sequels.sequel(decision.raw)
        time.sleep(sequel.seconds * self.hurry)
        self.desk.resume(decision.reference, sequel.result, sequel.detail)
        say(f"{decision.reference}: {sequel.detail}")


def read_key(path: Path) -> str:
    """Return the key in ``path``, waited for: the desk may still be filling itself."""
    until = time.monotonic() + KEY_PATIENCE
    while not path.exists():
        if time.monotonic() > until:
            sys.exit(f"There is no key in {path}; `manage.py load_demo` makes one.")
        time.sleep(0.2)
    return path.read_text().strip()


def end_at_once(*_: object) -> NoReturn:
    os._exit(0)  # nothing to put away: the desk has all of it


def main(url: str, key_file: str) -> None:
    signal.signal(signal.SIGTERM, end_at_once)
    signal.signal(signal.SIGINT, end_at_once)
    with Desk(url, read_key(Path(key_file))) as desk:
        try:
            DemoAgent(desk).work(threading.Event())
        except Unauthorised:
            sys.exit(
                "The desk does not take my key any more; I start again with what is in the file."
            )
        except DeskError as trouble:
            sys.exit(f"The desk does not answer ({trouble}); I start again.")


if __name__ == "__main__":
    main(*sys.argv[1:])
