from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing

from core.public_forms import FASTEST, STARTED_SALT
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


@pytest.fixture
def started() -> dict[str, Any]:
    """What a form that was opened a while ago carries."""
    return {"started": signing.dumps(int(time.time()) - FASTEST - 1, salt=STARTED_SALT)}
