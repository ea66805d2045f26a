from django.conf import settings
from django.db import migrations


def make(apps, schema_editor):
    """Put our home page in the place of Wagtail's welcome page."""
    ContentType = apps.get_model("contenttypes", "ContentType")
    Page = apps.get_model("wagtailcore", "Page")
    Site = apps.get_model("wagtailcore", "Site")
    Locale = apps.get_model("wagtailcore", "Locale")
    HomePage = apps.get_model("home", "HomePage")
    if HomePage.objects.exists():
        return
    Page.objects.filter(slug="home", depth=2).delete()
    Site.objects.all().delete()
    locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    content_type, _ = ContentType.objects.get_or_create(app_label="home", model="homepage")
    root = Page.objects.get(depth=1)
    home = HomePage.objects.create(
        title="Projet PARÉ",
        draft_title="Projet PARÉ",
        slug="home",
        content_type=content_type,
        locale=locale,
        path="00010001",
        depth=2,
        numchild=0,
        url_path="/home/",
    )
    root.numchild = Page.objects.filter(depth=2).count()
    root.save()
    Site.objects.create(
        hostname="localhost", root_page_id=home.pk, is_default_site=True, site_name="Projet PARÉ"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0001_initial"),
        ("wagtailcore", "0054_initial_locale"),
        ("wagtailsearch", "0001_initial"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
