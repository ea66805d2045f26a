from django.db import migrations

# As review.groups names them today: a migration must not change.
TEAM = ("Direction", "Coordination", "Relecture")


def permission(apps):
    type_, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="figures", model="dailytotal"
    )
    # Permissions are otherwise made after all migrations have run.
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=type_.pk,
        codename="view_dailytotal",
        defaults={"name": "Can view daily total"},
    )[0]


def give(apps, schema_editor):
    """Let the team see how often things are read: totals, and nothing of anybody."""
    for group in apps.get_model("auth", "Group").objects.filter(name__in=TEAM):
        group.permissions.add(permission(apps))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=TEAM):
        group.permissions.remove(permission(apps))


class Migration(migrations.Migration):
    dependencies = [("figures", "0001_totals"), ("review", "0007_permissions")]

    operations = [migrations.RunPython(give, take_back)]
