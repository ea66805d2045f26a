"""Where the team looks after letters: « Rapports », « E-mails à envoyer »."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.models import Permission
from wagtail import hooks

from outbox.admin_views import EmailViewSet
from outbox.bulk_actions import BULK_ACTIONS

if TYPE_CHECKING:
    from django.db.models import QuerySet

for each in BULK_ACTIONS:
    hooks.register("register_bulk_action", each)


@hooks.register("register_admin_viewset")
def register_emails() -> EmailViewSet:
    """Add the list of letters."""
    return EmailViewSet()


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Offer the rights over letters to groups."""
    return Permission.objects.filter(
        content_type__app_label="outbox",
        codename__in=["view_outgoingemail", "change_outgoingemail"],
    )
