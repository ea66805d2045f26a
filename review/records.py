"""Records of revisions: made when they are saved, asked before words are approved or admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from review.actors import current_actor
from review.content import canonical_content, changed_fields, hash_canonical
from review.models import RevisionRecord
from review.provenance import content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model
    from wagtail.models import Revision

    from core.models import User
    from review.models.records import RevisionRecordQuerySet

EVERYTHING = ["*"]
"""What is recorded as changed when the words before are not known any more."""


def records_of(instance: Model) -> RevisionRecordQuerySet:
    """Return the records of a page or snippet, oldest first."""
    return RevisionRecord.objects.of(content_type_of(instance).pk, instance.pk)


def record_revision(revision: Revision) -> RevisionRecord:
    """Record whose words a revision has, unless it is recorded already."""
    found = RevisionRecord.objects.filter(revision=revision).first()
    if found is not None:
        return found
    known = RevisionRecord.objects.of(revision.base_content_type_id, revision.object_id)
    previous = known.select_related("revision").last()
    record = build_record(revision, previous)
    record.save()
    return record


def record_revisions(revisions: Iterable[Revision]) -> list[RevisionRecord]:
    """Record revisions that were written in bulk, which sends no signal.

    All are of one type, and each is of another object.
    """
    revisions = list(revisions)
    latest: dict[str, RevisionRecord] = {}
    if revisions:
        rows = RevisionRecord.objects.filter(
            content_type=revisions[0].base_content_type_id,
            object_id__in=[str(revision.object_id) for revision in revisions],
        )
        for record in rows.select_related("revision").order_by("pk"):
            latest[record.object_id] = record
    return RevisionRecord.objects.bulk_create(
        build_record(revision, latest.get(str(revision.object_id))) for revision in revisions
    )


def build_record(revision: Revision, previous: RevisionRecord | None) -> RevisionRecord:
    """Return the record of a revision, unsaved, by what the record before it had."""
    words = canonical_content(revision.content)
    content_hash = hash_canonical(words)
    changed = sorted(words)
    if previous is not None and previous.content_hash == content_hash:
        changed = []
    elif previous is not None:
        before = previous.revision
        changed = changed_fields(canonical_content(before.content), words) if before else EVERYTHING
    # What the program writes for a reason is nobody's, even in somebody's name.
    actor = current_actor()
    system = actor.system if actor else ""
    user = None if system else revision.user or (actor.user if actor else None)
    return RevisionRecord(
        revision=revision,
        content_type_id=revision.base_content_type_id,
        object_id=str(revision.object_id),
        content_hash=content_hash,
        changed=changed,
        user_id=user.pk if user else None,
        system=system,
        created_at=revision.created_at,
    )


def record_admission(instance: Model, content_hash: str) -> None:
    """Record that words of a page or snippet are public: who changes them next starts anew."""
    record_admissions([instance], [content_hash])


def record_admissions(instances: Sequence[Model], hashes: Sequence[str]) -> None:
    """Record that words of objects of one type are public, in few queries."""
    if not instances:
        return
    content_type, now = content_type_of(instances[0]), timezone.now()
    known = {
        (object_id, content_hash): pk
        for object_id, content_hash, pk in RevisionRecord.objects.filter(
            content_type=content_type, object_id__in=[str(each.pk) for each in instances]
        )
        .order_by("pk")
        .values_list("object_id", "content_hash", "pk")
    }
    keys = [
        (str(instance.pk), each_hash) for instance, each_hash in zip(instances, hashes, strict=True)
    ]
    RevisionRecord.objects.filter(pk__in=[known[key] for key in keys if key in known]).update(
        admitted_at=now
    )
    actor = current_actor()
    # Of what was public before anything was recorded.
    RevisionRecord.objects.bulk_create(
        RevisionRecord(
            content_type=content_type,
            object_id=object_id,
            content_hash=content_hash,
            changed=EVERYTHING,
            system=actor.system if actor else "",
            admitted_at=now,
        )
        for object_id, content_hash in keys
        if (object_id, content_hash) not in known
    )


def record_schedule(revision: Revision, user: User | None) -> None:
    """Record who schedules the publication of a revision."""
    record = record_revision(revision)
    record.scheduled_at, record.scheduled_by = timezone.now(), user
    record.save(update_fields=["scheduled_at", "scheduled_by"])


def is_recorded(instance: Model, content_hash: str) -> bool:
    """Return whether it is known who wrote these words: if not, they count as external."""
    return records_of(instance).having(content_hash).exists()


def is_scheduled(instance: Model, content_hash: str) -> bool:
    """Return whether somebody scheduled the publication of these words."""
    return records_of(instance).having(content_hash).exclude(scheduled_at=None).exists()


def is_admitted(instance: Model, content_hash: str) -> bool:
    """Return whether these words are those that became public last."""
    record = records_of(instance).last_admitted()
    return record is not None and record.content_hash == content_hash


def authors_of(instance: Model, content_hash: str) -> set[int]:
    """Return the keys of the users who changed these words since they were last admitted."""
    return records_of(instance).authors(content_hash)
