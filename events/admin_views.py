"""What organisers do with a session: record attendance, write to all, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods
from wagtail.log_actions import log

from events.models import Registration, Session
from events.session_sync import SEAT_HOLDING_STATES, cancel_session
from events.tasks import send_organiser_message

if TYPE_CHECKING:
    from django.db.models import QuerySet

State = Registration.State

CHANGE_SESSION = "events.change_session"
CHANGE_REGISTRATION = "events.change_registration"


class MessageForm(forms.Form):
    """A message to those who are registered."""

    states = forms.MultipleChoiceField(
        label=gettext_lazy("À qui"),
        choices=[
            (State.CONFIRMED.value, gettext_lazy("Les personnes confirmées")),
            (State.WAITING.value, gettext_lazy("Celles qui attendent une place")),
        ],
        initial=[State.CONFIRMED.value],
        widget=forms.CheckboxSelectMultiple,
    )
    subject = forms.CharField(label=gettext_lazy("Objet"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Une ligne vide sépare deux paragraphes. Le rappel de la session et le lien de "
            "désinscription sont ajoutés."
        ),
    )


class CancelForm(forms.Form):
    """Why a session does not take place."""

    reason = forms.CharField(
        label=gettext_lazy("Ce que les personnes inscrites liront"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Facultatif : la raison, une autre date."),
    )


def _get_session(request: HttpRequest, pk: int, permission: str) -> Session:
    """Return a session if the user has a permission.

    Raises:
        Http404: there is none.
        PermissionDenied: they may not.
    """
    if not request.user.has_perm(permission):
        raise PermissionDenied
    session: Session = get_object_or_404(Session.objects.select_related("page"), pk=pk)
    return session


def registrations_url(session: Session) -> str:
    """Return where the registrations of a session are listed."""
    return f"{reverse('registrations:index')}?session={session.pk}"


def _registrations(session: Session, *states: str) -> QuerySet[Registration]:
    return session.registrations.filter(state__in=states).order_by("name", "pk")


@require_http_methods(["GET", "POST"])
def attendance_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who attended a session."""
    session = _get_session(request, pk, CHANGE_REGISTRATION)
    people = _registrations(session, State.CONFIRMED)
    if request.method == "POST":
        came = [int(value) for value in request.POST.getlist("came") if value.isdecimal()]
        with transaction.atomic():
            people.filter(pk__in=came).update(has_attended=True)
            people.exclude(pk__in=came).update(has_attended=False)
        count = people.filter(has_attended=True).count()
        log(session, "events.attendance", user=request.user, data={"count": count})
        data = ngettext("%(count)s personne présente.", "%(count)s personnes présentes.", count) % {
            "count": count
        }
        messages.success(request, data)
        return redirect(registrations_url(session))
    return render(
        request,
        "events/admin/attendance.html",
        _session_context(session, _("Présences")) | {"people": people},
    )


@require_http_methods(["GET", "POST"])
def message_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message to those who are registered, each in an e-mail of their own."""
    session = _get_session(request, pk, CHANGE_REGISTRATION)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        count = _registrations(session, *data["states"]).count()
        send_organiser_message.enqueue(session.pk, data["subject"], data["text"], data["states"])
        log(session, "events.write", user=request.user, data={"subject": data["subject"]})
        answer = ngettext(
            "Message envoyé à %(count)s personne.", "Message envoyé à %(count)s personnes.", count
        ) % {"count": count}
        messages.success(request, answer)
        return redirect(registrations_url(session))
    return render(
        request,
        "events/admin/form.html",
        _session_context(session, _("Écrire aux personnes inscrites"))
        | {"form": form, "button": _("Envoyer")},
    )


@require_http_methods(["GET", "POST"])
def cancellation_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a session and notify those who are registered."""
    session = _get_session(request, pk, CHANGE_SESSION)
    form = CancelForm(request.POST or None)
    count = _registrations(session, *SEAT_HOLDING_STATES).count()
    # A form of which nothing is required is bound by the method alone.
    if request.method == "POST":
        form = CancelForm(request.POST)
        if form.is_valid():
            if cancel_session(session.pk, form.cleaned_data["reason"]):
                log(session, "events.cancel", user=request.user)
                messages.success(request, _("La session est annulée, les inscrits sont prévenus."))
            return redirect(reverse("event_sessions:index"))
    warning = ngettext(
        "%(count)s personne sera prévenue par e-mail. On ne peut pas revenir en arrière.",
        "%(count)s personnes seront prévenues par e-mail. On ne peut pas revenir en arrière.",
        count,
    ) % {"count": count}
    return render(
        request,
        "events/admin/form.html",
        _session_context(session, _("Annuler la session"))
        | {"form": form, "button": _("Annuler la session"), "warning": warning},
    )


def _session_context(session: Session, title: str) -> dict[str, Any]:
    return {
        "session": session,
        "title": title,
        "back_url": registrations_url(session),
    }
