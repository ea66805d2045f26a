"""How often somebody may try to sign in, before it is guessing.

Failures count for each account and network, for each network, and for each account over all
networks. The browsers that an account was signed in with have a limit of their own: a stranger who
uses up the others keeps no colleague out. Whether there is an account of that name changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.devices import account_key, device_of
from core.throttling import Rate, allow, client_address, seconds_left, take_back

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

QUARTER, DAY = 15 * 60, 24 * 60 * 60
PER_DEVICE = Rate(10, QUARTER)
PER_PAIR = Rate(5, QUARTER)
PER_NETWORK = Rate(30, QUARTER)
# Over all networks: what CNIL allowed in a day, of an account with a password alone.
PER_ACCOUNT = Rate(25, DAY)


@dataclass(frozen=True)
class Limit:
    """A limit that a try counts for."""

    scope: str
    subject: str
    rate: Rate


class Attempt:
    """One try to prove who one is: with a password, or with a code."""

    def __init__(self, request: HttpRequest, what: str, username: str) -> None:
        """Prepare a try.

        Args:
            request: who tries.
            what: is tried: each has limits of its own.
            username: whose account it is, as it was typed.
        """
        self.limits = list(_limits(request, what, username))
        self.counted: list[Limit] = []
        self.refused_by: Limit | None = None

    def begin(self) -> bool:
        """Count the try as one that failed, and return whether it is let through."""
        for limit in self.limits:
            if not allow(limit.scope, limit.subject, limit.rate):
                self.refused_by = limit
                self.forget()
                return False
            self.counted.append(limit)
        return True

    def forget(self) -> None:
        """Take back what was counted: it did not fail."""
        for limit in self.counted:
            take_back(limit.scope, limit.subject, limit.rate)
        self.counted.clear()

    @property
    def seconds(self) -> int:
        """Return in how many seconds the next try is let through."""
        return seconds_left(self.refused_by.rate) if self.refused_by else 0

    @property
    def refusal(self) -> str:
        """Return why the try was not let through, and what helps."""
        if self.refused_by and self.refused_by.rate is PER_ACCOUNT:
            return _(
                "Trop d'essais ont échoué pour cet identifiant depuis des appareils inconnus."
                " Connectez-vous depuis un appareil dont vous vous êtes déjà servi, ou choisissez"
                " un nouveau mot de passe par « Mot de passe oublié »."
            )
        minutes = -(-self.seconds // 60)
        return ngettext(
            "Trop d'essais ont échoué. Vous pourrez réessayer dans %(minutes)s minute.",
            "Trop d'essais ont échoué. Vous pourrez réessayer dans %(minutes)s minutes.",
            minutes,
        ) % {"minutes": minutes}


def _limits(request: HttpRequest, what: str, username: str) -> Iterator[Limit]:
    account, device = account_key(username), device_of(request, username)
    if device:
        yield Limit(f"{what}-device", f"{account}:{device}", PER_DEVICE)
        return
    network = client_address(request)
    yield Limit(f"{what}-pair", f"{account}:{network}", PER_PAIR)
    yield Limit(f"{what}-network", network, PER_NETWORK)
    yield Limit(f"{what}-account", account, PER_ACCOUNT)
