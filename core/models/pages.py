from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.functional import classproperty
from django.utils.translation import gettext_lazy as _
from modelcluster.models import get_all_child_relations
from wagtail.admin.panels import (
    FieldPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.api import APIField
from wagtail.models import Page, PagePermissionTester
from wagtail.search import index

from core.compat import insert_or_update_object_task
from core.lengths import DESCRIPTION_LENGTH, TITLE_LENGTH, counted
from core.models.mixins import WithSummary
from core.models.versions import ContentVersion
from core.previews import WithPreviewModes
from core.references import Ref
from core.registry import find_listing, get_composer
from core.slugs import make_slug
from core.web.caching import cached
from core.web.links import request_origin

if TYPE_CHECKING:
    from datetime import date

    from pydantic import BaseModel

    from core.models.users import User


def without_deleted_targets(model: type[models.Model], data: dict[str, Any]) -> dict[str, Any]:
    """Return the content of a version without protected keys whose target is gone.

    A target is protected by the row that refers to it, and not by its old versions; modelcluster
    can't read those. A row below the page goes with the target that it can't do without.
    """
    found = dict(data)
    for relation in get_all_child_relations(model):
        name, rows = relation.get_accessor_name(), data.get(relation.get_accessor_name())
        if isinstance(rows, list):
            parts = [without_deleted_targets(relation.related_model, row) for row in rows]
            found[name] = [part for part in parts if not _dangling(relation.related_model, part)]
    for field in _dangling(model, found):
        if field.null:
            found[field.name] = None
    return found


def _dangling(model: type[models.Model], data: dict[str, Any]) -> list[models.ForeignKey[Any, Any]]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and field.remote_field.on_delete is models.PROTECT
        and data.get(field.name) is not None
        and not field.related_model._default_manager.filter(pk=data[field.name]).exists()
    ]


