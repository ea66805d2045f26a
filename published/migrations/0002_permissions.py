from django.db import migrations

# As review.groups names it today: a migration must not change.
DIRECTION = "Direction"


def give(apps, schema_editor):
    """Let Direction view the ledger of the site."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    type_, _made = ContentType.objects.get_or_create(app_label="published", model="ledgerentry")
    # Permissions are otherwise made after all migrations have run.
    permission, _made = Permission.objects.get_or_create(
        content_type=type_,
        codename="view_ledgerentry",
        defaults={"name": "Can view ledgerentry"},
    )
    for group in Group.objects.filter(name=DIRECTION):
        group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("published", "0001_initial"), ("contributions", "0002_review")]

    operations = [
        migrations.AlterModelOptions(
            name="ledgerentry",
            options={
                "default_permissions": ("view",),
                "verbose_name": "entrée du registre",
                "verbose_name_plural": "entrées du registre",
            },
        ),
        migrations.RunPython(give, migrations.RunPython.noop),
    ]
