from django.db import migrations

GROUPS = ("Moderators", "Editors")
# What Wagtail and its packages gave both, and what the first has besides.
BOTH = {
    ("wagtail_localize", "submit_translation"),
    ("wagtailadmin", "access_admin"),
    *(("wagtaildocs", f"{action}_document") for action in ("add", "change", "choose", "delete")),
    *(("wagtailimages", f"{action}_image") for action in ("add", "change", "choose", "delete")),
}
PAGES = {
    "Moderators": ("add", "change", "publish", "lock", "unlock"),
    "Editors": ("add", "change"),
}
FILES = {
    *(("wagtaildocs", f"{action}_document") for action in ("add", "change", "choose")),
    *(("wagtailimages", f"{action}_image") for action in ("add", "change", "choose")),
}
STEP = "Moderators approval"


def take_away(apps, schema_editor):
    """Leave the groups that Wagtail makes without any right, where nobody is in them.

    Nobody decided what they may do, and who is put into one by mistake may publish everything.
    """
    groups = apps.get_model("auth", "Group").objects.filter(name__in=GROUPS, user=None)
    for group in groups:
        group.permissions.clear()
        for model in ("GroupPagePermission", "GroupCollectionPermission"):
            apps.get_model("wagtailcore", model).objects.filter(group=group).delete()
        for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.filter(groups=group):
            task.groups.remove(group)


def give_back(apps, schema_editor):
    """Give the groups that have no right what Wagtail gives them."""
    Permission = apps.get_model("auth", "Permission")
    page_permissions = apps.get_model("wagtailcore", "GroupPagePermission").objects
    file_permissions = apps.get_model("wagtailcore", "GroupCollectionPermission").objects
    root_page = apps.get_model("wagtailcore", "Page").objects.get(depth=1)
    root_folder = apps.get_model("wagtailcore", "Collection").objects.get(depth=1)

    def named(pairs):
        return [
            permission
            for app, codename in sorted(pairs)
            for permission in Permission.objects.filter(
                content_type__app_label=app, codename=codename
            )
        ]

    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        if group.permissions.exists() or page_permissions.filter(group=group).exists():
            continue
        group.permissions.set(named(BOTH))
        for permission in named(("wagtailcore", f"{each}_page") for each in PAGES[group.name]):
            page_permissions.create(group=group, page=root_page, permission=permission)
        for permission in named(FILES):
            file_permissions.create(group=group, collection=root_folder, permission=permission)
        if group.name == "Moderators":
            for task in apps.get_model("wagtailcore", "GroupApprovalTask").objects.filter(
                name=STEP
            ):
                task.groups.add(group)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("wagtailcore", "0094_alter_page_locale"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailimages", "0023_add_choose_permissions"),
        ("wagtaildocs", "0011_add_choose_permissions"),
        ("wagtail_localize", "0006_create_submit_translation_permission"),
        ("review", "0008_accounts"),
    ]

    operations = [migrations.RunPython(take_away, give_back)]
