from django.db import migrations

# As review.groups names them today: a migration must not change.
PUBLISHERS = ("Direction", "Coordination")
READERS = ("Relecture",)
# What is public as it is saved: those who publish change it, and the others read it.
RIGHTS = {
    ("home", "emergencynumber"): ("view", "add", "change", "delete"),
    ("home", "funder"): ("view", "add", "change", "delete"),
    ("home", "sitesettings"): ("change",),
    # They may add and change them already.
    ("core", "audience"): ("view",),
    ("core", "resourcetype"): ("view",),
    ("core", "service"): ("view",),
    ("core", "structuretype"): ("view",),
    ("core", "theme"): ("view",),
}


def give(apps, schema_editor):
    """Let the groups that publish change what surrounds every page, and the others look at it."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")
    for (app, model), actions in RIGHTS.items():
        type_, _made = ContentType.objects.get_or_create(app_label=app, model=model)
        for action in actions:
            # Permissions are otherwise made after all migrations have run.
            permission, _made = Permission.objects.get_or_create(
                content_type=type_,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )
            names = (*PUBLISHERS, *READERS) if action == "view" else PUBLISHERS
            for group in Group.objects.filter(name__in=names):
                group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0004_french_terms"),
        ("core", "0004_vocabularies"),
        ("contributions", "0002_review"),
    ]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
