"""What partners send, and those who review it."""

from __future__ import annotations

from typing import Any

import factory
from django.contrib.auth.models import Group
from django.utils import timezone

from contributions.consent import CONSENT_VERSION
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionFile, ContributionState
from core.models import User
from tests.factories.media import UserFactory


class ContributionFactory(factory.django.DjangoModelFactory):
    """A piece of news, received from a partner."""

    class Meta:
        model = Contribution

    kind = ContributionKind.NEWS
    state = ContributionState.RECEIVED
    title = factory.Sequence(lambda n: f"Une journée d'étude {n}")
    text = "Une journée pour les professionnels du département."
    person_name = "Camille Martin"
    email = factory.Sequence(lambda n: f"partenaire-{n}@example.org")
    role = "professional"
    structure_name = "Association Exemple"
    consent_version = CONSENT_VERSION
    consented_at = factory.LazyFunction(timezone.now)


class ContributionFileFactory(factory.django.DjangoModelFactory):
    """A clean PDF of a contribution."""

    class Meta:
        model = ContributionFile

    contribution = factory.SubFactory(ContributionFactory)
    session = factory.SelfAttribute("contribution.session")
    name = "guide.pdf"
    media_type = "application/pdf"
    state = "clean"
    sha256 = "0" * 64

    @factory.lazy_attribute
    def file(self) -> Any:
        from tests.factories.files import text_pdf

        return text_pdf()

    @factory.lazy_attribute
    def size(self) -> int:
        return int(self.file.size)


def member(group: str, username: str = "", **kwargs: Any) -> User:
    """Return someone of a group that the migrations make."""
    user = UserFactory(username=username or f"{group.lower()}-{User.objects.count()}", **kwargs)
    user.groups.add(Group.objects.get(name=group))
    return user


def ticks(points: int = 10) -> dict[str, bool]:
    """Return a checklist that is ticked to the end."""
    return {f"point_{number}": True for number in range(points)}


def form_data(kind: ContributionKind = ContributionKind.NEWS, **more: Any) -> dict[str, Any]:
    """Return the least that the form of a kind accepts."""
    moment = {"starts_at": "2027-03-01T09:00", "ends_at": "2027-03-01T17:00"}
    own: dict[ContributionKind, dict[str, Any]] = {
        ContributionKind.RESOURCE: {"link": "https://www.example.org/guide"},
        ContributionKind.TRAINING: {**moment, "place": "Lille", "organiser": "Association Exemple"},
        ContributionKind.WEBINAR: moment,
        ContributionKind.STRUCTURE: {"listed_type": "association", "department": "59"},
        ContributionKind.NETWORK: {"department": "59"},
    }
    title = {} if kind == ContributionKind.NETWORK else {"title": "Une journée d'étude"}
    return {
        **title,
        "text": "Une journée pour les professionnels.\n\nEntrée libre.",
        "person_name": "Camille Martin",
        "email": "camille@example.org",
        "role": "professional",
        "structure_name": "Association Exemple",
        "consent": "on",
        "consent_version": "2026-11",
        **own.get(kind, {}),
        **more,
    }
