"""What the team reads once it decides on a contribution, and where it goes on."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from contributions.duplicates import possible_duplicates
from contributions.kinds import ContributionKind
from contributions.models import Contribution
from tests.factories import news_index
from tests.factories.contributions import ContributionFactory, ContributionFileFactory, member
from tests.factories.events import EventIndexPageFactory

if TYPE_CHECKING:
    from django.test import Client

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

TEAM = ["Direction", "Coordination", "Relecture"]
MADE = {
    ContributionKind.ACTION: {},
    ContributionKind.NEWS: {},
    ContributionKind.RESOURCE: {"link": "https://www.example.org/guide"},
    ContributionKind.TRAINING: {
        "answers": {
            "starts_at": "2036-03-01T09:00:00+01:00",
            "ends_at": "2036-03-01T17:00:00+01:00",
            "place": "Lille",
            "organiser": "Association",
        }
    },
    ContributionKind.WEBINAR: {
        "answers": {
            "starts_at": "2036-03-01T09:00:00+01:00",
            "ends_at": "2036-03-01T17:00:00+01:00",
        }
    },
    ContributionKind.STRUCTURE: {
        "answers": {"listed_type": "association", "department": "59"},
    },
}


def prepare(client: Client, contribution: Contribution) -> Any:
    return client.post(
        reverse("contribution:act", args=[contribution.pk, "draft"]), {}, follow=True
    )


def words(response: Any) -> str:
    """Return the messages of a screen, as they are read."""
    html = unescape(response.content.decode())
    found = re.search(r'class="messages"(.*?)</ul>', html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1] if found else "").split())


@pytest.fixture
def every_section(sections: None) -> None:
    EventIndexPageFactory()


@pytest.mark.parametrize("group", TEAM)
def test_preparing_a_draft_leads_to_it_and_shows_who_is_next(
    client: Client, sections: None, group: str
) -> None:
    contribution = ContributionFactory(title="Une journée d'étude")
    client.force_login(member(group))

    response = prepare(client, contribution)

    contribution.refresh_from_db()
    editor = reverse("wagtailadmin_pages:edit", args=[contribution.draft_id])
    assert response.redirect_chain[-1][0] == editor
    assert response.status_code == 200
    assert "Le brouillon de « Une journée d'étude » est prêt" in words(response)
    assert "Relecture éditoriale (Coordination, Direction, Relecture)" in words(response)
    assert "Rien n'est public" in words(response)
    back = reverse("contribution:inspect", args=[contribution.pk])
    assert f'href="{back}"' in response.content.decode()


@pytest.mark.parametrize("kind", MADE)
def test_the_draft_of_each_kind_opens_and_is_no_duplicate_of_what_was_sent(
    client: Client, every_section: None, kind: ContributionKind
) -> None:
    contribution = ContributionFactory(kind=kind, **MADE[kind])
    client.force_login(member("Relecture"))

    response = prepare(client, contribution)

    assert response.status_code == 200
    assert "est prêt" in words(response)
    assert "/edit/" in response.redirect_chain[-1][0]
    contribution.refresh_from_db()
    assert possible_duplicates(contribution) == []


def test_preparing_it_again_explains_that_the_review_begins_again(
    client: Client, sections: None
) -> None:
    contribution = ContributionFactory()
    client.force_login(member("Coordination"))
    prepare(client, contribution)

    response = prepare(client, contribution)

    assert "est réécrit" in words(response)
    assert "relecture recommence" in words(response)


def test_what_keeps_from_preparing_is_explained_where_it_happens(client: Client) -> None:
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE)
    client.force_login(member("Coordination"))

    response = prepare(client, contribution)

    assert response.redirect_chain[-1][0] == reverse("contribution:inspect", args=[contribution.pk])
    assert "Il manque la rubrique où ranger ce brouillon" in words(response)


def test_a_file_that_is_gone_keeps_from_preparing_and_is_named_as_the_reason(
    client: Client, sections: None
) -> None:
    file = ContributionFileFactory()
    file.file.storage.delete(file.file.name)
    client.force_login(member("Relecture"))

    response = prepare(client, file.contribution)

    assert response.status_code == 200
    assert "Un fichier de cet envoi n'est plus sur le serveur" in words(response)
    file.contribution.refresh_from_db()
    assert file.contribution.state == "received"


def test_the_editor_leads_back_to_what_the_partner_sent(client: Client) -> None:
    news_index()
    contribution = ContributionFactory()
    client.force_login(member("Relecture"))
    prepare(client, contribution)
    contribution.refresh_from_db()

    page = client.get(reverse("wagtailadmin_pages:edit", args=[contribution.draft_id]))

    back = reverse("contribution:inspect", args=[contribution.pk])
    assert f'href="{back}"' in page.content.decode()
    assert "Voir la contribution" in page.content.decode()


@pytest.mark.parametrize(
    "action, shown",
    [
        ("changes", "Un e-mail part au partenaire, avec votre demande et un lien"),
        ("reject", "un e-mail part au partenaire, avec votre raison"),
        ("message", "Le message part : le partenaire peut répondre"),
    ],
)
def test_each_decision_explains_what_happened(client: Client, action: str, shown: str) -> None:
    contribution = ContributionFactory()
    client.force_login(member("Coordination"))

    response = client.post(
        reverse("contribution:act", args=[contribution.pk, action]),
        {"text": "Un mot"},
        follow=True,
    )

    assert shown in words(response)
