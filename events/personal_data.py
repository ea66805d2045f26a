"""What the agenda holds of people."""

from __future__ import annotations

from contextlib import suppress

from django.utils.translation import gettext_lazy as _

from core.consents import ConsentProof, register_proof
from core.personal_data import CONTENT, TEAM_TEXTS
from core.privacy.common import WITH_CONTENT
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    declare,
    declare_all,
    held,
    retention,
)
from events.consent import CONSENT
from events.models import Registration
from events.registrations import RegistrationRefused, cancel_registration
from events.retention import (
    NEEDS_RETENTION,
    REGISTRATION_RETENTION,
    UNCONFIRMED_RETENTION,
    delete_registrations,
    delete_unconfirmed,
    erase_needs,
)

REGISTRATIONS = Processing(
    key="registrations",
    name=_("Inscriptions aux formations et webinaires"),
    purpose=_("Organiser une session, écrire à qui s'y inscrit, attester de sa présence."),
    people=_("les personnes qui s'inscrivent"),
    data=_(
        "nom, adresse e-mail, structure, type de structure, département, besoins d'accessibilité, "
        "langue, présence, dates de l'inscription et de l'accord"
    ),
    legal_basis=LegalBasis.CONSENT,
    readers=(Reader.PERSON, Reader.DIRECTION, Reader.COORDINATION),
    is_for_visitors=True,
)

NEEDS = retention(
    "events.needs",
    NEEDS_RETENTION,
    _("après la session"),
    _("les besoins d'accessibilité sont effacés"),
    erase_needs,
)
UNCONFIRMED = retention(
    "events.unconfirmed",
    UNCONFIRMED_RETENTION,
    _("après une demande que personne ne confirme"),
    _("l'inscription est supprimée"),
    delete_unconfirmed,
)
REGISTERED = retention(
    "events.registrations",
    REGISTRATION_RETENTION,
    _("après la session"),
    _("l'inscription est supprimée"),
    delete_registrations,
)


def erase_registrations(rows: Rows) -> None:
    """Cancel registrations, so that who waits has the seat, then delete them."""
    for registration in rows:
        with suppress(RegistrationRefused):
            cancel_registration(registration.uuid)
    rows.delete()


def prove_registration(row: Registration) -> ConsentProof:
    """Return the proof that somebody who registered agreed."""
    way = row.get_consent_way_display()
    return CONSENT.prove(row.consent_version, row.consented_at, way, row.confirmed_at)


register_proof("events.Registration", prove_registration)
declare(
    "events.Registration",
    held(
        REGISTRATIONS,
        "email name structure structure_type department language state has_attended "
        "consent_way consent_version consented_at created_at confirmed_at cancelled_at queued_at "
        "written_at",
        REGISTERED,
    ),
    held(REGISTRATIONS, "accessibility_needs", NEEDS),
    others="id uuid session",
    person=Person(address="email"),
    erase=erase_registrations,
)
declare(
    "events.SentEmail",
    held(REGISTRATIONS, "kind taken_at", REGISTERED),
    others="id registration",
    person=Person(through="registration"),
)
declare("events.Speaker", held(CONTENT, "name role", WITH_CONTENT), rest=TEAM_TEXTS)
declare("events.Session", others="address", rest="Where and when: a place, and nobody's.")
declare("events.TrainingDate", others="address", rest="Where and when: a place, and nobody's.")
declare_all(
    "events.EventIndexPage events.EventPage events.EventDocument events.TrainingPage "
    "events.WebinarPage",
    TEAM_TEXTS,
)
