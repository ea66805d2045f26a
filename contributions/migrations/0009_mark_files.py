"""Mark the files that wait for a review: their collection alone told that they do."""

from django.db import migrations

# As contributions.library names it today: a migration must not change.
QUARANTINE = "Contributions en relecture"


def mark(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    ExternalContent = apps.get_model("review", "ExternalContent")
    for name in ("document", "image"):
        type_ = ContentType.objects.get_or_create(app_label="core", model=name)[0]
        rows = apps.get_model("core", name).objects.filter(collection__name=QUARANTINE)
        for pk in rows.values_list("pk", flat=True):
            ExternalContent.objects.get_or_create(content_type=type_, object_id=str(pk))


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0008_move_review"),
        ("core", "0005_document_versions"),
        ("review", "0003_hash_approvals"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
