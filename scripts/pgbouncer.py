"""Where PgBouncer is, for the tests that put it in front of a database."""

import shutil


def find() -> str:
    """Return the path of the program, or nothing."""
    # Debian's is where only root's path leads.
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin") or ""
