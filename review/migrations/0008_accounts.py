from django.db import migrations

# As review.groups names it today: a migration must not change.
DIRECTION = "Direction"
# An account is made inactive and not deleted: the ledger and the history name who did what.
RIGHTS = {
    ("core", "user"): ("add", "change"),
    ("auth", "group"): ("add", "change", "delete"),
}


def permissions(apps):
    ContentType = apps.get_model("contenttypes", "ContentType")
    for (app, model), actions in RIGHTS.items():
        type_, _made = ContentType.objects.get_or_create(app_label=app, model=model)
        for action in actions:
            # Permissions are otherwise made after all migrations have run.
            yield apps.get_model("auth", "Permission").objects.get_or_create(
                content_type_id=type_.pk,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )[0]


def give(apps, schema_editor):
    """Let Direction manage accounts and groups, which the screens keep below her own rights."""
    for group in apps.get_model("auth", "Group").objects.filter(name=DIRECTION):
        group.permissions.add(*permissions(apps))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name=DIRECTION):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("review", "0007_permissions"), ("core", "0001_users")]

    operations = [migrations.RunPython(give, take_back)]
