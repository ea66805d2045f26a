from django.db import migrations

# As review.groups names them today: a migration must not change.
PUBLISHERS = ("Direction", "Coordination")
# « Relecture » writes the announcements, and sees nobody's address nor needs.
RIGHTS = {"session": ("view", "change"), "registration": ("view", "change")}


def find(apps, model, action):
    type_, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="events", model=model
    )
    # Permissions are otherwise made after all migrations have run.
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=type_.pk,
        codename=f"{action}_{model}",
        defaults={"name": f"Can {action} {model}"},
    )[0]


def permissions(apps):
    return [find(apps, model, action) for model, actions in RIGHTS.items() for action in actions]


def give(apps, schema_editor):
    """Let the two groups that publish look after sessions and those who register."""
    for group in apps.get_model("auth", "Group").objects.filter(name__in=PUBLISHERS):
        group.permissions.add(*permissions(apps))


def take_back(apps, schema_editor):
    for group in apps.get_model("auth", "Group").objects.filter(name__in=PUBLISHERS):
        group.permissions.remove(*permissions(apps))


class Migration(migrations.Migration):
    dependencies = [("events", "0004_sessions_as_admitted"), ("contributions", "0002_review")]

    operations = [migrations.RunPython(give, take_back)]
