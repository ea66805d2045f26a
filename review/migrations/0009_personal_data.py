from django.db import migrations

# As review.groups names it today: a migration must not change.
DIRECTION = "Direction"
CODENAME = "handle_personal_data"


def permission(apps):
    type_, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="core", model="personaldataact"
    )
    # Permissions are otherwise made after all migrations have run.
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=type_.pk, codename=CODENAME, defaults={"name": CODENAME}
    )[0]


def give(apps, schema_editor):
    """Let Direction export and erase what is held of people."""
    for group in apps.get_model("auth", "Group").objects.filter(name=DIRECTION):
        group.permissions.add(permission(apps))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name=DIRECTION):
        group.permissions.remove(permission(apps))


class Migration(migrations.Migration):
    dependencies = [("review", "0008_accounts"), ("core", "0011_personal_data_acts")]

    operations = [migrations.RunPython(give, take_back)]
