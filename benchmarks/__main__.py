"""``make bench``: run the benchmarks, or those that are named, and print their figures."""

from __future__ import annotations

import sys
from importlib import import_module

NAMES = ("resources", "door", "uploads", "network", "newsletter")


def main(names: list[str]) -> int:
    """Run them one after the other; two at a time would measure each other."""
    for name in names or NAMES:
        if name not in NAMES:
            sys.stderr.write(f"No benchmark is called {name}; there are: {', '.join(NAMES)}.\n")
            return 2
        lines = import_module(f"benchmarks.{name}").run()
        sys.stdout.write("\n".join([f"## {name}", "", *lines, "", ""]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
