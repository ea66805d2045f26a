import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FRENCH = {"locale__language_code": settings.LANGUAGE_CODE}


def keep_french(apps, schema_editor):
    """Point subscribers to the French row of each term: that is what groups are made of."""
    Subscriber = apps.get_model("newsletter", "Subscriber")
    Theme = apps.get_model("core", "Theme")
    StructureType = apps.get_model("core", "StructureType")
    for translated in Theme.objects.exclude(**FRENCH):
        french = Theme.objects.filter(slug=translated.slug, **FRENCH).first()
        for subscriber in Subscriber.objects.filter(themes=translated) if french else ():
            subscriber.themes.add(french)
            subscriber.themes.remove(translated)
    for translated in StructureType.objects.exclude(**FRENCH):
        french = StructureType.objects.filter(slug=translated.slug, **FRENCH).first()
        if french:
            Subscriber.objects.filter(structure_type=translated).update(structure_type=french)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_vocabularies"),
        ("newsletter", "0002_permissions"),
    ]

    operations = [
        migrations.RunPython(keep_french, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="subscriber",
            name="structure_type",
            field=models.ForeignKey(
                blank=True,
                limit_choices_to={"locale__language_code": "fr"},
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="core.structuretype",
                verbose_name="type de structure",
            ),
        ),
        migrations.AlterField(
            model_name="subscriber",
            name="themes",
            field=models.ManyToManyField(
                blank=True,
                limit_choices_to={"locale__language_code": "fr"},
                related_name="+",
                to="core.theme",
                verbose_name="centres d'intérêt",
            ),
        ),
    ]
