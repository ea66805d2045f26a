"""Which passwords may be chosen."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.passwords import known_passwords
from core.models import User


def codes(password: str, user: User | None = None) -> set[str]:
    """Return why a password is refused."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {str(each.code) for each in error.error_list}
    return set()


@pytest.mark.parametrize(
    "password",
    [
        "quatre mots sans rapport",
        "Un chat mange du béton.",
        "correct horse battery staple",
        "Xk9#mPq2&vLr",
        "prostitué·es, droits & soins",
        "la fenêtre rouge dort tard",
        "صندوق أخضر فوق الجبل",
    ],
)
def test_a_good_one_is_taken(password: str) -> None:
    assert codes(password) == set()


@pytest.mark.parametrize("password", ["court", "onze lettre"])
def test_twelve_characters_are_asked(password: str) -> None:
    assert "password_too_short" in codes(password)


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse1234",
        "MotDePasse2026!",
        "M0td3p@sse2026",
        "azertyuiop123",
        "azertyazerty",
        "Azerty-Azerty-1",
        "123456789azerty",
        "marseille13013",
        "Marseille!!!!!!",
        "doudou!doudou!",
        "Projet-PARE-2026",
        "projetpare2026",
        "telechargement",
        "ｍｏｔｄｅｐａｓｓｅ１２",
        "password12345678",
        "jetaime  jetaime",
    ],
)
def test_one_that_was_stolen_is_refused_whatever_is_put_around_it(password: str) -> None:
    assert "password_breached" in codes(password)


def test_ones_own_name_is_refused() -> None:
    user = User(username="relectrice", first_name="Philomène", email="philomene.dupont@example.org")

    assert "password_too_similar" in codes("philomenedupont", user)


def test_both_lists_are_there() -> None:
    assert len(known_passwords()) > 30_000
    assert {"azertyuiop", "password1"} <= known_passwords()
