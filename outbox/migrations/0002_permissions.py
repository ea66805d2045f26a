from django.db import migrations

# As review.groups names them today: a migration must not change.
PUBLISHERS = ("Direction", "Coordination")


def give(apps, schema_editor):
    """Let the two groups that publish see the letters that wait, and have them tried again."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    type_, _made = ContentType.objects.get_or_create(app_label="outbox", model="outgoingemail")
    for action in ("view", "change"):
        # Permissions are otherwise made after all migrations have run.
        permission, _made = Permission.objects.get_or_create(
            content_type=type_,
            codename=f"{action}_outgoingemail",
            defaults={"name": f"Can {action} outgoingemail"},
        )
        for group in Group.objects.filter(name__in=PUBLISHERS):
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_initial"),
        # It makes the groups.
        ("contributions", "0002_review"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
