"""The team may have pages translated: nobody but superusers could."""

from django.db import migrations

TEAM = ("Direction", "Coordination", "Relecture")


def _groups_and_permission(apps):
    # Made by a migration of wagtail-localize.
    permission = apps.get_model("auth", "Permission").objects.get(
        content_type__app_label="wagtail_localize", codename="submit_translation"
    )
    return apps.get_model("auth", "Group").objects.filter(name__in=TEAM), permission


def give(apps, schema_editor):
    groups, permission = _groups_and_permission(apps)
    for group in groups:
        group.permissions.add(permission)


def take_back(apps, schema_editor):
    groups, permission = _groups_and_permission(apps)
    for group in groups:
        group.permissions.remove(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0002_review"),
        ("wagtail_localize", "0016_rename_page_revision_translationlog_revision"),
    ]

    operations = [migrations.RunPython(give, take_back)]
