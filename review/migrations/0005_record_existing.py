"""Revisions of before have their records too: who wrote them is known from Wagtail."""

from django.db import migrations

from review.content import canonical_content, changed_fields, hash_canonical

BATCH = 500


def fill(apps, schema_editor):
    Record = apps.get_model("review", "RevisionRecord")
    revisions = (
        apps.get_model("wagtailcore", "Revision")
        .objects.filter(review_record=None)
        .order_by("base_content_type_id", "object_id", "created_at", "pk")
    )
    public = _public_revisions(apps)
    records, before_key, before = [], None, {}
    for revision in revisions.iterator(chunk_size=BATCH):
        key = (revision.base_content_type_id, revision.object_id)
        words = canonical_content(revision.content)
        if key != before_key:
            before_key, before = key, {}
        records.append(
            Record(
                revision=revision,
                content_type_id=revision.base_content_type_id,
                object_id=revision.object_id,
                # Of today's function, since it is with today's that it will be compared.
                content_hash=hash_canonical(words),
                changed=changed_fields(before, words),
                user_id=revision.user_id,
                created_at=revision.created_at,
                admitted_at=revision.created_at if revision.pk in public else None,
                scheduled_at=revision.created_at if revision.approved_go_live_at else None,
            )
        )
        before = words
        if len(records) >= BATCH:
            Record.objects.bulk_create(records)
            records = []
    Record.objects.bulk_create(records)


def _public_revisions(apps):
    """Return the keys of the revisions that are live."""
    found = set()
    for model in apps.get_models():
        if {"live", "live_revision"} <= {field.name for field in model._meta.local_fields}:
            live = model._base_manager.filter(live=True).exclude(live_revision=None)
            found |= set(live.values_list("live_revision_id", flat=True))
    return found


class Migration(migrations.Migration):
    dependencies = [("review", "0004_revision_records")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
