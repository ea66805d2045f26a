"""How the team sees the newsletter: the menu « Lettre d'information »."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.widgets.button import Button

from newsletter.admin.sending import READ, SendingViewSet
from newsletter.admin.subscribers import ExportLogViewSet, SegmentViewSet, SubscriberViewSet
from newsletter.models import NewsletterIssuePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from wagtail.log_actions import LogActionRegistry
    from wagtail.models import Page


class NewsletterGroup(ViewSetGroup):
    menu_label = gettext_lazy("Lettre")
    menu_icon = "mail"
    menu_order = 260
    items = (SendingViewSet, SubscriberViewSet, SegmentViewSet, ExportLogViewSet)


@hooks.register("register_admin_viewset")
def register_newsletter() -> NewsletterGroup:
    """Add the menu."""
    return NewsletterGroup()


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Register the permissions over subscribers and sendings, for groups."""
    return Permission.objects.filter(
        content_type__app_label="newsletter",
        content_type__model__in=["subscriber", "segment", "mailing", "exportlog"],
    )


@hooks.register("register_page_header_buttons")
def add_way_to_sending(page: Page, user: Any, view_name: str, **kwargs: Any) -> Iterator[Button]:
    """Add a link from the editor of an issue to its sending."""
    if isinstance(page.specific_deferred, NewsletterIssuePage) and user.has_perm(READ):
        url = reverse("newsletter_sending:issue", args=[page.pk])
        yield Button(_("Vérifier et envoyer"), url=url, icon_name="mail", priority=5)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the labels of our actions in the history."""
    for action, label in (
        ("newsletter.schedule", gettext_lazy("Envoi de la lettre demandé")),
        ("newsletter.cancel", gettext_lazy("Envoi de la lettre arrêté")),
        ("newsletter.settle", gettext_lazy("Messages incertains tranchés")),
    ):
        actions.register_action(action, label, label)
