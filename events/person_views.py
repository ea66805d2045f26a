"""A person who is registered, in the admin: add, correct, confirm, promote, cancel."""

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
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from wagtail.log_actions import log

from events import letters, registrations
from events.admin_rights import CHANGE_REGISTRATION, VIEW_REGISTRATION, require_right
from events.models import Registration, Session
from events.schemas import availability_label, format_when
from events.team_forms import AddPersonForm, PersonForm
from outbox.letters import written_letters

if TYPE_CHECKING:
    from uuid import UUID

State = Registration.State
ALREADY = gettext_lazy("Cette adresse est déjà inscrite à cette session.")


def _person(pk: int) -> Registration:
    rows = Registration.objects.select_related("session__page", "structure_type", "department")
    return get_object_or_404(rows, pk=pk)


def person_url(registration: Registration) -> str:
    """Return where a registration is seen."""
    return reverse("registrations:person", args=[registration.pk])


def _context(registration: Registration, title: str) -> dict[str, Any]:
    return {
        "person": registration,
        "session": registration.session,
        "title": title,
        "subtitle": f"{registration.name}, {registration.session}",
        "back_url": person_url(registration) if registration.pk else "",
    }


def can_cancel(registration: Registration) -> bool:
    """Return whether a registration may still be cancelled."""
    has_begun = registration.session.starts_at <= timezone.now()
    return registration.state in Registration.ACTIVE and not has_begun


