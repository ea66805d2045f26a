"""Facts: what is the same in every language, the moment it is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from wagtail.models import DraftStateMixin, TranslatableMixin
from wagtail_localize.fields import SynchronizedField, TranslatableField, get_translatable_fields

if TYPE_CHECKING:
    from django.db.models import Model


def facts_of(model: type[Model]) -> list[str]:
    """Return the names of the fields of a model that no translation may have otherwise.

    None of a model with drafts: its translations follow at their next publication.
    """
    if not issubclass(model, TranslatableMixin) or issubclass(model, DraftStateMixin):
        return []
    return [
        field.field_name
        for field in getattr(model, "override_translatable_fields", ())
        if isinstance(field, SynchronizedField) and not field.overridable
    ]


def words_of(model: type[Model]) -> list[str]:
    """Return the names of the fields of a model that each language has in its own words."""
    return [
        field.field_name
        for field in get_translatable_fields(model)
        if isinstance(field, TranslatableField)
    ]


def delete_translations(row: Any) -> None:
    """Delete what a row in French was in other languages, as it is one thing for its editors."""
    if takes_translations(row):
        row.get_translations().delete()


def takes_translations(row: Any) -> bool:
    """Return whether a row goes with its translations."""
    return bool(facts_of(type(row))) and row.locale.language_code == settings.LANGUAGE_CODE


def share_facts(row: Any) -> bool:
    """Give the facts of a row that was saved to its translations; French has the last word.

    A number that changed in French must not stay the old one where people read Arabic.

    Returns:
        Whether anything else was written.
    """
    names = facts_of(type(row))
    if not names:
        return False
    others = type(row)._default_manager.filter(translation_key=row.translation_key)
    source = others.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    if source is None:
        return False
    columns = [row._meta.get_field(name).attname for name in names]
    facts = {column: getattr(source, column) for column in columns}
    for column, value in facts.items():
        setattr(row, column, value)
    return others.exclude(pk=source.pk).exclude(**facts).update(**facts) > 0
