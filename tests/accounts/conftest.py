"""What the tests of accounts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.accounts.factors import give_password
from tests.factories.contributions import member

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from core.models import User


@pytest.fixture
def required(settings: SettingsWrapper) -> None:
    """Ask for a second factor, as in production."""
    settings.MFA_REQUIRED = True


@pytest.fixture
def relecture(db: None) -> User:
    return give_password(member("Relecture", "relectrice", email="relectrice@example.org"))


@pytest.fixture
def direction(db: None) -> User:
    return give_password(member("Direction", "directrice", email="directrice@example.org"))
