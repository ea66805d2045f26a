"""The review becomes an app of its own: its tables and content types take the name of that app."""

from django.db import migrations, models

MOVED = ("editorialreview", "externalcontent", "reviewstate", "validation")


def move_types(apps, schema_editor):
    _rename_app(apps, "contributions", "review")


def move_types_back(apps, schema_editor):
    _rename_app(apps, "review", "contributions")


def _rename_app(apps, before, after):
    # The rows stay: tasks, their states and permissions refer to them.
    types = apps.get_model("contenttypes", "ContentType").objects
    types.filter(app_label=before, model__in=MOVED).update(app_label=after)
    types.clear_cache()


class Migration(migrations.Migration):
    dependencies = [("contributions", "0007_fill_marks")]

    operations = [
        migrations.RemoveField("outsidecontent", "contribution"),
        migrations.RemoveConstraint("outsidecontent", "outside_content_once"),
        migrations.RenameModel("OutsideContent", "ExternalContent"),
        migrations.AddConstraint(
            "externalcontent",
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="external_content_once"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.AlterModelTable(name, f"review_{name}") for name in MOVED
            ],
            # The app `review` has them from its first migration on.
            state_operations=[migrations.DeleteModel(name) for name in MOVED],
        ),
        migrations.RunPython(move_types, move_types_back),
    ]
