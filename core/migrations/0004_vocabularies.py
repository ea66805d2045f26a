from pathlib import Path

import yaml
from django.conf import settings
from django.db import migrations

VOCABULARIES = Path(__file__).resolve().parents[1] / "data" / "vocabularies.yaml"
MODELS = {
    "resource_types": "ResourceType",
    "themes": "Theme",
    "audiences": "Audience",
    "structure_types": "StructureType",
    "services": "Service",
}


def load(apps, schema_editor):
    """Make the terms of the controlled vocabularies, in the source language."""
    Locale = apps.get_model("wagtailcore", "Locale")
    locale, _ = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    with VOCABULARIES.open(encoding="utf-8") as file:
        vocabularies = yaml.safe_load(file)
    for name, terms in vocabularies.items():
        model = apps.get_model("core", MODELS[name])
        # Those that are there already stay as they are: the migration may be run again.
        model.objects.bulk_create(
            (
                model(locale=locale, slug=slug, label=label, sort_order=position * 10)
                for position, (slug, label) in enumerate(terms.items(), start=1)
            ),
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0003_territories"),
        ("wagtailcore", "0054_initial_locale"),
    ]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
