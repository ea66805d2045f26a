"""The links of what is public that lead nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import TextChoices
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.utils import get_latest_str
from wagtail.models import Page

from figures.views.base import LANGUAGES, ActColumn, FiguresView
from published.links.broken import broken_references, broken_uses, describe_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Where(TextChoices):
    """Where a link leads."""

    ANYWHERE = "", gettext_lazy("Tous les liens")
    OTHERS = "ailleurs", gettext_lazy("Vers d'autres sites")
    OURS = "ici", gettext_lazy("À l'intérieur du site")


@dataclass(frozen=True)
class LinkLine:
    """A link that leads nowhere."""

    title: str
    url: str
    kind: str
    language: str
    address: str
    problem: str
    since: str


class LinksView(FiguresView):
    """The broken links of what anyone may read."""

    page_title = gettext_lazy("Liens cassés")
    filename = "liens-casses"
    index_url_name = "figures_links"
    header_icon = "link"
    template_name = "figures/admin/links.html"
    explanation = gettext_lazy(
        "Les adresses qui ne mènent plus nulle part, dans ce que lit le public. Celles d'autres "
        "sites sont essayées chaque semaine : un lien est dit cassé si la page n'existe plus, ou "
        "si le site ne répond pas deux jours de suite. Une fois corrigé et publié, il n'est plus "
        "ici."
    )
    columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        Column("kind", label=gettext_lazy("Nature")),
        Column("language", label=gettext_lazy("Langue")),
        Column("address", label=gettext_lazy("Lien"), classname="figures-address"),
        Column("problem", label=gettext_lazy("Problème")),
        Column("since", label=gettext_lazy("Répondait encore le")),
    ]

    @cached_property
    def where(self) -> Where:
        asked = self.request.GET.get("liens", "")
        return Where(asked) if asked in Where.values else Where.ANYWHERE

    def get_base_queryset(self) -> Any:
        uses, references = broken_uses(), broken_references()
        match self.where:
            case Where.OTHERS:
                return list(uses.exclude(address__url__startswith="/"))
            case Where.OURS:
                return [*references, *uses.filter(address__url__startswith="/")]
            case _:
                return [*references, *uses]

    def lines(self, found: Sequence[Any]) -> Iterable[LinkLine]:
        for link in describe_links(found):
            thing: Any = link.thing
            model = thing.specific_class if isinstance(thing, Page) else type(thing)
            language = thing.locale.language_code
            yield LinkLine(
                title=get_latest_str(thing),
                url="" if self.is_export else self.edit_url(thing),
                kind=str(capfirst((model or Page)._meta.verbose_name)),
                language=str(LANGUAGES.get(language, language)),
                address=link.address,
                problem=link.problem,
                since=link.since,
            )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return context | {"choices": Where.choices, "where": self.where}
