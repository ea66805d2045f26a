"""Reports about what is public: each row leads to its editor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from figures.queries import never_opened, public_items
from figures.views.base import LANGUAGES, ActColumn, FiguresView
from network.models import Structure
from published.models import ItemFacet
from published.queries import items

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from published.models import Item


@dataclass(frozen=True)
class ItemLine:
    """Something public."""

    title: str
    url: str
    kind: str
    language: str
    published_on: date
    updated_on: date


class ItemsView(FiguresView):
    """A list of what is public."""

    columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        Column("kind", label=gettext_lazy("Nature")),
        Column("language", label=gettext_lazy("Langue")),
        Column("published_on", label=gettext_lazy("En ligne depuis")),
        Column("updated_on", label=gettext_lazy("Dernière mise en ligne")),
    ]

    def lines(self, found: Sequence[Any]) -> Iterable[ItemLine]:
        found = list(getattr(found, "object_list", found))
        keys = [item.thing_id for item in found if item.page_id is None]
        structures = Structure.objects.in_bulk(keys) if keys else {}
        for item in found:
            row = item.page if item.page_id else structures.get(item.thing_id)
            yield ItemLine(
                title=item.title,
                url="" if self.is_export else self.edit_url(row),
                kind=kind_of(item),
                language=str(LANGUAGES.get(item.language, item.language)),
                published_on=localdate(item.published_at),
                updated_on=localdate(item.updated_at),
            )


def kind_of(item: Item) -> str:
    """Return what people call the kind of an item."""
    model: Any = ContentType.objects.get_for_id(item.content_type_id).model_class()
    return str(capfirst(model._meta.verbose_name))


class NeverOpenedView(ItemsView):
    page_title = gettext_lazy("Jamais ouverts")
    filename = "jamais-ouverts"
    index_url_name = "figures_never_opened"
    has_period = True
    explanation = gettext_lazy(
        "Ce qui est en ligne et que personne n'a ouvert pendant la période, le plus ancien d'abord."
    )

    def get_base_queryset(self) -> Any:
        return never_opened(self.period).select_related("page")


class AgeView(ItemsView):
    page_title = gettext_lazy("Âge des contenus")
    filename = "age-des-contenus"
    index_url_name = "figures_age"
    explanation = gettext_lazy(
        "Ce que lit le public, le plus anciennement mis en ligne d'abord : à relire, à mettre à "
        "jour ou à retirer."
    )

    def get_base_queryset(self) -> Any:
        found = public_items().filter(is_alias=False)
        return found.select_related("page").order_by("updated_at", "pk")


class WithoutThemeView(ItemsView):
    page_title = gettext_lazy("Ressources sans thème")
    filename = "ressources-sans-theme"
    index_url_name = "figures_without_theme"
    explanation = gettext_lazy("Elles n'apparaissent sous aucun filtre par thème.")

    def get_base_queryset(self) -> Any:
        themes = ItemFacet.objects.filter(item=OuterRef("pk"), name="theme")
        found = items("resource").filter(~Exists(themes), language=settings.LANGUAGE_CODE)
        return found.filter(is_alias=False).select_related("page").order_by("title", "pk")
