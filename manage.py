#!/usr/bin/env python3
"""The one command of Recourse. It brings its own libraries: `python3 manage.py up --demo`."""

# Any Python must be able to read this file, however old: it is where the old ones are told.
import sys

if sys.version_info < (3, 11):
    sys.exit(
        "Recourse needs Python 3.11 or newer; this is %d.%d (%s)."
        % (sys.version_info[0], sys.version_info[1], sys.executable)
    )

if __name__ == "__main__":
    from escalation.machine import bootstrap

    bootstrap.enter()

    from escalation.machine import shell

    shell.main(sys.argv)