@never_cache
@require_safe
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is known of a person who is registered, and what may be done."""
    require_right(request, VIEW_REGISTRATION, CHANGE_REGISTRATION)
    registration = _person(pk)
    session = registration.session
    context = _context(registration, registration.name) | {
        "subtitle": str(session),
        "when": format_when(session.starts_at, session.ends_at),
        "availability": availability_label(session.availability()),
        "may_change": request.user.has_perm(CHANGE_REGISTRATION),
        "can_cancel": can_cancel(registration),
        "can_promote": registration.state == State.WAITING and registrations.gives_seats(session),
        "can_confirm": registration.state == State.PENDING
        and not (session.is_past or session.is_cancelled),
        "position": _position(registration),
        "letters": written_letters(registration),
    }
    return render(request, "events/admin/person.html", context)


def _position(registration: Registration) -> int:
    """Return the place of a person in the waiting list, or 0."""
    if registration.state != State.WAITING:
        return 0
    waiting = registration.session.registrations.filter(state=State.WAITING)
    keys = list(waiting.order_by("queued_at", "pk").values_list("pk", flat=True))
    return keys.index(registration.pk) + 1


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_page(request: HttpRequest) -> HttpResponse:
    """Add a person to a session, once the letter that they get was shown."""
    require_right(request, CHANGE_REGISTRATION)
    if request.method != "POST":
        form = AddPersonForm(initial={"session": request.GET.get("session")})
        return _show_form(request, form, _("Ajouter une personne"))
    form = AddPersonForm(request.POST)
    if not form.is_valid() or "edit" in request.POST:
        return _show_form(request, form, _("Ajouter une personne"))
    session: Session = form.cleaned_data["session"]
    requested = form.registration_request()
    draft = registrations.draft_registration(session, requested)
    try:
        if "confirmed" in request.POST:
            return _add(request, session, requested)
        registrations.require_place(draft)
    except registrations.AlreadyRegistered:
        form.add_error("email", str(ALREADY))
        return _show_form(request, form, _("Ajouter une personne"))
    except registrations.RegistrationRefused as error:
        form.add_error("session", availability_label(error.availability))
        return _show_form(request, form, _("Ajouter une personne"))
    effect = (
        _("Elle aura une place.")
        if draft.state == State.CONFIRMED
        else _("La session est complète : elle entre en liste d'attente.")
    )
    context = _context(draft, _("Ajouter une personne")) | {
        "effects": [effect],
        "letters": letters.letters_of_state(draft),
        "button": _("Inscrire et envoyer la lettre"),
        "form": form,
    }
    return render(request, "events/admin/confirm.html", context)


def _add(
    request: HttpRequest, session: Session, requested: registrations.RegistrationRequest
) -> HttpResponse:
    added = registrations.add_registration(session.pk, requested)
    log(session, "events.add", user=request.user)
    messages.success(
        request,
        _("%(name)s est inscrite : sa lettre part.") % {"name": added.name}
        if added.state == State.CONFIRMED
        else _("%(name)s est en liste d'attente : sa lettre part.") % {"name": added.name},
    )
    return redirect(person_url(added))


def _show_form(
    request: HttpRequest, form: PersonForm, title: str, registration: Registration | None = None
) -> HttpResponse:
    is_wrong = form.is_bound and bool(form.errors)
    context = {
        "title": title,
        "subtitle": str(registration.session) if registration else "",
        "form": form,
        "button": _("Continuer"),
        "back_url": person_url(registration) if registration else reverse("registrations:index"),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, "events/admin/form.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what is kept of a person; a new address gets its letter, once it was shown."""
    require_right(request, CHANGE_REGISTRATION)
    registration = _person(pk)
    address = registration.email
    form = PersonForm(request.POST or None, instance=_person(pk))
    title = _("Corriger")
    if request.method != "POST" or not form.is_valid() or "edit" in request.POST:
        return _show_form(request, form, title, registration)
    changed: Registration = form.instance
    is_moved = changed.email != address
    if is_moved and "confirmed" not in request.POST:
        if registrations.is_address_taken(changed):
            form.add_error("email", str(ALREADY))
            return _show_form(request, form, title, registration)
        context = _context(registration, title) | {
            "effects": [_("Les liens reçus à l'ancienne adresse ne fonctionneront plus.")],
            "letters": letters.letters_of_moving(registration, changed),
            "button": _("Corriger et envoyer les lettres"),
            "form": form,
        }
        return render(request, "events/admin/confirm.html", context)
    try:
        registrations.correct_registration(registration.uuid, form.registration_request())
    except registrations.AlreadyRegistered:
        form.add_error("email", str(ALREADY))
        return _show_form(request, form, title, registration)
    log(registration.session, "events.correct", user=request.user)
    messages.success(request, _("C'est corrigé."))
    return redirect(person_url(registration))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a registration for the person, once the letters were shown."""
    require_right(request, CHANGE_REGISTRATION)
    registration = _person(pk)
    if not can_cancel(registration):
        messages.error(request, _("Cette inscription ne peut plus être annulée."))
        return redirect(person_url(registration))
    if request.method == "POST":
        return _do(request, registration, registrations.cancel_registration, "events.withdraw")
    next_ones = registrations.promoted_after(registration)
    effects = [_("Elle n'est plus attendue, et ses besoins d'accessibilité sont effacés.")]
    effects += [_("%(name)s reçoit sa place.") % {"name": each.name} for each in next_ones]
    context = _context(registration, _("Annuler cette inscription")) | {
        "effects": effects,
        "letters": letters.letters_of_cancelling(registration),
        "button": _("Annuler l'inscription et envoyer"),
        "is_final": True,
    }
    return render(request, "events/admin/confirm.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def promote_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a seat to a person who waits, once the letter was shown."""
    require_right(request, CHANGE_REGISTRATION)
    registration = _person(pk)
    session = registration.session
    if registration.state != State.WAITING or not registrations.gives_seats(session):
        messages.error(request, _("Cette personne n'attend plus de place."))
        return redirect(person_url(registration))
    if request.method == "POST":
        return _do(request, registration, registrations.promote_registration, "events.promote")
    taken, effects = session.count_seats_taken(), []
    if session.capacity is not None and taken >= session.capacity:
        effects.append(
            _("Session complète : %(taken)s personnes pour %(capacity)s places après cet ajout.")
            % {"taken": taken + 1, "capacity": session.capacity}
        )
    before = _position(registration) - 1
    if before:
        effects.append(
            ngettext(
                "Elle passe avant %(count)s personne qui attend depuis plus longtemps.",
                "Elle passe avant %(count)s personnes qui attendent depuis plus longtemps.",
                before,
            )
            % {"count": before}
        )
    context = _context(registration, _("Donner une place")) | {
        "effects": effects,
        "letters": [letters.show_letter(registration, "promoted")],
        "button": _("Donner la place et envoyer la lettre"),
    }
    return render(request, "events/admin/confirm.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a registration for a person who can't open the link, with their agreement."""
    require_right(request, CHANGE_REGISTRATION)
    registration = _person(pk)
    if registration.state != State.PENDING:
        messages.error(request, _("Cette inscription n'est plus à confirmer."))
        return redirect(person_url(registration))
    if request.method == "POST":
        return _do(request, registration, registrations.confirm_registration, "events.confirm")
    try:
        registration.state = registrations.state_of_confirming(registration.session)
    except registrations.RegistrationRefused as error:
        messages.error(request, availability_label(error.availability))
        return redirect(person_url(registration))
    context = _context(registration, _("Confirmer à sa place")) | {
        "effects": [_("Faites-le seulement si elle vous l'a demandé.")],
        "letters": letters.letters_of_state(registration),
        "button": _("Confirmer et envoyer la lettre"),
    }
    return render(request, "events/admin/confirm.html", context)


def _do(request: HttpRequest, registration: Registration, change: Any, action: str) -> HttpResponse:
    """Run a change of one registration, and show what became of it."""
    uuid: UUID = registration.uuid
    try:
        with transaction.atomic():
            before = registrations.lock_registration(uuid).state
            changed = change(uuid)
    except registrations.RegistrationRefused as error:
        messages.error(
            request,
            _("Rien n'est changé : %(why)s.") % {"why": availability_label(error.availability)},
        )
    else:
        values = {"state": changed.get_state_display()}
        if changed.state == before:
            # A second click, or somebody else, was faster.
            messages.info(request, _("Inscription déjà %(state)s : rien n'est parti.") % values)
        else:
            log(registration.session, action, user=request.user)
            messages.success(request, _("Inscription %(state)s : la lettre part.") % values)
    return redirect(person_url(registration))
