from django.conf import settings
from django.db import migrations, models

BATCH_SIZE = 500
COPIED = ("title", "summary", "registration_mode", "external_registration_url")


def copy_events(apps, schema_editor):
    """Give sessions what was read from their pages until now."""
    Session = apps.get_model("events", "Session")
    changed = []
    for session in Session.objects.select_related("page__locale").iterator(chunk_size=BATCH_SIZE):
        page = session.page
        is_french = page.locale.language_code == settings.LANGUAGE_CODE
        session.title = page.title
        session.summary = page.summary or page.search_description
        session.external_registration_url = page.external_registration_url
        session.registration_mode = (
            "original" if page.registration == "here" and not is_french else page.registration
        )
        changed.append(session)
    Session.objects.bulk_update(changed, COPIED, batch_size=BATCH_SIZE)


class Migration(migrations.Migration):
    dependencies = [("events", "0003_french_terms")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="title",
            field=models.CharField(
                default="", editable=False, max_length=255, verbose_name="titre"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="session",
            name="summary",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="résumé"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="session",
            name="registration_mode",
            field=models.CharField(
                default="", editable=False, max_length=8, verbose_name="inscription"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="session",
            name="external_registration_url",
            field=models.URLField(
                blank=True,
                default="",
                editable=False,
                max_length=500,
                verbose_name="adresse d'inscription",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(copy_events, migrations.RunPython.noop),
        # With a default, for who goes back.
        migrations.AlterField(
            model_name="session",
            name="area",
            field=models.CharField(default="", editable=False, max_length=8),
        ),
        migrations.AlterField(
            model_name="session",
            name="month",
            field=models.CharField(default="", editable=False, max_length=7),
        ),
        migrations.RemoveField(model_name="session", name="area"),
        migrations.RemoveField(model_name="session", name="month"),
    ]
