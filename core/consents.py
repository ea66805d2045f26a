"""What people agree to, in one shape: the text by version, its moment, and the proof of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from datetime import datetime

    from django_stubs_ext import StrOrPromise
else:
    StrOrPromise = object


@dataclass(frozen=True)
class ConsentProof:
    """That one person agreed (GDPR, article 7(1)): to which text, when and how."""

    purpose: str
    version: str
    text: str
    given_at: datetime | None
    way: str
    confirmed_at: datetime | None = None


@dataclass(frozen=True)
class Consent:
    """What is agreed to for one purpose.

    Attributes:
        purpose: its name, in the API.
        texts: by version, the latest last. A text that changes is a new version, and the old one
            stays: a proof refers to it.
    """

    purpose: str
    texts: Mapping[str, StrOrPromise]

    @property
    def version(self) -> str:
        """Return the version that is shown now."""
        return list(self.texts)[-1]

    @property
    def text(self) -> StrOrPromise:
        """Return the text that is shown now."""
        return self.texts[self.version]

    def prove(
        self,
        version: str,
        given_at: datetime | None,
        way: object,
        confirmed_at: datetime | None = None,
    ) -> ConsentProof:
        """Return the proof of an agreement, with the text of its version."""
        text = str(self.texts.get(version, ""))
        return ConsentProof(self.purpose, version, text, given_at, str(way), confirmed_at)


_consents: dict[str, Consent] = {}
_proofs: dict[str, Callable[[Any], ConsentProof]] = {}


def register_consent(consent: Consent) -> Consent:
    """Register what is agreed to, so that the page for visitors and the API have it."""
    if consent.purpose in _consents:
        raise ImproperlyConfigured(f"{consent.purpose} is registered already.")
    _consents[consent.purpose] = consent
    return consent


def consents() -> list[Consent]:
    """Return all that people may agree to, by purpose."""
    return [_consents[purpose] for purpose in sorted(_consents)]


def register_proof(label: str, prove: Callable[[Any], ConsentProof]) -> None:
    """Register what returns the proof that a row of a model has."""
    _proofs[label] = prove


def proof_of(row: Any) -> ConsentProof | None:
    """Return the proof of the agreement that a row has, if it has one."""
    prove = _proofs.get(row._meta.label)
    found = prove(row) if prove else None
    return found if found and found.version else None
