"""The letters that an act of the team sends, as they are shown before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.mail import ShownLetter
from events import emails
from events.registrations import letter_of_state, promoted_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.models import Registration


def show_letter(
    registration: Registration,
    build: str | Callable[[emails.RegistrationEmails], emails.EmailContent],
) -> ShownLetter:
    """Return a letter to one person, by its name in :data:`emails.EMAILS` or by what builds it."""
    builder = emails.EMAILS[build] if isinstance(build, str) else build
    email = emails.preview(registration, builder)
    return ShownLetter(registration.name, registration.email, email)


def letters_of_moving(before: Registration, changed: Registration) -> list[ShownLetter]:
    """Return the letters of an address that is changed: to the old one, and to the new one."""
    return [show_letter(before, "address_changed"), *letters_of_state(changed)]


def letters_of_state(registration: Registration) -> list[ShownLetter]:
    """Return the letter that a person gets at an address that is new."""
    letter = letter_of_state(registration)
    return [show_letter(registration, letter)] if letter else []


def letters_of_cancelling(registration: Registration) -> list[ShownLetter]:
    """Return the letters of a cancelled registration: to the person, and to who gets the seat."""
    return [
        show_letter(registration, "cancelled"),
        *(show_letter(each, "promoted") for each in promoted_after(registration)),
    ]
