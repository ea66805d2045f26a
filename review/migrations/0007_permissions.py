from django.db import migrations

# As review.groups names them today: a migration must not change.
TEAM = ("Direction", "Coordination", "Relecture")
PUBLISHERS = TEAM[:2]
RIGHTS = {
    # Redirects are public as they are saved.
    ("wagtailredirects", "redirect"): (PUBLISHERS, ("add", "change", "delete")),
    ("core", "territory"): (TEAM, ("view",)),
}
OF_COLLECTIONS = (PUBLISHERS, ("add", "change", "delete"))


def find(apps, app, model, action):
    type_, _made = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label=app, model=model
    )
    # Permissions are otherwise made after all migrations have run.
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type_id=type_.pk,
        codename=f"{action}_{model}",
        defaults={"name": f"Can {action} {model}"},
    )[0]


def rights(apps):
    Group = apps.get_model("auth", "Group")
    for (app, model), (names, actions) in RIGHTS.items():
        permissions = [find(apps, app, model, action) for action in actions]
        for group in Group.objects.filter(name__in=names):
            yield group, permissions


def of_collections(apps):
    names, actions = OF_COLLECTIONS
    root = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)
    for group in apps.get_model("auth", "Group").objects.filter(name__in=names):
        for action in actions:
            permission = find(apps, "wagtailcore", "collection", action)
            # By their keys: going back, Django has classes of several states.
            yield {
                "group_id": group.pk,
                "collection_id": root.pk,
                "permission_id": permission.pk,
            }


def give(apps, schema_editor):
    """Let the team look after what surrounds pages, as its guide has it."""
    for group, permissions in rights(apps):
        group.permissions.add(*permissions)
    for values in of_collections(apps):
        apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(**values)


def take_back(apps, schema_editor):
    for group, permissions in rights(apps):
        group.permissions.remove(*permissions)
    for values in of_collections(apps):
        apps.get_model("wagtailcore", "GroupCollectionPermission").objects.filter(**values).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0006_reminders"),
        ("contributions", "0002_review"),
        ("core", "0003_territories"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtailredirects", "0008_add_verbose_name_plural"),
    ]

    operations = [migrations.RunPython(give, take_back)]
