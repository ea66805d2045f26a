"""Writing a plan in bulk, in one transaction, each row with its revision and its log entry.

What Wagtail would do for each row by itself (save, version, log, index for
search and for references) is done here for some hundreds at a time.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from wagtail.models import ModelLogEntry, ReferenceIndex, Revision

from core.compat import extract_references, hash_content_path
from core.models import ContentVersion
from network.imports.reader import MANY
from network.models import Structure
from network.signals import structures_imported
from published.bulk import admit_all
from review.actors import Actor, current_actor
from review.records import record_revisions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.models import User
    from network.imports.planner import Plan, PlannedRow

BATCH = 500
ACTION = "network.import"
KEPT = {"id", "translation_key", "locale"}
COLUMNS = [field.name for field in Structure._meta.concrete_fields if field.name not in KEPT]
DRAFT_COLUMNS = ["has_unpublished_changes", "latest_revision"]


class PlanHasErrors(Exception):
    """Raised for a plan with an error, of which nothing is written."""


@transaction.atomic
def write_plan(
    plan: Plan, user: User | None = None, *, is_published: bool, is_demo: bool = False
) -> tuple[int, int]:
    """Write a plan: all of it, or nothing.

    Args:
        plan: fresh, so that nothing has changed since it was made.
        user: who imports: the author, in the history, and who makes it public.
        is_published: whether the public sees it at once; else each row is a draft to review.
        is_demo: whether to mark what is created as demonstration.

    Returns:
        How many were created, and how many changed.

    Raises:
        PlanHasErrors: nothing was written.
        AdmissionRefused: some of it may not become public; nothing was written.
    """
    if plan.has_errors:
        raise PlanHasErrors
    created = [row for row in plan.rows if row.action == "create"]
    updated = [row for row in plan.rows if row.action == "update"]
    for row in created:
        assert row.structure  # noqa: S101
        row.structure.is_demo = is_demo
    for rows, is_new in ((created, True), (updated, False)):
        for part in _batches(rows):
            _write_part(part, user, is_new=is_new, is_published=is_published)
    ContentVersion.bump()
    keys = [row.structure.pk for row in (*created, *updated) if row.structure]
    structures_imported.send(sender=Structure, keys=keys, is_published=is_published)
    return len(created), len(updated)


def _batches(rows: Sequence[PlannedRow]) -> Iterator[Sequence[PlannedRow]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def _write_part(
    part: Sequence[PlannedRow], user: User | None, *, is_new: bool, is_published: bool
) -> None:
    now = timezone.now()
    structures = [row.structure for row in part if row.structure]
    for row, structure in zip(part, structures, strict=True):
        _prepare(row, structure, now, is_new=is_new, is_published=is_published)
    if is_new:
        Structure.objects.bulk_create(structures)
    revisions = _make_revisions(structures, user, now)
    for structure, revision in zip(structures, revisions, strict=True):
        structure.latest_revision = revision
        if is_published:
            structure.live_revision = revision
    # A draft of a structure that is live leaves what the public sees as it is.
    _update(structures, COLUMNS if is_published else DRAFT_COLUMNS)
    if is_published or is_new:
        _write_terms(part)
        _index_references(structures)
    _log(part, revisions, user, now)
    if is_published and not is_new:
        keys = [structure.translation_key for structure in structures]
        translations = Structure.objects.filter(translation_key__in=keys)
        for translation in translations.exclude(pk__in=[each.pk for each in structures]):
            translation.save()  # It takes its place from its source.
    if is_published:
        # Rows make nothing public: their words are admitted, as those that an editor publishes.
        actor = Actor(user=user) if user else current_actor()
        contents = [revision.content for revision in revisions]
        admit_all(structures, contents, actor, reason="import" if user else "")


def _prepare(
    row: PlannedRow, structure: Structure, now: Any, *, is_new: bool, is_published: bool
) -> None:
    for column in MANY:
        if is_new or column in row.values:
            setattr(structure, column, row.values.get(column, []))
    structure.has_unpublished_changes = not is_published
    if is_new:
        structure.live = is_published
    if is_published:
        structure.first_published_at = structure.first_published_at or now
        structure.last_published_at = now


def _update(structures: Sequence[Structure], names: Sequence[str]) -> None:
    """Update columns of existing rows in one statement, without the CASEs of bulk_update."""
    Structure.objects.bulk_create(
        structures, update_conflicts=True, unique_fields=["id"], update_fields=names
    )


def _make_revisions(structures: Sequence[Structure], user: User | None, now: Any) -> list[Revision]:
    kind = ContentType.objects.get_for_model(Structure)
    revisions = Revision.objects.bulk_create(
        Revision(
            content_type=kind,
            base_content_type=kind,
            object_id=str(structure.pk),
            created_at=now,
            user=user,
            object_str=str(structure),
            content=structure.serializable_data(),
        )
        for structure in structures
    )
    record_revisions(revisions)
    return revisions


def _write_terms(part: Sequence[PlannedRow]) -> None:
    for column in MANY:
        through: Any = getattr(Structure, column).through
        field: Any = Structure._meta.get_field(column)
        target = field.m2m_reverse_name()
        rows = [row for row in part if column in row.values and row.structure]
        keys = [row.structure.pk for row in rows if row.structure]
        through.objects.filter(structure_id__in=keys).delete()
        through.objects.bulk_create(
            through(**{"structure_id": row.structure.pk, target: term.pk})
            for row in rows
            if row.structure
            for term in row.values[column]
        )


def _index_references(structures: Sequence[Structure]) -> None:
    kind = ContentType.objects.get_for_model(Structure)
    keys = [str(structure.pk) for structure in structures]
    ReferenceIndex.objects.filter(base_content_type=kind, object_id__in=keys).delete()
    ReferenceIndex.objects.bulk_create(
        ReferenceIndex(
            content_type=kind,
            base_content_type=kind,
            object_id=str(structure.pk),
            **reference._asdict(),
            content_path_hash=hash_content_path(reference.content_path),
        )
        for structure in structures
        for reference in set(extract_references(structure))
    )


def _log(
    part: Sequence[PlannedRow], revisions: Sequence[Revision], user: User | None, now: Any
) -> None:
    kind = ContentType.objects.get_for_model(Structure)
    ModelLogEntry.objects.bulk_create(
        ModelLogEntry(
            content_type=kind,
            label=str(row.structure),
            action=ACTION,
            # Names of columns and no values: a history is read by more people than an address.
            data={"line": row.line, "columns": [change.column for change in row.changes]},
            timestamp=now,
            user=user,
            revision=revision,
            object_id=str(row.structure.pk if row.structure else ""),
            content_changed=True,
            uuid=uuid.uuid4(),
        )
        for row, revision in zip(part, revisions, strict=True)
    )