class BasePage(WithPreviewModes, Page):
    """Base of every page type.

    Its template gets an instance of its schema (:meth:`to_schema`) and nothing
    else of it: what the site shows, the API can return. The schema, and the list
    of an index page, are registered for its type (:mod:`core.registry`).

    Abstract, and never ``WAGTAIL_PAGE_MODEL``: wagtail-localize does not
    support a custom base page.
    """

    is_demo = models.BooleanField(
        _("contenu de démonstration"),
        default=False,
        help_text=_("Affiche « Contenu de démonstration » au pied de la page."),
    )

    content_panels: ClassVar[list[Panel]] = [
        TitleFieldPanel(
            "title",
            help_text=_(
                "Ce que l'on trouve dans la page, les mots importants d'abord. 60 caractères "
                "environ : au-delà, les moteurs de recherche et les e-mails le coupent."
            ),
            attrs=counted(TITLE_LENGTH),
        )
    ]
    classification_panels: ClassVar[list[Panel]] = []
    """What the filters of lists go by: a tab of its own, where a page type has any."""
    promote_panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [
                FieldPanel("slug"),
                FieldPanel(
                    "seo_title",
                    help_text=_(
                        "À la place du titre dans les moteurs de recherche et les partages. "
                        "60 caractères environ. Vide : le titre."
                    ),
                    attrs=counted(TITLE_LENGTH),
                ),
                FieldPanel(
                    "search_description",
                    help_text=_(
                        "Ce que montrent les moteurs de recherche sous le titre. 155 caractères "
                        "environ. Vide : le résumé."
                    ),
                    attrs=counted(DESCRIPTION_LENGTH),
                ),
                FieldPanel("show_in_menus"),
            ],
            heading=_("Référencement et menus"),
        )
    ]
    settings_panels: ClassVar[list[Panel]] = [*Page.settings_panels, FieldPanel("is_demo")]
    search_fields: ClassVar[list[index.BaseField]] = [
        *Page.search_fields,
        index.SearchField("title", boost=10),
    ]
    api_fields: ClassVar[list[APIField]] = [APIField("is_demo")]

    image_field: ClassVar[str] = ""
    """The foreign key to the image that stands for the page, if it has one."""
    search_auto_update: ClassVar[bool] = False
    """Not on signals: terms, tags and children are written after them."""

    class Meta:
        abstract = True

    @classproperty
    def edit_handler(cls) -> TabbedInterface:
        """Return Wagtail's tabs, with the classification after the content."""
        tabs = {
            _("Contenu"): cls.content_panels,
            _("Classement"): cls.classification_panels,
            _("Promotion"): cls.promote_panels,
            _("Réglages"): cls.settings_panels,
        }
        return TabbedInterface(
            [ObjectList(panels, heading=name) for name, panels in tabs.items() if panels],
            base_form_class=cls.base_form_class,
        )

    def _set_core_field_defaults(self) -> None:
        # Before Wagtail makes the slug, with the accents and without the apostrophes.
        if not self.slug and (self.path or getattr(self, "_cached_parent_obj", None)):
            slug = make_slug(self.title)
            self.slug: str = self._get_autogenerated_slug(slug) if slug else ""
        super()._set_core_field_defaults()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the page and its children, then index it once."""
        super().save(*args, **kwargs)
        insert_or_update_object_task.enqueue(
            self._meta.app_label, self._meta.model_name, str(self.pk)
        )

    @classmethod
    def from_serializable_data(
        cls, data: dict[str, Any], check_fks: bool = True, strict_fks: bool = False
    ) -> Self | None:
        """Return the page of a version, without the files and terms that were deleted since."""
        if check_fks:
            data = without_deleted_targets(cls, data)
        found: Self | None = super().from_serializable_data(data, check_fks, strict_fks)
        return found

    def to_schema(self, origin: str) -> BaseModel:
        """Return the schema of this page once admitted, with addresses from ``origin``."""
        return get_composer().draft(self, origin)

    def get_kind_label_ref(self) -> Ref:
        """Return the reference to what people call this kind of page."""
        return Ref("model_name", (self._meta.label_lower,))

    def get_display_date(self) -> tuple[date | None, str]:
        """Return the day that counts for this page, and its precision (day, month or year)."""
        return None, "day"

    def get_share_image_id(self) -> int | None:
        """Return the key of the image that stands for the page, if it has one."""
        return getattr(self, f"{self.image_field}_id") if self.image_field else None

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return a context of schema instances only, on purpose without Wagtail's page model.

        A preview shows the draft; a reader gets what was admitted.

        Raises:
            Http404: nothing was.
        """
        # For the bar of editors: the context has no model.
        request.shown_object = self  # type: ignore[attr-defined]
        composer, origin = get_composer(), request_origin(request)
        if getattr(request, "is_preview", False):
            schema: BaseModel | None = composer.draft(self, origin)
        else:
            schema = composer.published(self, origin)
        if schema is None:
            raise Http404
        context: dict[str, Any] = {"page": schema}
        listing = find_listing(type(self))
        return context | listing.get_context(self, request) if listing else context

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the page.

        Raises:
            Http404: the page has expired, even if no task has unpublished it yet.
        """
        if self.expire_at and self.expire_at <= timezone.now():
            raise Http404

        def build() -> HttpResponse:
            response = super(BasePage, self).serve(request, *args, **kwargs)
            # Rendered now, since a template that waits can't be kept.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

        # A reader has no cookie; whoever has one may have Wagtail's user bar.
        return cached(request, build, vary="Cookie", get_version=ContentVersion.current)


class SinglePagePermissions(PagePermissionTester):
    """What may be done with a page of a type of which there is one below its parent."""

    def can_copy(self) -> bool:
        """Return whether it may be copied: there is no place for a second one."""
        return False


class IndexPage(WithSummary, BasePage):
    """Base of a page that lists its children with filters."""

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
    ]
    parent_page_types: ClassVar[list[str]] = ["home.HomePage"]
    max_count_per_parent = 1

    class Meta:
        abstract = True

    def permissions_for_user(self, user: User) -> PagePermissionTester:
        """Return what a user may do with the page."""
        return SinglePagePermissions(user, self)
