from django.db import migrations

# As review.groups names it today: a migration must not change.
GROUP = "Direction"


def give(apps, schema_editor):
    """Let Direction see who exported what, and why."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    type_, _made = ContentType.objects.get_or_create(app_label="network", model="structureexport")
    # Permissions are otherwise made after all migrations have run.
    permission, _made = Permission.objects.get_or_create(
        content_type=type_,
        codename="view_structureexport",
        defaults={"name": "Can view structureexport"},
    )
    for group in Group.objects.filter(name=GROUP):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("network", "0005_exports"),
        # It makes the groups.
        ("contributions", "0002_review"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
