"""How the team sees the newsletter: the menu « Lettre d'information »."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.widgets.button import Button

from newsletter.admin.sending import READ, SendingViewSet
from newsletter.admin.subscribers import ExportLogViewSet, SegmentViewSet, SubscriberViewSet
from newsletter.archive import NOT_SENT, describe_way_to_archive
from newsletter.models import NewsletterIssuePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from wagtail.log_actions import LogActionRegistry
    from wagtail.models import Page

NOTHING_PUBLISHED = gettext_lazy("Rien n'est publié ; ce que vous avez écrit n'est pas perdu.")


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


# « Publier » is not offered for an issue; who asks for it all the same is told what to do


@hooks.register("before_edit_page")
def explain_refused_publication(request: HttpRequest, page: Page) -> None:
    """Explain why an issue is not published by its editor, which saves it all the same."""
    if isinstance(page, NewsletterIssuePage) and _asks_to_publish(request):
        messages.error(request, f"{describe_way_to_archive(page)} {NOTHING_PUBLISHED}")


@hooks.register("before_create_page")
def explain_refused_creation(request: HttpRequest, parent: Page, page_class: type[Page]) -> None:
    """Explain why a new issue is not published; it is saved as a draft."""
    if page_class is NewsletterIssuePage and _asks_to_publish(request):
        messages.error(request, f"{NOT_SENT} {NOTHING_PUBLISHED}")


def _asks_to_publish(request: HttpRequest) -> bool:
    return request.method == "POST" and "action-publish" in request.POST


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the labels of our actions in the history."""
    for action, label in (
        ("newsletter.schedule", gettext_lazy("Envoi de la lettre demandé")),
        ("newsletter.cancel", gettext_lazy("Envoi de la lettre arrêté")),
        ("newsletter.archive", gettext_lazy("Archive de la lettre mise en ligne")),
        ("newsletter.settle", gettext_lazy("Messages incertains tranchés")),
    ):
        actions.register_action(action, label, label)
