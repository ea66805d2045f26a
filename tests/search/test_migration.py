from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_migration_can_be_undone_and_done_again():
    def configurations() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT cfgname FROM pg_ts_config WHERE cfgname LIKE 'pare%%'", [])
            return {name for (name,) in cursor.fetchall()}

    call_command("migrate", "search", "zero", verbosity=0)
    assert configurations() == set()

    call_command("migrate", "search", verbosity=0)
    assert {"pare_french", "pare_english", "pare_arabic", "pare_simple"} <= configurations()
