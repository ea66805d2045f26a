"""Fill what the marks of external content keep by themselves from now on."""

from django.db import migrations

# As contributions.lifecycle names them today: a migration must not change.
REVIEWED = ("in_review", "scheduled", "published")


def fill(apps, schema_editor):
    for mark in apps.get_model("contributions", "OutsideContent").objects.select_related(
        "content_type", "contribution"
    ):
        mark.is_suspended = (
            mark.contribution is not None and mark.contribution.state not in REVIEWED
        )
        mark.translation_key = _translation_key(apps, mark)
        mark.save(update_fields=["is_suspended", "translation_key"])


def _translation_key(apps, mark):
    try:
        model = apps.get_model(mark.content_type.app_label, mark.content_type.model)
    except LookupError:
        return None
    return (
        model._base_manager.filter(pk=mark.object_id)
        .values_list("translation_key", flat=True)
        .first()
    )


def give_back(apps, schema_editor):
    """Find the contribution of each mark again, by its draft."""
    marks = apps.get_model("contributions", "OutsideContent").objects
    for contribution in (
        apps.get_model("contributions", "Contribution")
        .objects.exclude(draft_type=None)
        .select_related("draft_type")
    ):
        model = contribution.draft_type.model
        marks.filter(
            object_id=contribution.draft_id,
            content_type__model=model if model == "structure" else "page",
        ).update(contribution=contribution)


class Migration(migrations.Migration):
    # Apart from the changes of columns: PostgreSQL refuses both in one transaction.
    dependencies = [("contributions", "0006_review_apart")]

    operations = [migrations.RunPython(fill, give_back)]
