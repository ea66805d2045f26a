from django.apps import apps as installed
from django.db import migrations

# As contributions.workflow and contributions.models say them today: a migration must not change.
WORKFLOW = "Relecture PARÉ"
TEAM = ("Direction", "Coordination", "Relecture")
PUBLISHERS = ("Direction", "Coordination")
PARTNERS = "Partenaires"

EDITORIAL_POINTS = """\
Aucun détail ne permet d'identifier un·e mineur·e, dans les textes, les images et les fichiers
Rien de graphique ni qui décrive une infraction
Les sources sont citées et vérifiées
Les droits des images et des documents sont établis
Les textes sont clairs, les images ont leur texte alternatif, les documents sont lisibles"""
VALIDATION_POINTS = """\
J'ai relu l'ensemble, fichiers compris, sans avoir modifié ce contenu moi-même
Aucun détail ne permet d'identifier un·e mineur·e
La rubrique, la date et les thèmes sont justes
Ce contenu peut être publié au nom du Projet PARÉ"""

PAGE = {
    "Direction": ("add", "change", "publish", "bulk_delete", "lock", "unlock"),
    "Coordination": ("add", "change", "publish", "lock", "unlock"),
    "Relecture": ("add", "change"),
}
STRUCTURE = {
    "Direction": ("view", "add", "change", "delete", "publish", "lock", "unlock"),
    "Coordination": ("view", "add", "change", "publish", "lock", "unlock"),
    "Relecture": ("view", "add", "change"),
}
NAMES = {"contribute": "Proposer des contributions depuis un compte partenaire"}
VOCABULARIES = ("audience", "resourcetype", "service", "structuretype", "theme")


def make(apps, schema_editor):
    """Make the groups, what they may do, and the review, assigned to everything."""
    Group = apps.get_model("auth", "Group")
    Permission = apps.get_model("auth", "Permission")
    ContentType = apps.get_model("contenttypes", "ContentType")

    def type_of(app, model):
        return ContentType.objects.get_or_create(app_label=app, model=model)[0]

    def permission(app, model, action):
        # Permissions are otherwise made after all migrations have run.
        codename = action if action.startswith(("access", "contribute")) else f"{action}_{model}"
        return Permission.objects.get_or_create(
            content_type=type_of(app, model),
            codename=codename,
            defaults={"name": NAMES.get(codename, f"Can {action} {model}")},
        )[0]

    groups = {name: Group.objects.get_or_create(name=name)[0] for name in (*TEAM, PARTNERS)}
    for group in groups.values():
        group.permissions.add(permission("wagtailadmin", "admin", "access_admin"))
    groups[PARTNERS].permissions.add(permission("contributions", "message", "contribute"))
    for name in TEAM:
        groups[name].permissions.add(
            *(permission("contributions", "contribution", a) for a in ("view", "change"))
        )
    for name in PUBLISHERS:
        groups[name].permissions.add(
            *(permission("core", model, a) for model in VOCABULARIES for a in ("add", "change"))
        )
    if installed.is_installed("network"):
        for name, actions in STRUCTURE.items():
            groups[name].permissions.add(*(permission("network", "structure", a) for a in actions))

    _give_pages_and_library(apps, groups, permission)
    _make_review(apps, groups, type_of)


def _give_pages_and_library(apps, groups, permission):
    Page = apps.get_model("wagtailcore", "Page")
    Collection = apps.get_model("wagtailcore", "Collection")
    GroupPagePermission = apps.get_model("wagtailcore", "GroupPagePermission")
    GroupCollectionPermission = apps.get_model("wagtailcore", "GroupCollectionPermission")
    root = Page.objects.get(depth=1)
    library = Collection.objects.get(depth=1)
    for name, actions in PAGE.items():
        for action in actions:
            GroupPagePermission.objects.get_or_create(
                group=groups[name], page=root, permission=permission("wagtailcore", "page", action)
            )
        for app, model in (("wagtailimages", "image"), ("wagtaildocs", "document")):
            for action in ("add", "change", "choose"):
                GroupCollectionPermission.objects.get_or_create(
                    group=groups[name],
                    collection=library,
                    permission=permission(app, model, action),
                )


def _make_review(apps, groups, type_of):
    Workflow = apps.get_model("wagtailcore", "Workflow")
    WorkflowTask = apps.get_model("wagtailcore", "WorkflowTask")
    WorkflowPage = apps.get_model("wagtailcore", "WorkflowPage")
    WorkflowContentType = apps.get_model("wagtailcore", "WorkflowContentType")
    Page = apps.get_model("wagtailcore", "Page")
    workflow = Workflow.objects.create(name=WORKFLOW, active=True)
    steps = (
        ("EditorialReview", "Relecture éditoriale", EDITORIAL_POINTS, TEAM),
        # Whoever validates publishes.
        ("Validation", "Validation", VALIDATION_POINTS, PUBLISHERS),
    )
    for order, (model, name, points, names) in enumerate(steps):
        task = apps.get_model("contributions", model).objects.create(
            name=name,
            checklist=points,
            active=True,
            content_type=type_of("contributions", model.lower()),
        )
        task.groups.set([groups[group] for group in names])
        WorkflowTask.objects.create(workflow=workflow, task_id=task.pk, sort_order=order)
    root = Page.objects.get(depth=1)
    # One workflow a page: ours takes the place of Wagtail's own.
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    if installed.is_installed("network"):
        WorkflowContentType.objects.update_or_create(
            content_type=type_of("network", "structure"), defaults={"workflow": workflow}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0001_initial"),
        ("wagtailadmin", "0001_create_admin_access_permissions"),
        ("wagtailcore", "0098_apitoken"),
        ("wagtaildocs", "0012_uploadeddocument"),
        ("wagtailimages", "0025_alter_image_file_alter_rendition_file"),
        ("home", "0002_first_home_page"),
    ]

    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
