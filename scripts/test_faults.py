"""Stop, kill and starve the whole site as in production, for some minutes: ``make test-faults``.

With ``--soak MINUTES`` nothing fails: people read, write and are written to for so long, while
memory and connections are measured. Other arguments are pytest's: ``ARGS="-k redis"``.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from scripts.postgresql import Unusable, postgresql

ROOT = Path(__file__).resolve().parents[1]
COMMAND = [sys.executable, "-m", "pytest", "-q", "--durations=5", "tests/faults"]


def main() -> int:
    """Run the faults, or the soak, and return pytest's exit code."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="run the soak, alone")
    options, arguments = parser.parse_known_args()
    wanted = {"PARE_FAULTS": "1"}
    if options.soak:
        wanted = {"PARE_SOAK_MINUTES": str(options.soak)}
        arguments = ["-k", "soak", *arguments]
    try:
        with postgresql() as server:
            wanted["DATABASE_URL"] = server.url
            environment = {**os.environ, **wanted}
            return subprocess.run(
                [*COMMAND, *arguments], cwd=ROOT, env=environment, check=False
            ).returncode
    except Unusable as reason:
        print(f"No PostgreSQL can be had: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
