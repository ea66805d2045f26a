"""The letters of a registration: what each says, and how it is sent.

Each is said once, as text that both the plain and the HTML part show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.links import absolute, email_base_url, path_of
from core.signed_links import LinkPurpose, signed_path
from core.templatetags.typography import typo
from events.calendars import CONTENT_TYPE, location_of, write_calendar
from events.models.registrations import Registration
from events.queries import as_translated
from events.schemas import say_when
from events.tokens import CANCEL, CERTIFICATE, CONFIRM, TAKE_PART

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

State = Registration.State


@dataclass(frozen=True)
class Link:
    """Something to follow from a letter."""

    label: str
    url: str


@dataclass(frozen=True)
class Letter:
    """What an e-mail says, whatever its form."""

    subject: str
    paragraphs: list[str]
    button: Link | None = None
    links: list[Link] = field(default_factory=list)
    has_calendar: bool = False


class Writer:
    """Writes the letters of one registration, in the active language.

    Args:
        registration: with its session and the session's page.
        origin: what links start with.
    """

    def __init__(self, registration: Registration, origin: str) -> None:
        self.registration = registration
        self.session = registration.session
        self.page = registration.session.page
        self.shown_page = as_translated(self.page)
        self.origin = origin

    @property
    def title(self) -> str:
        return str(self.shown_page.title)

    def facts(self) -> list[tuple[str, str]]:
        """Return what is to be known of the session, as labels and values."""
        return [
            (_("Quoi"), self.title),
            (_("Quand"), _("%(when)s (heure de Paris)") % {"when": self._when()}),
            (_("Où"), location_of(self.session)),
        ]

    def _when(self) -> str:
        return say_when(self.session.starts_at, self.session.ends_at)

    def _signed(self, purpose: LinkPurpose[UUID], label: str) -> Link:
        return Link(label, absolute(signed_path(purpose, self.registration.uuid), self.origin))

    def _page(self, label: str) -> Link:
        return Link(label, absolute(path_of(self.shown_page), self.origin))

    def _cancel(self) -> list[Link]:
        return [self._signed(CANCEL, _("Me désinscrire"))]

    def _join(self) -> Link:
        if self.session.join_url:
            return self._signed(TAKE_PART, _("Voir le lien de connexion"))
        return self._signed(TAKE_PART, _("Voir mon inscription"))

    def _how_to_join(self) -> list[str]:
        if not self.session.join_url:
            return []
        return [
            _("Pour vous connecter le moment venu : %(url)s") % {"url": self.session.join_url},
            _("Ce lien vous est réservé : ne le transmettez pas."),
        ]

    def confirm(self) -> Letter:
        """Ask whoever reads the address to confirm."""
        return Letter(
            _("Confirmez votre inscription : %(title)s") % {"title": self.title},
            [
                _("Une inscription a été demandée avec cette adresse."),
                _(
                    "Confirmez-la dans les 48 heures : c'est la confirmation qui réserve la place, "
                    "dans la limite de celles qui restent."
                ),
                _("Ce n'est pas vous ? Ne faites rien : sans confirmation, tout est effacé."),
            ],
            button=self._signed(CONFIRM, _("Confirmer mon inscription")),
        )

    def already(self) -> Letter:
        """Tell whoever registers twice that once was enough."""
        waits = self.registration.state == State.WAITING
        return Letter(
            _("Vous êtes déjà inscrit·e : %(title)s") % {"title": self.title},
            [
                _("Une inscription a été demandée avec cette adresse, qui en a déjà une."),
                _("Vous êtes toujours en liste d'attente.")
                if waits
                else _("Votre place est réservée : vous n'avez rien à faire."),
            ],
            button=None if waits else self._join(),
            links=self._cancel(),
        )

    def confirmed(self) -> Letter:
        """Say that the seat is taken, and how to come."""
        return Letter(
            _("Inscription confirmée : %(title)s") % {"title": self.title},
            [
                _("Votre inscription est confirmée. Nous vous attendons."),
                *self._how_to_join(),
                _("Le fichier joint ajoute le rendez-vous à votre agenda."),
                _("Si vous ne pouvez plus venir, libérez votre place : quelqu'un l'attend."),
            ],
            button=self._join(),
            links=self._cancel(),
            has_calendar=True,
        )

    def waiting(self) -> Letter:
        """Say that the session is full for now."""
        return Letter(
            _("Liste d'attente : %(title)s") % {"title": self.title},
            [
                _("Toutes les places sont prises. Vous êtes en liste d'attente."),
                _("Dès qu'une place se libère pour vous, nous vous écrivons."),
            ],
            links=self._cancel(),
        )

    def promoted(self) -> Letter:
        """Say that a seat has become free."""
        return Letter(
            _("Une place s'est libérée : %(title)s") % {"title": self.title},
            [
                _("Bonne nouvelle : une place s'est libérée et elle est à vous."),
                *self._how_to_join(),
                _("Si vous ne pouvez plus venir, libérez votre place : quelqu'un l'attend."),
            ],
            button=self._join(),
            links=self._cancel(),
            has_calendar=True,
        )

    def cancelled(self) -> Letter:
        """Confirm that the person is not expected any more."""
        return Letter(
            _("Désinscription enregistrée : %(title)s") % {"title": self.title},
            [
                _("Vous n'êtes plus inscrit·e à cette session."),
                _("Vous pouvez vous réinscrire tant qu'il reste des places."),
            ],
            links=[self._page(_("Voir l'événement"))],
        )

    def session_cancelled(self, reason: str = "") -> Letter:
        """Say that it does not take place."""
        was_coming = self.registration.state == State.CONFIRMED
        return Letter(
            _("Session annulée : %(title)s") % {"title": self.title},
            [
                _("Cette session n'aura pas lieu. Nous vous prions de nous en excuser."),
                *([reason] if reason else []),
                *([_("Le fichier joint la retire de votre agenda.")] if was_coming else []),
            ],
            links=[self._page(_("Voir l'événement"))],
            has_calendar=was_coming,
        )

    def changed(self) -> Letter:
        """Say that the time, the place or the link is another."""
        return Letter(
            _("Changement : %(title)s") % {"title": self.title},
            [
                _("L'horaire, le lieu ou le lien de cette session a changé. Voici les bons."),
                *self._how_to_join(),
                _("Le fichier joint met votre agenda à jour."),
            ],
            button=self._join(),
            links=self._cancel(),
            has_calendar=True,
        )

    def week_before(self) -> Letter:
        """Remind a week before."""
        return Letter(
            _("Dans une semaine : %(title)s") % {"title": self.title},
            [
                _("Votre session approche."),
                *self._how_to_join(),
                _("Si vous ne pouvez plus venir, libérez votre place : quelqu'un l'attend."),
            ],
            button=self._join(),
            links=self._cancel(),
        )

    def day_before(self) -> Letter:
        """Remind on the eve."""
        return Letter(
            _("C'est bientôt : %(title)s") % {"title": self.title},
            [_("Votre session commence dans moins de 24 heures."), *self._how_to_join()],
            button=self._join(),
            links=self._cancel(),
        )

    def follow_up(self) -> Letter:
        """Give what remains: the replay, the documents, the certificate."""
        links = [
            Link(_("Voir la page de l'événement"), absolute(path_of(self.shown_page), self.origin))
        ]
        replay = getattr(self.page, "replay_url", "")
        for each in self.page.documents.select_related("document"):
            links.append(Link(str(each), absolute(each.document.url, self.origin)))
        if self.registration.has_attended:
            links.append(self._signed(CERTIFICATE, _("Mon attestation de présence (PDF)")))
        return Letter(
            _("Les suites : %(title)s") % {"title": self.title},
            [
                _("Merci de votre intérêt pour cette session."),
                _("Voici ce qui l'accompagne, à relire ou à partager avec vos collègues."),
            ],
            button=Link(_("Voir la rediffusion"), replay) if replay else None,
            links=links,
        )

    def message(self, subject: str, text: str) -> Letter:
        """Carry what the organisers wrote."""
        return Letter(
            subject,
            [part.strip() for part in text.split("\n\n") if part.strip()],
            links=[self._signed(TAKE_PART, _("Voir mon inscription")), *self._cancel()],
        )


LETTERS: dict[str, Callable[[Writer], Letter]] = {
    "confirm": Writer.confirm,
    "already": Writer.already,
    "confirmed": Writer.confirmed,
    "waiting": Writer.waiting,
    "promoted": Writer.promoted,
    "cancelled": Writer.cancelled,
    "changed": Writer.changed,
    "week_before": Writer.week_before,
    "day_before": Writer.day_before,
    "follow_up": Writer.follow_up,
}


def send(registration: Registration, write: Callable[[Writer], Letter], origin: str = "") -> None:
    """Send a letter to one person in the language of their registration, as text and as HTML.

    Args:
        registration: to whom, with its session.
        write: which letter, of a :class:`Writer`.
        origin: what links start with, where a request tells.

    Raises:
        OSError, smtplib.SMTPException: the mail server did not take it.
    """
    registration.session.page = registration.session.page.specific
    with override(registration.language):
        writer = Writer(registration, email_base_url(origin))
        letter = write(writer)
        context = {
            "letter": letter,
            "name": registration.name,
            "facts": writer.facts(),
            "origin": writer.origin,
        }
        text = render_to_string("emails/events/letter.txt", context)
        mail = EmailMultiAlternatives(
            # A line break in a title would be one in a header.
            subject=typo(" ".join(letter.subject.split())),
            body=text.strip() + "\n",
            to=[registration.email],
            # RFC 3834, 5: no holiday replies to this, please.
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("emails/events/letter.html", context), "text/html")
        if letter.has_calendar:
            session = registration.session
            content = write_calendar([session], writer.origin, join_url=session.join_url)
            mail.attach("session.ics", content.decode(), CONTENT_TYPE)
    mail.send()
