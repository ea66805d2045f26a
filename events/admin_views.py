"""What organisers do with a session: record attendance, write to all, cancel."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from wagtail.log_actions import log

from core.languages.times import format_day
from events.admin_rights import CHANGE_REGISTRATION, CHANGE_SESSION, require_right
from events.emails import send_organiser_message
from events.letters import show_letter
from events.models import Registration, Session
from events.session_sync import SEAT_HOLDING_STATES, cancel_session
from events.team_forms import CancelForm, MessageForm

if TYPE_CHECKING:
    from django.db.models import QuerySet

State = Registration.State


def _get_session(request: HttpRequest, pk: int, permission: str) -> Session:
    """Return a session if the user has a permission.

    Raises:
        Http404: there is none.
        PermissionDenied: they may not.
    """
    require_right(request, permission)
    session: Session = get_object_or_404(Session.objects.select_related("page"), pk=pk)
    return session


def registrations_url(session: Session) -> str:
    """Return where the registrations of a session are listed."""
    return f"{reverse('registrations:index')}?session={session.pk}"


def _registrations(session: Session, *states: str) -> QuerySet[Registration]:
    return session.registrations.filter(state__in=states).order_by("name", "pk")


@require_http_methods(["GET", "POST"])
def attendance_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who attended a session, from its day on."""
    session = _get_session(request, pk, CHANGE_REGISTRATION)
    if not session.has_attendance:
        day = format_day(timezone.localdate(session.starts_at))
        messages.error(request, _("Les présences se cochent à partir du %(day)s.") % {"day": day})
        return redirect(registrations_url(session))
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
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        data = form.cleaned_data
        with transaction.atomic():
            count = send_organiser_message(
                session.pk, data["subject"], data["text"], data["states"]
            )
            log(session, "events.write", user=request.user, data={"subject": data["subject"]})
        answer = ngettext(
            "Le message part à %(count)s personne.", "Le message part à %(count)s personnes.", count
        ) % {"count": count}
        messages.success(request, answer)
        return redirect(registrations_url(session))
    return _show_form(request, session, form, _("Écrire aux personnes inscrites"), "write_letter")


@require_http_methods(["POST"])
def message_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a message as the first person who gets it reads it, before it is sent."""
    session = _get_session(request, pk, CHANGE_REGISTRATION)
    form, title = MessageForm(request.POST), _("Écrire aux personnes inscrites")
    if not form.is_valid():
        return _show_form(request, session, form, title, "write_letter")
    data = form.cleaned_data
    people = _registrations(session, *data["states"])
    first, count = people.first(), people.count()
    if first is None:
        form.add_error("states", _("Personne n'est dans ce cas : le message ne partirait pas."))
        return _show_form(request, session, form, title, "write_letter")
    letter = show_letter(first, lambda mails: mails.message(data["subject"], data["text"]))
    return _show_letter(
        request,
        session,
        title,
        {
            "form": form,
            "effects": [_sent_to(count)],
            "letters": [letter],
            "action": reverse("event_sessions:write", args=[session.pk]),
            "edit_action": reverse("event_sessions:write", args=[session.pk]),
            "button": _("Envoyer le message"),
        },
    )


@require_http_methods(["GET", "POST"])
def cancellation_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a session and notify those who are registered."""
    session = _get_session(request, pk, CHANGE_SESSION)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and "edit" not in request.POST:
        if cancel_session(session.pk, form.cleaned_data["reason"]):
            log(session, "events.cancel", user=request.user)
            messages.success(
                request, _("La session est annulée : un e-mail part à chaque personne inscrite.")
            )
        return redirect(reverse("event_sessions:index"))
    return _show_form(request, session, form, _("Annuler la session"), "cancel_letter")


@require_http_methods(["POST"])
def cancellation_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what those who are registered will read of a cancellation, before it is done."""
    session = _get_session(request, pk, CHANGE_SESSION)
    form, title = CancelForm(request.POST), _("Annuler la session")
    if not form.is_valid():
        return _show_form(request, session, form, title, "cancel_letter")
    people = _registrations(session, *SEAT_HOLDING_STATES)
    first = people.first()
    reason = form.cleaned_data["reason"]
    own = reverse("event_sessions:cancel", args=[session.pk])
    return _show_letter(
        request,
        session,
        title,
        {
            "form": form,
            "effects": [_sent_to(people.count())],
            "is_final": True,
            "letters": [show_letter(first, lambda mails: mails.session_cancelled(reason))]
            if first
            else [],
            "action": own,
            "edit_action": own,
            "button": _("Annuler la session"),
        },
    )


def _sent_to(count: int) -> str:
    return ngettext(
        "%(count)s personne sera prévenue par e-mail.",
        "%(count)s personnes seront prévenues par e-mail.",
        count,
    ) % {"count": count}


def _show_form(
    request: HttpRequest, session: Session, form: Any, title: str, letter: str
) -> HttpResponse:
    """Show a form whose letter comes next."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
    context = _session_context(session, title) | {
        "form": form,
        "action": reverse(f"event_sessions:{letter}", args=[session.pk]),
        "button": _("Voir la lettre avant de l'envoyer"),
    }
    if letter == "cancel_letter":
        context["warning"] = " ".join(
            [
                _sent_to(_registrations(session, *SEAT_HOLDING_STATES).count()),
                _("On ne peut pas revenir en arrière."),
            ]
        )
    return render(request, "events/admin/form.html", context, status=status)


def _show_letter(
    request: HttpRequest, session: Session, title: str, context: dict[str, Any]
) -> HttpResponse:
    return render(request, "events/admin/confirm.html", _session_context(session, title) | context)


def _session_context(session: Session, title: str) -> dict[str, Any]:
    return {
        "session": session,
        "title": title,
        "subtitle": str(session),
        "back_url": registrations_url(session),
    }
