"""Translations that wait: of pages, and of what else has drafts in several languages."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin, Page, TranslatableMixin
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core.compat.admin import PagePermissionPolicy, policy_registry
from core.registry import registered_models

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from core.models import User


class Outdated(NamedTuple):
    """A translation that needs an update."""

    thing: Any
    language: str
    has_changed: bool
    """Whether the French was published since; else some of its texts have no translation yet."""


def outdated_translations(user: User | AnonymousUser) -> QuerySet[Translation]:
    """Return the translations that need an update, of what a user may change.

    Either the French was published since it was last given to translators
    (``has_changed``), or some of its texts have no translation yet. Each comes
    with the key (``thing_id``) of the translated page or snippet.
    """
    done = StringTranslation.objects.filter(
        translation_of=OuterRef("string"),
        context=OuterRef("context"),
        locale=OuterRef(OuterRef("target_locale")),
        has_error=False,
    )
    to_do = StringSegment.objects.filter(~Exists(done), source=OuterRef("source"))
    snippets = _snippets()
    changed = Q()
    for model in (Page, *snippets):
        changed |= Q(Exists(_french_of(model)))
    keys = [Subquery(_target_of(model).values("pk")[:1]) for model in (Page, *snippets)]
    return (
        Translation.objects.filter(changed | Exists(to_do), enabled=True)
        .annotate(
            has_changed=changed,
            thing_id=Coalesce(*keys, Value(None), output_field=BigIntegerField()),
            language=F("target_locale__language_code"),
        )
        .exclude(thing_id=None)
        .filter(_may_change(user, snippets))
        .select_related("source__specific_content_type")
        .order_by("-has_changed", "pk")
    )


def with_things(translations: Iterable[Any]) -> list[Outdated]:
    """Return translations with what they translate, in one query for each kind of thing."""
    rows = list(translations)
    wanted: dict[Any, set[int]] = defaultdict(set)
    for row in rows:
        wanted[_model_of(row)].add(row.thing_id)
    found = {
        # What a draft is called is kept with its revision.
        model: model._default_manager.select_related("latest_revision").in_bulk(keys)
        for model, keys in wanted.items()
    }
    return [
        Outdated(found[_model_of(row)][row.thing_id], row.language, row.has_changed)
        for row in rows
        if row.thing_id in found[_model_of(row)]
    ]


def why_outdated(outdated: Outdated) -> str:
    """Return what a translation waits for."""
    if not outdated.has_changed:
        return _("Des textes ne sont pas encore traduits.")
    if isinstance(outdated.thing, Page):
        return _("La page française a changé : synchronisez la traduction.")
    return _("Le contenu français a changé : synchronisez la traduction.")


def _model_of(translation: Any) -> Any:
    model = translation.source.specific_content_type.model_class()
    return Page if issubclass(model, Page) else model


def _snippets() -> list[Any]:
    return [
        model
        for model in registered_models()
        if issubclass(model, TranslatableMixin)
        and issubclass(model, DraftStateMixin)
        and not issubclass(model, Page)
    ]


def _french_of(model: Any) -> QuerySet[Any]:
    return model._default_manager.filter(
        translation_key=OuterRef("source__object_id"),
        locale=OuterRef("source__locale"),
        last_published_at__gt=OuterRef("source__last_updated_at"),
    )


def _target_of(model: Any) -> QuerySet[Any]:
    return model._default_manager.filter(
        translation_key=OuterRef("source__object_id"), locale=OuterRef("target_locale")
    )


def _may_change(user: User | AnonymousUser, snippets: Iterable[Any]) -> Q:
    types = ContentType.objects.get_for_models(*snippets)
    pages = PagePermissionPolicy().instances_user_has_permission_for(user, "change")
    of_snippets = Q(source__specific_content_type__in=list(types.values()))
    allowed = ~of_snippets & Q(thing_id__in=pages.values("pk"))
    for model, content_type in types.items():
        if policy_registry.get_by_type(model).user_has_permission(user, "change"):
            allowed |= Q(source__specific_content_type=content_type)
    return allowed
