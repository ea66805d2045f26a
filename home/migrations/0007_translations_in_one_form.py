from django.db import migrations

TRANSLATED_IN_THEIR_FORM = {
    "core": ("resourcetype", "theme", "audience", "structuretype", "service"),
    "home": ("emergencynumber", "funder"),
}


def forget_sources(apps, schema_editor):
    """Delete the segments by which these were translated: their French form holds the words."""
    sources = apps.get_model("wagtail_localize", "TranslationSource").objects
    for app_label, models in TRANSLATED_IN_THEIR_FORM.items():
        sources.filter(
            specific_content_type__app_label=app_label, specific_content_type__model__in=models
        ).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0006_facts_in_every_language"),
        ("wagtail_localize", "0016_rename_page_revision_translationlog_revision"),
    ]

    operations = [migrations.RunPython(forget_sources, migrations.RunPython.noop)]
