"""The pages of a registration. Their addresses are signed; nothing keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.throttling import Rate, allow_request
from core.web.decorators import never_store
from core.web.links import request_origin
from core.web.signed_links import BadToken, LinkPurpose, make_token, read_token
from events import registrations
from events.certificates import NotEarned, write_certificate
from events.forms import NO_SITUATION, RegistrationPageForm
from events.models import Registration, Session
from events.queries import event_link, visible_sessions
from events.schemas import SessionInfo, availability_label
from events.tokens import CANCEL, CERTIFICATE, CONFIRM, TAKE_PART

if TYPE_CHECKING:
    from uuid import UUID

REGISTRATION_RATE = Rate(limit=20, seconds=3600)
CAN_REGISTER = {"open", "waiting"}
State = Registration.State
ISSUER = "Projet PARÉ"


def _session_context(session: Session, origin: str) -> dict[str, Any]:
    return {
        "session": SessionInfo.from_model(session, origin),
        "event": event_link(session, origin),
        "kind_label": session.page.get_kind_display(),
    }


def _visible_session_or_404(**which: Any) -> Session:
    return get_object_or_404(visible_sessions(), **which)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
def register_page(request: HttpRequest, uuid: str) -> HttpResponse:
    """Show and process the registration form, or why nobody can register."""
    session = _visible_session_or_404(uuid=uuid)
    origin = request_origin(request)
    context = _session_context(session, origin) | {"no_situation": NO_SITUATION}
    if context["session"].availability not in CAN_REGISTER:
        return render(request, "events/register.html", context, status=_status(request))
    if request.method != "POST":
        return render(request, "events/register.html", context | {"form": RegistrationPageForm()})
    form = RegistrationPageForm(request.POST)
    if not allow_request(request, "registration", *REGISTRATION_RATE):
        context |= {"form": form, "is_throttled": True}
        return render(request, "events/register.html", context, status=429)
    if not form.is_valid():
        return render(request, "events/register.html", context | {"form": form}, status=422)
    if not form.is_from_robot:
        try:
            registrations.request_registration(session.pk, form.registration_request(), origin)
        except registrations.RegistrationRefused:
            # It filled up while the form was open: the page says so.
            return redirect("events:register", uuid=uuid)
    return redirect("events:received", uuid=uuid)


@never_store
@require_safe
def to_original(request: HttpRequest, event: str, key: str) -> HttpResponse:
    """Redirect from a translated event to the registration of its French session.

    The form is in the reader's language, and so are the letters.
    """
    session = _visible_session_or_404(
        page__translation_key=event,
        page__locale__language_code=settings.LANGUAGE_CODE,
        key=key,
    )
    return redirect("events:register", uuid=session.uuid)


def _status(request: HttpRequest) -> int:
    return 409 if request.method == "POST" else 200


@never_store
@require_safe
def received_page(request: HttpRequest, uuid: str) -> HttpResponse:
    """Show the same to everyone: look into your e-mails."""
    session = _visible_session_or_404(uuid=uuid)
    context = _session_context(session, request_origin(request))
    return render(request, "events/received.html", context)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; on POST, confirm the registration."""
    # Programs that check e-mails follow every link, so that a GET must confirm nothing.
    registration = _find_registration(CONFIRM, token)
    if registration is None or registration.state == State.CANCELLED:
        return _bad_link(request)
    context = _registration_context(registration, request)
    status = 200
    if request.method == "POST":
        try:
            registration = registrations.confirm_registration(
                registration.uuid, request_origin(request)
            )
        except registrations.RegistrationRefused as refused:
            context["refusal"] = availability_label(refused.availability)
            status = 409
    elif context["session"].availability not in CAN_REGISTER:
        context["refusal"] = context["session"].availability_label
    if registration.state == State.PENDING:
        return render(request, "events/confirm.html", context, status=status)
    return redirect("events:take-part", token=make_token(TAKE_PART, registration.uuid))


@never_store
@require_safe
def take_part_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show their registration to those who have one, with where to join once it is confirmed."""
    registration = _find_registration(TAKE_PART, token)
    if registration is None:
        return _bad_link(request)
    session = registration.session
    context = _registration_context(registration, request)
    context["join_url"] = ""
    if registration.state == "confirmed" and not (session.is_cancelled or session.is_past):
        context["join_url"] = session.join_url
    active = registration.state in {"confirmed", "waiting"}
    if active and session.starts_at > timezone.now() and not session.is_cancelled:
        context["cancel_token"] = make_token(CANCEL, registration.uuid)
    if registration.has_attended and session.is_past and not session.is_cancelled:
        context["certificate_token"] = make_token(CERTIFICATE, registration.uuid)
    return render(request, "events/take_part.html", context)


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a button; on POST, cancel the registration."""
    registration = _find_registration(CANCEL, token)
    if registration is None:
        return _bad_link(request)
    if request.method == "POST":
        try:
            registration.state = registrations.cancel_registration(
                registration.uuid, request_origin(request)
            ).state
        except registrations.RegistrationRefused:
            pass  # It has begun; the page below says so.
        else:
            return redirect("events:cancel", token=token)
    context = _registration_context(registration, request)
    context["has_begun"] = registration.session.starts_at <= timezone.now()
    return render(request, "events/cancel.html", context)


@never_store
@require_safe
def certificate_page(request: HttpRequest, token: str) -> HttpResponse:
    """Return the certificate of attendance of someone who was there."""
    registration = _find_registration(CERTIFICATE, token)
    if registration is None:
        return _bad_link(request)
    try:
        content = write_certificate(registration, ISSUER)
    except NotEarned as error:
        raise Http404 from error
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="attestation.pdf"'
    return response


def _find_registration(purpose: LinkPurpose[UUID], token: str) -> Registration | None:
    """Return the registration that a link stands for, if it still does."""
    try:
        uuid = read_token(purpose, token)
    except BadToken:
        return None
    return Registration.objects.select_related("session__page__locale").filter(uuid=uuid).first()


def _registration_context(registration: Registration, request: HttpRequest) -> dict[str, Any]:
    session = registration.session
    return _session_context(session, request_origin(request)) | {
        "state": registration.state,
        "name": registration.name,
    }


def _bad_link(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "events/bad_link.html",
        {"explanation": _("Ce lien a expiré, ou il a été coupé en route.")},
        status=410,
    )
