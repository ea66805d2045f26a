"""Who wrote which words: a record for each saved revision, which outlives it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from review.content import canonical_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Content = tuple[int, str]
"""The key of a content type, and that of what is of it."""
Words = tuple[Content, str]
"""A content, and the hash of its words."""
COLUMNS = ("content_hash", "changed", "user_id", "admitted_at")


def words_of(revision: Revision) -> Words:
    """Return what a revision is of, with the hash of its words."""
    content = (revision.base_content_type_id, revision.object_id)
    return content, canonical_hash(revision.content)


class RevisionRecordQuerySet(models.QuerySet["RevisionRecord"]):
    """Records, by the content whose words they are."""

    def of(self, content_type_id: int, object_id: Any) -> RevisionRecordQuerySet:
        """Return the records of a content, oldest first."""
        return self.filter(content_type=content_type_id, object_id=str(object_id)).order_by("pk")

    def having(self, content_hash: str) -> RevisionRecordQuerySet:
        """Return the records of these very words."""
        return self.filter(content_hash=content_hash)

    def last_admitted(self) -> RevisionRecord | None:
        """Return the record of the words that became public last."""
        return self.exclude(admitted_at=None).order_by("admitted_at").last()

    def authors(self, content_hash: str) -> set[int]:
        """Return the keys of the users who changed these words since they were last admitted.

        Of a content whose records these are. Who put older words back is no author of them,
        nor is who changed others in between: both only chose.
        """
        return _authors(list(self.values_list(*COLUMNS)), content_hash)

    def authors_of_each(self, words: Iterable[Words]) -> dict[Words, set[int]]:
        """Return the same of the words of several contents, in one query."""
        words = set(words)
        found: dict[Content, list[Any]] = {content: [] for content, _hash in words}
        rows = self.filter(
            content_type__in={content_type for content_type, _key in found},
            object_id__in={key for _content_type, key in found},
        ).order_by("pk")
        for content_type, key, *row in rows.values_list("content_type", "object_id", *COLUMNS):
            # Of another type with the same key.
            if (content_type, key) in found:
                found[content_type, key].append(row)
        return {each: _authors(found[each[0]], each[1]) for each in words}


def _authors(rows: Sequence[Any], content_hash: str) -> set[int]:
    admitted = [number for number, row in enumerate(rows) if row[3] is not None]
    start = 0
    if admitted:
        latest = max(admitted, key=lambda number: rows[number][3])
        if rows[latest][0] == content_hash:
            return set()
        start = latest + 1
    found = set()
    for each_hash, changed, user, _admitted in rows[start:]:
        if changed and user is not None:
            found.add(user)
        if each_hash == content_hash:
            break
    return found


class RevisionRecord(models.Model):
    """The words of a revision by their hash, who wrote them, and what they changed.

    It holds no words: what is erased elsewhere leaves nothing here.
    """

    revision = models.OneToOneField(
        Revision, on_delete=models.SET_NULL, null=True, related_name="review_record"
    )
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.CharField(max_length=40)
    content_hash = models.CharField(_("empreinte"), max_length=64)
    changed = models.JSONField(
        _("champs modifiés"),
        default=list,
        help_text=_("Par rapport à la version précédente ; vide quand rien n'a changé."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    system = models.CharField(
        _("raison"),
        max_length=40,
        blank=True,
        help_text=_(
            "Pourquoi le programme a écrit ces mots, quand personne de l'équipe ne l'a fait."
        ),
    )
    created_at = models.DateTimeField(default=timezone.now)
    admitted_at = models.DateTimeField(null=True)
    scheduled_at = models.DateTimeField(null=True)
    scheduled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = RevisionRecordQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("trace d'une version")
        verbose_name_plural = _("traces des versions")
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["content_type", "object_id"], name="record_by_content"),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.object_id} {self.content_hash[:8]}"
