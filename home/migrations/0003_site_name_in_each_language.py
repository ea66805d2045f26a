"""The site's name and operator are said by the home page of each language, so are translated."""

from django.db import migrations, models

FIELDS = ("site_name", "operator")


def to_home_pages(apps, schema_editor):
    conf = apps.get_model("home", "SiteSettings").objects.first()
    if conf is None:
        return
    said = {field: getattr(conf, field) for field in FIELDS}
    homes = apps.get_model("home", "HomePage").objects
    homes.update(**said)
    # The next edit of a home page starts from its latest revision.
    revisions = apps.get_model("wagtailcore", "Revision").objects
    for revision in revisions.filter(pk__in=homes.values("latest_revision")):
        revision.content.update(said)
        revision.save(update_fields=["content"])


def to_settings(apps, schema_editor):
    home = apps.get_model("home", "HomePage").objects.order_by("pk").first()
    if home is not None:
        apps.get_model("home", "SiteSettings").objects.update(
            **{field: getattr(home, field) for field in FIELDS}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0002_first_home_page"),
        ("wagtailcore", "0098_apitoken"),
    ]

    operations = [
        migrations.AddField(
            model_name="homepage",
            name="site_name",
            field=models.CharField(
                default="Projet PARÉ",
                help_text="En haut de chaque page, dans les lettres et les partages.",
                max_length=80,
                verbose_name="nom du site",
            ),
        ),
        migrations.AddField(
            model_name="homepage",
            name="operator",
            field=models.CharField(
                blank=True,
                help_text="En bas de chaque page et des lettres.",
                max_length=120,
                verbose_name="porteur du projet",
            ),
        ),
        migrations.RunPython(to_home_pages, to_settings),
        migrations.RemoveField(model_name="sitesettings", name="site_name"),
        migrations.RemoveField(model_name="sitesettings", name="operator"),
    ]
