from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.factories import news_index, resource_index
from tests.factories.contributions import member

if TYPE_CHECKING:
    from core.models import User


@pytest.fixture
def sections(db: None) -> None:
    """The pages under which drafts go."""
    news_index()
    resource_index()


@pytest.fixture
def reviewer(db: None) -> User:
    return member("Relecture", "relectrice", first_name="Rel", last_name="Ectrice")


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination", "coordinatrice")


@pytest.fixture
def director(db: None) -> User:
    return member("Direction", "directrice")


@pytest.fixture
def partner(db: None) -> User:
    return member("Partenaires", "partenaire")
