"""The figures in the administration: the menu « Chiffres », and beside editors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem

from figures.side_panels import VIEW_FIGURES, patch_wagtail_status_panel
from figures.views import contents, files, links, people, reading, steps, translations

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern

    from figures.views.base import FiguresView

SCREENS: dict[str, type[FiguresView]] = {
    "": reading.OverviewView,
    "lus/": reading.MostReadView,
    "telecharges/": reading.MostDownloadedView,
    "cherches/": reading.MostSearchedView,
    "sans-resultat/": reading.SearchedInVainView,
    "jamais-ouverts/": contents.NeverOpenedView,
    "age/": contents.AgeView,
    "sans-theme/": contents.WithoutThemeView,
    "documents/": files.DocumentsView,
    "images/": files.ImagesView,
    "fichiers/": files.MissingFilesView,
    "liens/": links.LinksView,
    "traductions/": translations.TranslationsView,
    "contributions/": people.ContributionsView,
    "lettre/": people.NewsletterView,
    "rapport-annuel/": people.AnnualReportView,
}
"""The screens, by the end of their address."""
IN_MENU = (
    *("", "jamais-ouverts/", "age/", "sans-theme/", "documents/", "images/", "fichiers/"),
    *("liens/", "traductions/"),
    *("contributions/", "lettre/", "rapport-annuel/"),
)
"""Those that are not reached from another."""

patch_wagtail_status_panel()


@hooks.register("register_admin_urls")
def register_screens() -> list[URLPattern]:
    """Register the screens of the figures."""
    return [
        *(
            path(f"chiffres/{end}", view.as_view(), name=view.index_url_name)
            for end, view in SCREENS.items()
        ),
        path("chiffres/<str:counted>/<int:pk>/", steps.ThingView.as_view(), name="figures_thing"),
    ]


class FiguresMenuItem(MenuItem):
    """A screen, for those who may see the figures."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(VIEW_FIGURES))


@hooks.register("register_admin_menu_item")
def register_menu() -> MenuItem:
    """Register the menu « Chiffres »."""
    items = [
        FiguresMenuItem(
            SCREENS[end].page_title,
            reverse(SCREENS[end].index_url_name),
            name=SCREENS[end].index_url_name,
            icon_name=SCREENS[end].header_icon,
            order=order,
        )
        for order, end in enumerate(IN_MENU)
    ]
    return SubmenuMenuItem(
        _("Chiffres"), Menu(items=items), name="figures", icon_name="view", order=850
    )


@hooks.register("register_permissions")
def register_permission() -> QuerySet[Permission]:
    """Register the right to see the figures, to be given to groups."""
    return Permission.objects.filter(content_type__app_label="figures", codename="view_dailytotal")
