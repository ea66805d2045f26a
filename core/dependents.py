"""What depends on a thing, counted before somebody deletes it, unpublishes it or changes it.

Wagtail counts what its index of references has: no vocabulary, no registration, no translation.
Here every relation of the database is followed, and the index for what is inside texts; an app
registers what no relation has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_permission_codename
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from modelcluster.fields import ParentalKey
from wagtail.models import Page, ReferenceIndex, TranslatableMixin

from core.compat.admin import PagePermissionPolicy
from core.languages.facts import takes_translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import ForeignObjectRel

    from core.models import User

MAX_NAMED = 5
"""How many of each kind are named."""

EFFECTS: dict[str, Any] = {
    "protects": ngettext_lazy("empêche de supprimer", "empêchent de supprimer", "count"),
    "goes": ngettext_lazy("sera supprimé·e avec", "seront supprimé·es avec", "count"),
    "loses": ngettext_lazy("ne l'aura plus", "ne l'auront plus", "count"),
    "refers": ngettext_lazy("y renvoie", "y renvoient", "count"),
    "stays": ngettext_lazy("reste telle quelle", "restent telles quelles", "count"),
    "shows": ngettext_lazy("l'affiche", "l'affichent", "count"),
}


@dataclass(frozen=True)
class Dependents:
    """Things of one kind that depend on another in one way.

    Attributes:
        label: what they are, in the plural.
        count: how many.
        names: the first of them.
        effect: a key of :data:`EFFECTS`.
        is_live: whether the public reads them.
    """

    label: str
    count: int
    names: tuple[str, ...]
    effect: str
    is_live: bool = False

    @property
    def consequence(self) -> str:
        return str(EFFECTS[self.effect] % {"count": self.count})


_Finder = Callable[[Any], "Dependents"]
_FINDERS: dict[type[models.Model], list[_Finder]] = defaultdict(list)


def register_dependents(model: type[models.Model]) -> Callable[[_Finder], _Finder]:
    """Register what depends on a model and no relation of the database has."""

    def register(find: _Finder) -> _Finder:
        _FINDERS[model].append(find)
        return find

    return register


def find_dependents(instance: models.Model, user: User | None = None) -> list[Dependents]:
    """Return what depends on a thing that is to be deleted, what keeps it from that first.

    Args:
        instance: what is to be deleted.
        user: who reads it; people and drafts are named to those alone who may see them.
    """
    found = [
        *_related(instance, user),
        *_referring(instance, user),
        *_translations(instance, user),
        *_descendants(instance, user),
        *_registered(instance),
    ]
    order = list(EFFECTS)
    kept = [each for each in found if each.count]
    return sorted(kept, key=lambda each: order.index(each.effect))


def find_public_dependents(page: models.Model, user: User | None = None) -> list[Dependents]:
    """Return what depends on a page that is to be unpublished and what stays online after it."""
    found = [
        *(
            replace(each, effect="refers")
            for each in _related(page, user)
            if each.effect == "loses"
        ),
        *_referring(page, user),
        *(each for each in _translations(page, user) if each.is_live),
        *(
            # What keeps a page from being deleted does not keep it online.
            replace(each, effect="stays") if each.effect == "protects" else each
            for each in _registered(page)
        ),
    ]
    return [each for each in found if each.count]


def _registered(instance: models.Model) -> Iterator[Dependents]:
    for model, finders in _FINDERS.items():
        if isinstance(instance, model):
            yield from (find(instance) for find in finders)


def describe(
    rows: models.QuerySet[Any], effect: str, user: User | None, label: str = ""
) -> Dependents:
    """Return rows as dependents, with the names of the first for those who may see them."""
    count = rows.count()
    names = tuple(str(row) for row in _named_to(user, rows)[:MAX_NAMED]) if count else ()
    plural = label or str(rows.model._meta.verbose_name_plural)
    return Dependents(capfirst(plural), count, names, effect)


def _named_to(user: User | None, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    """Return the rows that somebody may see: the title of a draft may name somebody too."""
    if user is None:
        return rows.none()
    if issubclass(rows.model, Page):
        seen = PagePermissionPolicy().explorable_instances(user)
        return rows.filter(pk__in=seen.values("pk"))
    meta = rows.model._meta
    names = [get_permission_codename(action, meta) for action in ("view", "change")]
    may_see = any(user.has_perm(f"{meta.app_label}.{name}") for name in names)
    return rows if may_see else rows.none()


# Relations of the database


def relations_to(model: type[models.Model]) -> Iterator[ForeignObjectRel]:
    """Yield the relations to a model that somebody would miss."""
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.fields.reverse_related.ForeignObjectRel):
            continue
        source = relation.related_model
        if isinstance(source, str) or not _is_of_people(relation, source):
            continue
        yield relation


def _is_of_people(relation: Any, source: type[models.Model]) -> bool:
    """Return whether the rows of a relation are what people made, and not how it is kept."""
    # The rows of a many-to-many are counted by the relation itself.
    if source._meta.auto_created or source._meta.proxy or relation.parent_link:
        return False
    if isinstance(relation.field, ParentalKey):
        return False
    return source._meta.app_label not in BOOKKEEPING and source._meta.label not in BOOKKEEPING


BOOKKEEPING = frozenset(
    {
        "admin",
        "auth",
        "contenttypes",
        "sessions",
        "taggit",
        "wagtail_localize",
        "wagtailsearch",
        "published",
        "review",
        "wagtailcore.ReferenceIndex",
        "wagtailcore.ModelLogEntry",
        "wagtailcore.PageLogEntry",
        "wagtailcore.Revision",
        "wagtailcore.GroupCollectionPermission",
        "wagtailcore.GroupPagePermission",
        "wagtailcore.PageSubscription",
        "wagtailcore.PageViewRestriction",
        "wagtailcore.UploadedFile",
        "wagtailcore.Comment",
        "wagtailcore.CommentReply",
        "wagtailcore.TaskState",
        "wagtailcore.WorkflowState",
        "wagtailcore.WorkflowPage",
        "wagtailcore.WorkflowContentType",
        "wagtailusers.UserProfile",
        "core.Rendition",
    }
)
"""How things are kept: nobody would miss it."""


def _related(instance: models.Model, user: User | None) -> Iterator[Dependents]:
    """Yield what points to a thing in the database, once for each kind and effect."""
    found: dict[tuple[type[models.Model], str], list[models.Q]] = defaultdict(list)
    for relation in relations_to(type(instance)):
        source: Any = relation.related_model
        owner, path = _owner(source, relation.field.name)
        found[owner, _effect(relation)].append(models.Q(**{path: instance}))
    for (owner, effect), conditions in found.items():
        condition = conditions[0]
        for other in conditions[1:]:
            condition |= other
        keys = owner._default_manager.filter(condition).values("pk")
        yield describe(owner._default_manager.filter(pk__in=keys), effect, user)


def _owner(source: type[models.Model], path: str) -> tuple[type[models.Model], str]:
    """Return what the row of a relation is a part of, and the path from there."""
    for field in source._meta.concrete_fields:
        if isinstance(field, ParentalKey) and field.name != path:
            parent: Any = field.related_model
            return parent, f"{field.related_query_name()}__{path}"
    return source, path


def _effect(relation: Any) -> str:
    on_delete = getattr(relation, "on_delete", None)
    if on_delete in {models.PROTECT, models.RESTRICT}:
        return "protects"
    return "goes" if on_delete is models.CASCADE else "loses"


# Texts, translations, pages below


def _referring(instance: models.Model, user: User | None) -> Iterator[Dependents]:
    """Yield what refers to a thing inside texts and blocks, where no relation does."""
    fields = {
        (relation.related_model, relation.field.name) for relation in relations_to(type(instance))
    }
    sources: dict[int, set[str]] = defaultdict(set)
    references = ReferenceIndex.get_references_to(instance).values_list(
        "content_type", "object_id", "model_path"
    )
    for kind, key, path in references:
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None and not _is_relation(model, path, fields):
            sources[kind].add(key)
    for kind, keys in sources.items():
        source: Any = ContentType.objects.get_for_id(kind).model_class()
        yield describe(source._default_manager.filter(pk__in=keys), "refers", user)


def _is_relation(model: type[models.Model], path: str, fields: set[Any]) -> bool:
    """Return whether a path of the index is a column that was counted already."""
    name, _dot, rest = path.partition(".item.")
    if not rest:
        return any((parent, name) in fields for parent in (model, *model._meta.get_parent_list()))
    parts = (
        each.related_model
        for each in model._meta.related_objects
        if each.get_accessor_name() == name
    )
    return any((part, rest) in fields for part in parts)


def _translations(instance: models.Model, user: User | None) -> Iterator[Dependents]:
    if not isinstance(instance, TranslatableMixin):
        return
    others: Any = instance.get_translations()
    if not any(field.name == "live" for field in others.model._meta.concrete_fields):
        effect = "goes" if takes_translations(instance) else "stays"
        yield describe(others, effect, user, _("traductions"))
        return
    live = describe(others.filter(live=True), "stays", user, _("traductions en ligne"))
    yield replace(live, is_live=True)
    drafts = others.exclude(live=True)
    yield describe(drafts, "stays", user, _("traductions en brouillon"))


def _descendants(instance: models.Model, user: User | None) -> Iterator[Dependents]:
    if isinstance(instance, Page):
        yield describe(instance.get_descendants(), "goes", user, _("pages au-dessous"))
