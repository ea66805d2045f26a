"""Run Django in a process of its own, so that each benchmark has its own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.harness import ROOT

SETUP = "import sys; sys.path[:0] = ['.', 'site']; import django; django.setup(); "


def django_in(environment: dict[str, str], code: str) -> str:
    """Migrate, run *code*, let the database count its rows, and return what was printed.

    Raises:
        subprocess.CalledProcessError: it failed; its output went to standard error.
    """
    migrate = (
        "from django.core.management import call_command; call_command('migrate', verbosity=0); "
    )
    # As autovacuum does within a minute, when the first load would be over.
    analyze = "\nfrom django.db import connection; connection.cursor().execute('VACUUM ANALYZE')"
    Path(environment["VAR_DIR"], "static").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", SETUP + migrate + code + analyze],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout
