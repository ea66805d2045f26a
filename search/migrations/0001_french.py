"""French full-text search on PostgreSQL: stems and accents, and words that look alike.

Makes what ``manage.py enable_unaccent`` and ``enable_trigram`` (of modelsearch) make, less the
indexes that its queries can't use, so that installing asks for no further command.
"""

from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations

FORWARDS = [
    # Immutable, for indexes: the dictionary is named, so nothing depends on the search path.
    """
    CREATE OR REPLACE FUNCTION f_unaccent(text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
    $func$ SELECT public.unaccent('public.unaccent', $1) $func$
    """,
    # What pages say: without accents, then stems.
    "CREATE TEXT SEARCH CONFIGURATION pare_french (COPY = pg_catalog.french)",
    """
    ALTER TEXT SEARCH CONFIGURATION pare_french
        ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, french_stem
    """,
    # What is completed as someone types: without accents, and whole.
    "CREATE TEXT SEARCH CONFIGURATION pare_simple (COPY = pg_catalog.simple)",
    """
    ALTER TEXT SEARCH CONFIGURATION pare_simple
        ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, simple
    """,
    # What the queries of modelsearch ask, and no index of its own answers.
    "CREATE INDEX search_everything ON wagtailsearch_indexentry USING gin ((title || body))",
]
BACKWARDS = [
    "DROP INDEX IF EXISTS search_everything",
    "DROP TEXT SEARCH CONFIGURATION IF EXISTS pare_simple",
    "DROP TEXT SEARCH CONFIGURATION IF EXISTS pare_french",
    "DROP FUNCTION IF EXISTS f_unaccent(text)",
]


def run(statements):
    def operate(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return operate


class Migration(migrations.Migration):
    initial = True

    dependencies = [("wagtailsearch", "0010_add_text_fields")]

    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        migrations.RunPython(run(FORWARDS), run(BACKWARDS)),
    ]
