"""How much memory each program of a running desk takes.

python bench/memory.py --data var
"""

import argparse
from pathlib import Path

from report import Desk, machine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("var"), help="the desk's data folder")
    found = Desk(parser.parse_args().data).memory()
    print(machine())
    for name, mebibytes in found.items():
        print(f"{name}: {mebibytes} MiB")
    print(f"all of it: {sum(found.values())} MiB")


if __name__ == "__main__":
    main()
