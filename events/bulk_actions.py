"""What organisers do with several people of a list at once, under the rules of one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.log_actions import log

from core.admin.bulk_actions import ChosenRowsAction
from core.languages.times import format_day
from events import registrations
from events.admin_rights import CHANGE_REGISTRATION
from events.letters import show_letter
from events.models import Registration, Session
from events.person_views import can_cancel, person_url
from events.schemas import availability_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.forms import Form

State = Registration.State


class PeopleAction(ChosenRowsAction):
    """A bulk action on people who are registered."""

    models = (Registration,)
    permission = CHANGE_REGISTRATION
    icon = "calendar-check"

    @classmethod
    def rows(cls) -> QuerySet[Registration]:
        # Sessions in one order, which is that of their locks; those who wait by their turn.
        return Registration.objects.select_related("session__page").order_by(
            "session", "queued_at", "pk"
        )

    def address_of(self, row: Registration) -> str:
        return person_url(row)

    def detail_of(self, row: Registration) -> str:
        return str(row.session)


class RecordAttendance(PeopleAction):
    """« Marquer présentes »."""

    action_type = "mark_present"
    action_priority = 10
    display_name = gettext_lazy("Marquer présentes")
    aria_label = gettext_lazy("Marquer présentes les personnes choisies")
    button = gettext_lazy("Marquer présentes")
    has_attended = True

    def why_not(self, row: Registration) -> str:
        if row.state != State.CONFIRMED:
            return _state_of(row)
        if not row.session.has_attendance:
            day = format_day(timezone.localdate(row.session.starts_at))
            return _("les présences se cochent à partir du %(day)s.") % {"day": day}
        return ""

    def do_all(self, rows: Sequence[Registration]) -> int:
        """Record who came, with one line of the history for each session."""
        sessions = {row.session_id: row.session for row in rows}
        chosen = Registration.objects.filter(pk__in=[row.pk for row in rows], state=State.CONFIRMED)
        done = chosen.update(has_attended=self.has_attended)
        for session in sessions.values():
            count = session.registrations.filter(has_attended=True).count()
            log(session, "events.attendance", user=self.request.user, data={"count": count})
        return done

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s personne marquée présente.",
            "%(count)s personnes marquées présentes.",
            count,
        ) % {"count": count}


class RecordAbsence(RecordAttendance):
    """« Marquer absentes », for what was marked by mistake."""

    action_type = "mark_absent"
    action_priority = 20
    display_name = gettext_lazy("Marquer absentes")
    aria_label = gettext_lazy("Marquer absentes les personnes choisies")
    button = gettext_lazy("Marquer absentes")
    has_attended = False

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s personne marquée absente.", "%(count)s personnes marquées absentes.", count
        ) % {"count": count}


class LetterAction(PeopleAction):
    """A change of each registration, which sends letters.

    Attributes:
        log_action: in the history of the session.
    """

    log_action = ""

    def change(self, row: Registration) -> Registration:
        """Change one registration.

        Raises:
            RegistrationRefused: it is too late.
        """
        raise NotImplementedError

    def do(self, row: Registration) -> str:
        try:
            self.change(row)
        except registrations.RegistrationRefused as error:
            return _("rien n'est changé, %(why)s.") % {
                "why": availability_label(error.availability).lower()
            }
        log(row.session, self.log_action, user=self.request.user)
        return ""


class Promote(LetterAction):
    """« Donner une place »."""

    action_type = "promote"
    action_priority = 30
    display_name = gettext_lazy("Donner une place")
    aria_label = gettext_lazy("Donner une place aux personnes choisies qui attendent")
    button = gettext_lazy("Donner les places et envoyer les lettres")
    log_action = "events.promote"

    def why_not(self, row: Registration) -> str:
        if row.state != State.WAITING:
            return _state_of(row)
        if not registrations.gives_seats(row.session):
            return _too_late(row.session)
        return ""

    def describe(self, rows: Sequence[Registration], form: Form) -> dict[str, Any]:
        """Return by how many the sessions are then beyond their seats, and who waited longer."""
        return {
            "effects": [*_overbooked(rows), *_overtaken(rows), *_same_letter(rows)],
            "letters": [show_letter(rows[0], "promoted")],
        }

    def change(self, row: Registration) -> Registration:
        return registrations.promote_registration(row.uuid)

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s place donnée : la lettre part.",
            "%(count)s places données : les lettres partent.",
            count,
        ) % {"count": count}


class Cancel(LetterAction):
    """« Annuler »."""

    action_type = "cancel"
    action_priority = 40
    display_name = gettext_lazy("Annuler les inscriptions")
    aria_label = gettext_lazy("Annuler les inscriptions choisies")
    button = gettext_lazy("Annuler les inscriptions et envoyer les lettres")
    classes = frozenset({"serious"})
    is_final = True
    log_action = "events.withdraw"

    def why_not(self, row: Registration) -> str:
        if can_cancel(row):
            return ""
        return _state_of(row) if row.state == State.CANCELLED else _too_late(row.session)

    def describe(self, rows: Sequence[Registration], form: Form) -> dict[str, Any]:
        """Return who gets the seats, and the letter of each sort."""
        promoted = registrations.promoted_after_all(rows)
        return {
            "effects": [
                _("Elles ne sont plus attendues, et leurs besoins d'accessibilité sont effacés."),
                *(_("%(name)s reçoit une place.") % {"name": each.name} for each in promoted),
                *_same_letter(rows),
            ],
            "letters": [
                show_letter(rows[0], "cancelled"),
                *(show_letter(each, "promoted") for each in promoted[:1]),
            ],
        }

    def do_all(self, rows: Sequence[Registration]) -> int:
        # Those who wait first: they would get a seat, and its letter, from those who leave theirs.
        return super().do_all(sorted(rows, key=lambda row: row.state == State.CONFIRMED))

    def change(self, row: Registration) -> Registration:
        return registrations.cancel_registration(row.uuid)

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s inscription annulée : la lettre part.",
            "%(count)s inscriptions annulées : les lettres partent.",
            count,
        ) % {"count": count}


BULK_ACTIONS = (RecordAttendance, RecordAbsence, Promote, Cancel)


def _state_of(row: Registration) -> str:
    return _("son inscription est %(state)s.") % {"state": row.get_state_display()}


def _too_late(session: Session) -> str:
    if session.is_cancelled:
        return _("la session est annulée.")
    return _("la session a commencé.")


def _same_letter(rows: Sequence[Registration]) -> Iterator[str]:
    if others := len(rows) - 1:
        yield ngettext(
            "La même lettre part à %(count)s autre personne, à son nom et dans sa langue.",
            "La même lettre part à %(count)s autres personnes, à leur nom et dans leur langue.",
            others,
        ) % {"count": others}


def _by_session(rows: Sequence[Registration]) -> dict[int, list[Registration]]:
    found: dict[int, list[Registration]] = defaultdict(list)
    for row in rows:
        found[row.session_id].append(row)
    return found


def _overbooked(rows: Sequence[Registration]) -> Iterator[str]:
    """Yield a sentence on each session that is then beyond its seats."""
    chosen = _by_session(rows)
    for session in Session.objects.with_seats_taken().filter(pk__in=chosen).order_by("pk"):
        taken = session.count_seats_taken() + len(chosen[session.pk])
        if session.capacity is not None and taken > session.capacity:
            yield _(
                "%(session)s : %(taken)s personnes pour %(capacity)s places après cet acte."
            ) % {
                "session": session,
                "taken": taken,
                "capacity": session.capacity,
            }


def _overtaken(rows: Sequence[Registration]) -> Iterator[str]:
    """Yield a sentence on those who have waited longer than somebody who was chosen."""
    last = {key: max(each, key=_turn) for key, each in _by_session(rows).items()}
    waiting = PeopleAction.rows().filter(session__in=last, state=State.WAITING)
    others = waiting.exclude(pk__in=[row.pk for row in rows])
    count = sum(_turn(other) < _turn(last[other.session_id]) for other in others)
    if count:
        yield ngettext(
            "%(count)s personne qui attend depuis plus longtemps n'en reçoit pas.",
            "%(count)s personnes qui attendent depuis plus longtemps n'en reçoivent pas.",
            count,
        ) % {"count": count}


def _turn(row: Registration) -> tuple[Any, int]:
    return (row.queued_at or row.created_at, row.pk)
