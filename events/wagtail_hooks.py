"""How organisers see who comes: the menu « Inscriptions »."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSetGroup

from core.dependents import Dependents, register_dependents
from events.admin_lists import RegistrationViewSet, SessionViewSet
from events.bulk_actions import BULK_ACTIONS
from events.models import EventPage, Registration

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse
    from wagtail.log_actions import LogActionRegistry
    from wagtail.models import Page


for each in BULK_ACTIONS:
    hooks.register("register_bulk_action", each)


class RegistrationsGroup(ViewSetGroup):
    """The menu « Inscriptions »."""

    menu_label = gettext_lazy("Inscriptions")
    menu_icon = "calendar-check"
    menu_order = 250
    items = (SessionViewSet, RegistrationViewSet)


@hooks.register("register_admin_viewset")
def register_registrations() -> RegistrationsGroup:
    """Add the menu."""
    return RegistrationsGroup()


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Offer the rights over sessions and registrations to groups."""
    return Permission.objects.filter(
        content_type__app_label="events",
        codename__in=[
            "view_session",
            "change_session",
            "view_registration",
            "change_registration",
        ],
    )


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the log actions of attendance, messages and cancellations."""
    for action, label in (
        ("events.attendance", gettext_lazy("Présences cochées")),
        ("events.write", gettext_lazy("Message aux inscrits")),
        ("events.cancel", gettext_lazy("Session annulée")),
        ("events.add", gettext_lazy("Personne ajoutée")),
        ("events.correct", gettext_lazy("Inscription corrigée")),
        ("events.confirm", gettext_lazy("Inscription confirmée par l'équipe")),
        ("events.promote", gettext_lazy("Place donnée")),
        ("events.withdraw", gettext_lazy("Inscription annulée par l'équipe")),
    ):
        actions.register_action(action, label, label)


@register_dependents(EventPage)
def count_registered_people(page: Model) -> Dependents:
    """Return how many people are registered for an event."""
    people = Registration.objects.filter(session__page=page.pk, state__in=Registration.ACTIVE)
    return Dependents(_("Personnes inscrites"), people.count(), (), "protects", is_live=True)


@hooks.register("before_delete_page")
def keep_events_with_registrations(request: HttpRequest, page: Page) -> HttpResponse | None:
    """Refuse to delete what people are registered for, with the reason."""
    events = EventPage.objects.descendant_of(page, inclusive=True)
    if not Registration.objects.filter(session__page__in=events).exists():
        return None
    messages.error(
        request,
        _(
            "Des personnes sont inscrites : dépubliez la page, ou attendez l'effacement de leurs "
            "inscriptions, un an après la session."
        ),
    )
    return redirect("wagtailadmin_explore", page.get_parent().pk)
