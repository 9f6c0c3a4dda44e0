"""One terminal for many programs: each line under its program's name, in its program's colour."""

import os
import re
import sys
import threading
from typing import IO, TextIO

WIDTH = 10
LONGEST_LINE = 8_000
COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Console:
    """Where lines go. Quiet after the reader has gone away: a closed terminal stops no desk."""

    def __init__(self, out: TextIO = sys.stdout, colour: bool | None = None) -> None:
        self._out: TextIO | None = out
        self.colour = out.isatty() and "NO_COLOR" not in os.environ if colour is None else colour
        self._colours: dict[str, int] = {}
        self._lock = threading.Lock()

    def say(self, sentence: str = "") -> None:
        """Print a sentence of our own, under no name."""
        self._write(f"\x1b[1m{sentence}\x1b[0m\n" if self.colour and sentence else f"{sentence}\n")

    def line(self, name: str, text: str) -> None:
        """Print a line that a program wrote. What could steer the terminal is shown, not obeyed."""
        inert = UNPRINTABLE.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
        prefix = f"{name:<{WIDTH}} |"
        if self.colour:
            number = self._colours.setdefault(name, COLOURS[len(self._colours) % len(COLOURS)])
            prefix = f"\x1b[{number}m{prefix}\x1b[0m"
        self._write(f"{prefix} {inert}\n")

    def follow(self, name: str, stream: IO[bytes], noise: tuple[str, ...] = ()) -> threading.Thread:
        """Print what a program writes until it ends, less the lines that hold any of ``noise``."""
        thread = threading.Thread(target=self._follow, args=(name, stream, noise), daemon=True)
        thread.start()
        return thread

    def _follow(self, name: str, stream: IO[bytes], noise: tuple[str, ...]) -> None:
        with stream:
            while line := stream.readline(LONGEST_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if not any(one in text for one in noise):
                    self.line(name, text)

    def _write(self, text: str) -> None:
        with self._lock:
            if self._out is None:
                return
            try:
                self._out.write(text)
                self._out.flush()
            except (OSError, ValueError):
                self._out = None
