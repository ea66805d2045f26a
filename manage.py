#!/usr/bin/env python
"""Django's command line, with ``site/`` on the path so that ``import pare`` works."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Run the command given on the command line."""
    # ``site`` is a module of the standard library, hence a folder on sys.path and not a package.
    sys.path.insert(1, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pare.settings.dev")

    from django.core.management import execute_from_command_line  # noqa: PLC0415

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
