from django.db import migrations

# As contributions.workflow names them today: a migration must not change.
PUBLISHERS = ("Direction", "Coordination")
# « Relecture » reviews what an issue says, and sees nobody's address.
RIGHTS = {
    "subscriber": ("view", "add", "change", "delete"),
    "segment": ("view", "add", "change", "delete"),
    "exportlog": ("view",),
    "mailing": ("view", "add"),
    "delivery": ("view",),
}


def give(apps, schema_editor):
    """Let the two groups that publish look after subscribers, and send."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for model, actions in RIGHTS.items():
        type_, _made = ContentType.objects.get_or_create(app_label="newsletter", model=model)
        for action in actions:
            # Permissions are otherwise made after all migrations have run.
            permission, _made = Permission.objects.get_or_create(
                content_type=type_,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )
            for group in Group.objects.filter(name__in=PUBLISHERS):
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("newsletter", "0001_initial"),
        ("contributions", "0002_review"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
