"""PostgreSQL: stems of the other languages, where the first migration has only the French ones.

The index of pages that are in these languages is made again by ``update_index``.
"""

from django.db import migrations

LANGUAGES = [
    "arabic",
    "dutch",
    "english",
    "german",
    "hungarian",
    "italian",
    "portuguese",
    "romanian",
    "russian",
    "spanish",
    "turkish",
]


def add(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for language in LANGUAGES:
            schema_editor.execute(
                f"CREATE TEXT SEARCH CONFIGURATION pare_{language} (COPY = pg_catalog.{language})"
            )
            schema_editor.execute(
                f"ALTER TEXT SEARCH CONFIGURATION pare_{language} ALTER MAPPING "
                f"FOR hword, hword_part, word WITH public.unaccent, {language}_stem"
            )


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for language in LANGUAGES:
            schema_editor.execute(f"DROP TEXT SEARCH CONFIGURATION IF EXISTS pare_{language}")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_french")]

    operations = [migrations.RunPython(add, remove)]
