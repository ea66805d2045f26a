from django.db import migrations

ENGLISH, FRENCH = "Root", "Racine"


def rename(apps, schema_editor, before, after):
    """Rename what Wagtail's migrations named in English, unless somebody has."""
    roots = {"Page": "title", "Collection": "name"}
    for model, field in roots.items():
        rows = apps.get_model("wagtailcore", model).objects.filter(depth=1)
        rows.filter(**{field: before}).update(**{field: after})
    pages = apps.get_model("wagtailcore", "Page").objects.filter(depth=1, draft_title=before)
    pages.update(draft_title=after)


def to_french(apps, schema_editor):
    rename(apps, schema_editor, ENGLISH, FRENCH)


def to_english(apps, schema_editor):
    rename(apps, schema_editor, FRENCH, ENGLISH)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0006_document_tags"),
        ("wagtailcore", "0094_alter_page_locale"),
    ]

    operations = [migrations.RunPython(to_french, to_english)]
