"""Reports about files that some readers can't read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Case, Q, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column

from core.compat.admin import policy_registry
from core.models import Document, Image
from figures.views.base import ActColumn, FiguresView
from published.queries import public_file_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet


@dataclass(frozen=True)
class FileLine:
    """A file, with what is wrong with it."""

    title: str
    url: str
    problem: str
    is_public: str


@dataclass(frozen=True)
class MissingLine:
    """A file that is gone."""

    title: str
    url: str
    kind: str
    since: str
    is_public: str


def missing_files(user: Any, model: type[Document | Image]) -> QuerySet[Any]:
    """Return the files of a kind that are gone, of those that somebody may change."""
    policy = policy_registry.get_by_type(model)
    found: QuerySet[Any] = policy.instances_user_has_any_permission_for(user, {"change"})
    return found.exclude(missing_since=None).order_by("missing_since", "title", "pk")


def edit_address(file: Document | Image) -> str:
    """Return where a file is edited."""
    name = "wagtaildocs:edit" if isinstance(file, Document) else "wagtailimages:edit"
    return reverse(name, args=[file.pk])


class FilesView(FiguresView):
    """A list of files, those of the site first."""

    files: ClassVar[type[Document | Image]]
    edit_url_name: ClassVar[str]
    wrong: ClassVar[Q]
    """The condition of those that something is wrong with."""
    columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        Column("problem", label=gettext_lazy("À faire")),
        Column("is_public", label=gettext_lazy("Sur le site")),
    ]

    @cached_property
    def public_keys(self) -> set[int]:
        """The keys of the files that the public has."""
        return public_file_keys(self.files)

    def problem_of(self, file: Any) -> str:
        """Return what to do about a file."""
        raise NotImplementedError

    def get_base_queryset(self) -> Any:
        place = Case(When(pk__in=self.public_keys, then=Value(0)), default=Value(1))
        # As their screens ask, of those that this person may open.
        policy = policy_registry.get_by_type(self.files)
        found = policy.instances_user_has_any_permission_for(self.request.user, {"change"})
        return found.filter(self.wrong).order_by(place, "title", "pk")

    def lines(self, found: Sequence[Any]) -> Iterable[FileLine]:
        for file in found:
            yield FileLine(
                title=file.title,
                url=reverse(self.edit_url_name, args=[file.pk]),
                problem=self.problem_of(file),
                is_public=_("oui") if file.pk in self.public_keys else _("non"),
            )


UNREADABLE = Q(text_state__in=Document.UNREADABLE_STATES) | Q(is_tagged=False)
"""The condition of documents that a screen reader can't read, or not in their order."""


def describe_unreadable(document: Document) -> str:
    """Return what to do about a document for which :data:`UNREADABLE` holds."""
    if document.text_state == Document.TextState.SCANNED:
        return _("Numérisé, sans texte : remplacer par le PDF d'origine")
    if document.text_state == Document.TextState.BROKEN:
        return _("Illisible ou protégé : remplacer")
    return _("Sans balises : l'exporter à nouveau, en « PDF accessible »")


class DocumentsView(FilesView):
    page_title = gettext_lazy("Documents difficiles à lire")
    filename = "documents-difficiles-a-lire"
    index_url_name = "figures_documents"
    explanation = gettext_lazy(
        "Les PDF qu'un lecteur d'écran ne lit pas, ou lit dans le désordre, ceux du site d'abord."
    )
    files = Document
    edit_url_name = "wagtaildocs:edit"
    wrong = Q(text_state__in=Document.UNREADABLE_STATES) | Q(is_tagged=False)

    def problem_of(self, file: Document) -> str:
        if file.text_state == Document.TextState.SCANNED:
            return _("Numérisé, sans texte : remplacer par le PDF d'origine")
        if file.text_state == Document.TextState.BROKEN:
            return _("Illisible ou protégé : remplacer")
        return _("Sans balises : l'exporter à nouveau, en « PDF accessible »")


class MissingFilesView(FiguresView):
    page_title = gettext_lazy("Fichiers manquants")
    filename = "fichiers-manquants"
    index_url_name = "figures_missing_files"
    header_icon = "warning"
    explanation = gettext_lazy(
        "Les images et les documents dont le fichier n'est plus sur le serveur. Le site montre le "
        "reste sans eux. Envoyez le fichier à nouveau, ou prévenez l'équipe technique : il est "
        "peut-être dans une sauvegarde. La liste est refaite chaque nuit."
    )
    columns: ClassVar[list[Column]] = [
        ActColumn(label=gettext_lazy("Titre")),
        Column("kind", label=gettext_lazy("Nature")),
        Column("since", label=gettext_lazy("Constaté le")),
        Column("is_public", label=gettext_lazy("Sur le site")),
    ]

    def get_base_queryset(self) -> Any:
        return [
            *missing_files(self.request.user, Image),
            *missing_files(self.request.user, Document),
        ]

    def lines(self, found: Sequence[Any]) -> Iterable[MissingLine]:
        public = {model: public_file_keys(model) for model in (Image, Document)}
        for file in found:
            yield MissingLine(
                title=file.title,
                url=edit_address(file),
                kind=str(capfirst(file._meta.verbose_name)),
                since=date_format(timezone.localtime(file.missing_since), "SHORT_DATE_FORMAT"),
                is_public=_("oui") if file.pk in public[type(file)] else _("non"),
            )


class ImagesView(FilesView):
    page_title = gettext_lazy("Images sans description")
    filename = "images-sans-description"
    index_url_name = "figures_images"
    explanation = gettext_lazy(
        "Celles du site d'abord. Une image qui ne fait qu'illustrer peut rester sans description."
    )
    files = Image
    edit_url_name = "wagtailimages:edit"
    wrong = Q(description="")

    def problem_of(self, file: Image) -> str:
        return _("Décrire ce qu'elle montre")
