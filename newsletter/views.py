"""The pages of a subscription. Their addresses are signed; nothing keeps them.

They know no session and set no cookie, so they ask for no CSRF token: what a
form may do is in its signed address, or is what the public API lets anyone do.
"""

from __future__ import annotations

from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from core.throttling import allow_request
from core.web.decorators import never_store
from core.web.signed_links import BadToken, LinkPurpose, make_token, read_token
from newsletter import subscribing
from newsletter.forms import LinkForm, PauseForm, PreferencesForm, SubscriptionPageForm
from newsletter.models import Consent, Subscriber
from newsletter.tokens import CONFIRM, FRESH, PREFERENCES, UNSUBSCRIBE

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

TRIES, TRIES_SECONDS = 20, 3600
ONE_CLICK = "One-Click"
State = Subscriber.State


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """Show and process the form; the response is the same whether an address is known."""
    page = "newsletter/subscribe.html"
    if request.method != "POST":
        return render(request, page, {"form": SubscriptionPageForm()})
    form = SubscriptionPageForm(request.POST)
    if not allow_request(request, "subscription", TRIES, TRIES_SECONDS):
        return render(request, page, {"form": form, "is_throttled": True}, status=429)
    if not form.is_valid():
        form.describe()
        return render(request, page, {"form": form}, status=422)
    if not form.is_from_robot:
        subscribing.request_subscription(form.subscription_request(), Consent.Way.FORM)
    return redirect("newsletter:received")


@never_store
@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """Ask to look into one's e-mails, the same for everyone."""
    return render(request, "newsletter/received.html")


@never_store
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest) -> HttpResponse:
    """Send their link to subscribers, with the same response for everyone."""
    if request.method != "POST":
        return render(request, "newsletter/link.html", {"form": LinkForm()})
    form = LinkForm(request.POST)
    if not allow_request(request, "subscription", TRIES, TRIES_SECONDS):
        context = {"form": form, "is_throttled": True}
        return render(request, "newsletter/link.html", context, status=429)
    if not form.is_valid():
        form.describe()
        return render(request, "newsletter/link.html", {"form": form}, status=422)
    subscribing.ask_for_link(form.cleaned_data["email"])
    return render(request, "newsletter/link.html", {"is_sent": True})


def for_subscriber(
    purpose: LinkPurpose[UUID],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Call a view with the subscriber of its signed address, in their language."""

    def decorator(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def wrapper(request: HttpRequest, token: str) -> HttpResponse:
            try:
                uuid = read_token(purpose, token)
            except BadToken:
                return _bad_link(request)
            subscriber = (
                Subscriber.objects.select_related("structure_type", "department")
                .filter(uuid=uuid)
                .exclude(state=State.ERASED)
                .first()
            )
            if subscriber is None:
                return _bad_link(request)
            return view(request, subscriber, token)

        return never_store(wrapper)

    return decorator


def needs_fresh_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open what is known of a person by a fresh link alone; an old one has another sent to them."""

    @wraps(view)
    def wrapper(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
        try:
            read_token(FRESH, token)
        except BadToken:
            is_sent = request.method == "POST"
            if is_sent:
                subscribing.send_fresh_link(subscriber)
            context = {"is_sent": is_sent, "token": token}
            return render(request, "newsletter/old_link.html", context, status=HTTPStatus.FORBIDDEN)
        return view(request, subscriber, token)

    return wrapper


def _bad_link(request: HttpRequest) -> HttpResponse:
    return render(request, "newsletter/bad_link.html", status=410)


@for_subscriber(CONFIRM)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Ask for a click, then confirm: programs that check e-mails follow every link."""
    if request.method == "POST":
        subscribing.confirm(subscriber.uuid)
        subscriber.refresh_from_db()
    is_confirmed = subscriber.state in {State.ACTIVE, State.PAUSED}
    context = {
        "is_confirmed": is_confirmed,
        "is_asked_for": subscriber.consents.filter(confirmed_at=None).exists(),
    }
    return render(request, "newsletter/confirm.html", context)


@for_subscriber(PREFERENCES)
@needs_fresh_link
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Show a subscriber's choices; change, pause, resume, end or erase the subscription."""
    action = request.POST.get("action", "") if request.method == "POST" else ""
    if action == "erase":
        subscribing.erase(subscriber)
        return render(request, "newsletter/left.html", {"is_erased": True})
    form = PreferencesForm.for_subscriber(subscriber, request.POST if action == "save" else None)
    pause = PauseForm(request.POST if action == "pause" else None)
    done, status = "", 200
    if action == "save":
        done, status = _save(form, subscriber, _("Vos choix sont enregistrés."))
    elif action == "pause" and subscriber.state in {State.ACTIVE, State.PAUSED}:
        done, status = _save(pause, subscriber, _("Vous ne recevrez rien pendant votre pause."))
    elif action == "resume" and subscriber.state == State.PAUSED:
        subscriber.state, subscriber.paused_until = State.ACTIVE, None
        subscriber.save()
        done = _("Votre pause est finie : vous recevrez la prochaine lettre.")
    context = {
        "form": form,
        "pause": pause,
        "email": subscriber.email,
        "state": subscriber.state,
        "paused_until": subscriber.paused_until,
        "done": done,
        "token": token,
        "unsubscribe": make_token(UNSUBSCRIBE, subscriber.uuid),
    }
    return render(request, "newsletter/preferences.html", context, status=status)


def _save(form: Any, subscriber: Subscriber, done: str) -> tuple[str, int]:
    if not form.is_valid():
        return "", 422
    form.save(subscriber)
    return done, 200


@for_subscriber(PREFERENCES)
@needs_fresh_link
@require_safe
def download(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Return all data about a subscriber as a file."""
    response = JsonResponse(
        subscribing.export_personal_data(subscriber),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    return response


@for_subscriber(UNSUBSCRIBE)
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Ask for a click, then end the subscription.

    A mailbox's own button posts ``List-Unsubscribe=One-Click`` (RFC 8058): no
    page, no cookie, no question.
    """
    if request.method == "POST":
        one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
        subscribing.unsubscribe(subscriber, "one-click" if one_click else "page")
        if one_click:
            return HttpResponse(status=200, content_type="text/plain")
    with override(subscriber.language):
        context = {
            "is_left": subscriber.state in {State.UNSUBSCRIBED, State.BOUNCED},
        }
        return render(request, "newsletter/left.html", context)
