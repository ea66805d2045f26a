"""A new installation is led to what it lacks, one act after the other, until nothing is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from core.admin.dashboard import blocks_for
from home.dashboard import guided_start
from home.models import SiteSettings
from tests.factories import EmergencyNumberFactory, FunderFactory, StandardPageFactory, UserFactory
from tests.factories.contributions import member
from tests.mail_server import free_port, use_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import SettingsWrapper

    from core.admin.dashboard import Block
    from core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

LEGAL = ("legal_page", "privacy_page", "accessibility_page")


def start_of(user: User) -> Block | None:
    return next((each for each in blocks_for(user) if each.name == "guided-start"), None)


def missing(user: User) -> list[str]:
    block = start_of(user)
    return [line.title for line in block.lines] if block else []


def configure(**values: Any) -> None:
    conf = SiteSettings.load()
    for name, value in values.items():
        setattr(conf, name, value)
    conf.save()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_each_act_takes_its_line_away_and_the_last_takes_the_block(director: User) -> None:
    assert missing(director) == [
        "Remplir les réglages du site",
        "Ajouter les numéros d'urgence",
        "Ajouter les financeurs",
        "Créer les comptes de l'équipe",
        "Envoyer un e-mail d'essai",
    ]

    pages = {name: StandardPageFactory(title=name, draft=True) for name in LEGAL}
    configure(contact_email="contact@example.org", **pages)
    EmergencyNumberFactory()
    FunderFactory()
    member("Relecture")
    client_of(director).post(reverse("home_try_email"))

    assert set(missing(director)) == {
        f"Publier la page « {name} »"
        for name in ("Mentions légales", "Données personnelles", "Déclaration d'accessibilité")
    }
    for page in pages.values():
        page.save_revision().publish(user=director)
    assert start_of(director) is None


def test_what_the_settings_lack_is_named(director: User) -> None:
    configure(contact_email="contact@example.org", legal_page=StandardPageFactory())

    block = start_of(director)

    assert block is not None
    assert block.lines[0].detail.startswith("Données personnelles et déclaration d'accessibilité (")


def test_each_line_leads_to_its_act(director: User) -> None:
    configure(accessibility_page=StandardPageFactory(draft=True))
    client, block = client_of(director), start_of(director)

    assert block is not None
    assert len(block.lines) == len(block.shown) == 6
    for line in block.lines:
        assert client.get(line.url, follow=True).status_code == 200, line


@pytest.mark.parametrize("group", ["Coordination", "Relecture", "Partenaires"])
def test_it_is_for_who_manages_accounts_and_settings(group: str) -> None:
    user = member(group)

    assert start_of(user) is None
    assert client_of(user).post(reverse("home_try_email")).status_code in {302, 403}
    assert not mail.outbox


def test_the_first_account_of_all_reads_it() -> None:
    assert start_of(UserFactory(is_superuser=True)) is not None


def test_it_comes_first(director: User) -> None:
    assert blocks_for(director)[0].name == "guided-start"


def test_it_costs_the_same_whatever_is_missing(
    director: User, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    configure(**{name: StandardPageFactory(draft=True) for name in LEGAL[:1]})
    guided_start(director)
    few = count_queries(lambda: guided_start(director))
    configure(**{name: StandardPageFactory(draft=True) for name in LEGAL})
    EmergencyNumberFactory.create_batch(4)
    for number in range(4):
        member("Relecture", f"relecture-{number}")

    assert count_queries(lambda: guided_start(director)) == few


def test_an_e_mail_goes_to_who_asks_for_it_and_its_day_is_kept(director: User) -> None:
    client, address = client_of(director), reverse("home_try_email")
    assert "Aucun essai n'a encore réussi." in client.get(address).content.decode()
    assert not mail.outbox

    response = client.post(address, follow=True)

    assert [message.to for message in mail.outbox] == [[director.email]]
    assert f"L&#x27;e-mail est parti pour {director.email}." in response.content.decode()
    assert SiteSettings.load().email_tested_at
    assert "Dernier essai réussi" in client.get(address).content.decode()


def test_an_e_mail_that_does_not_leave_is_not_kept(
    director: User, settings: SettingsWrapper
) -> None:
    use_server(settings, free_port())

    response = client_of(director).post(reverse("home_try_email"))

    assert "e-mail n&#x27;est pas parti" in response.content.decode()
    assert SiteSettings.load().email_tested_at is None


def test_an_account_without_an_address_is_led_to_it(director: User) -> None:
    director.email = ""
    director.save()

    response = client_of(director).post(reverse("home_try_email"))

    assert reverse("wagtailadmin_account") in response.content.decode()
    assert not mail.outbox
