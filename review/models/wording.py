"""What people are told of a review: who, and what they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.models import User
from review.content import canonical_hash
from review.models.records import RevisionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.models import TaskState

MAX_NAMED = 3
"""How many fields are named of those that somebody changed."""


def name_of(user: User | None) -> str:
    """Return what people call a user, or somebody who is gone."""
    return user.display_name if user else _("une personne dont le compte n'existe plus")


def title_of(instance: Any) -> str:
    """Return what editors call a page or snippet, as its draft is."""
    return str(instance.get_admin_display_title() if isinstance(instance, Page) else instance)


def field_labels(model: Any, names: Iterable[str]) -> list[str]:
    """Return the labels of the fields of a model, each once."""
    labels: dict[str, None] = {}
    for name in names:
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        related = getattr(field, "related_model", None) if field.auto_created else None
        options: Any = related._meta if related else None
        label = options.verbose_name_plural if options else field.verbose_name
        labels[str(capfirst(label))] = None
    return list(labels)


def describe_fields(model: Any, names: Iterable[str]) -> str:
    """Return the labels of the fields of a model that changed."""
    labels = field_labels(model, names)
    if len(labels) > MAX_NAMED:
        labels = [*labels[:MAX_NAMED], "…"]
    return get_text_list([f"« {label} »" for label in labels], _("et"))


def describe_changes(state: TaskState) -> list[str]:
    """Return who changed what of the words under review, a phrase for each."""
    revision = state.revision
    records = RevisionRecord.objects.of(revision.base_content_type_id, revision.object_id)
    authors = records.authors(canonical_hash(revision.content))
    model = revision.content_type.model_class()
    found = []
    for user in User.objects.filter(pk__in=authors).order_by("pk"):
        names: set[str] = set()
        for changed in records.filter(user=user).values_list("changed", flat=True):
            names |= set(changed)
        values = {"name": name_of(user), "fields": describe_fields(model, sorted(names))}
        found.append(_("%(name)s a modifié %(fields)s") % values)
    return found
