"""Becomes another program, tied to the life of the one that asked for it.

Run as a file, alone: ``python -I -S launch.py PARENT SIGNAL ROOT -- COMMAND...``. SIGNAL reaches the
program when PARENT dies, however it dies. ROOT says what to do about a program that will not run as
root: ``keep`` nothing, ``namespace`` show it another user id in a namespace of its own, or a number,
the user id to become.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def launched(command: Sequence[str | Path], stop: signal.Signals, root: str = "keep") -> list[str]:
    """Return a command that runs another and takes it down, with ``stop``, when we die."""
    tie = [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(int(stop)), root, "--"]
    return tie + [str(part) for part in command]


def main(parent: int, number: int, root: str, command: list[str]) -> None:
    if root == "namespace":
        _leave_root_behind()
    elif root != "keep":
        os.setgroups([])
        os.setgid(int(root))
        os.setuid(int(root))
    if sys.platform == "linux":
        _libc().prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            sys.exit("The program that asked for this one has ended.")
    os.execv(command[0], command)


def _leave_root_behind() -> None:
    """PostgreSQL will not run as root. In a namespace it sees user 1000, and files stay root's own."""
    user, group = os.geteuid(), os.getegid()  # as seen from outside
    if _libc().unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"1000 {user} 1"),
        ("gid_map", f"1000 {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[5:])
