"""Run the chaos test, print what it found, and exit 1 when something was lost, missed or done twice.

    python3 -m bench.chaos [--cases 500] [--seconds 60] [--seed 1] [--keep FOLDER]

Brings up a desk of its own, on loopback, with data of its own that is thrown away afterwards (``--keep``
keeps it, and the desk's lines with it).
"""

import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

    from escalation.machine import bootstrap

    bootstrap.enter()

    import django

    # only so that models can be imported: this process signs nothing and asks no database
    os.environ["DJANGO_SETTINGS_MODULE"] = "escalation.settings"
    os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)
    django.setup()

    from bench.chaos import command

    sys.exit(command.main())
