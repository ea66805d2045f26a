"""What partners send is reviewed in each language: translating it publishes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from core.languages.translations import translation_of
from network.models import Structure
from review.provenance import mark_external, pending_mark
from tests.factories import StandardPageFactory, news_index
from tests.factories.contributions import ContributionFactory, member, ticks
from tests.factories.network import StructureFactory
from tests.factories.translations import translate_with_parents, translation_in, write_words

if TYPE_CHECKING:
    from core.models import User
    from home.models import HomePage

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def english(db: None) -> Locale:
    return Locale.objects.create(language_code="en")


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination")


@pytest.fixture
def page(home: HomePage, english: Locale, coordinator: User) -> Any:
    """A draft of what a partner sent."""
    news_index()
    contribution = ContributionFactory(kind=ContributionKind.NEWS, title="Envoyé")
    return make_draft(contribution, coordinator)


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def translate(user: User, page: Any, english: Locale) -> Any:
    response = as_user(user).post(
        reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
        {"locales": [english.pk], "include_subtree": ""},
    )
    assert response.status_code == 302
    return page.get_translation(english)


def editing(instance: Any) -> str:
    if isinstance(instance, Page):
        return reverse("wagtailadmin_pages:edit", args=[instance.pk])
    return reverse("wagtailsnippets_network_structure:edit", args=[instance.pk])


def test_a_contribution_is_not_published_by_its_translation(
    page: Any, english: Locale, coordinator: User
) -> None:
    translated = translate(coordinator, page, english)
    write_words(translation_in(translated), "English ")
    client = as_user(coordinator)

    shown = client.get(editing(translated)).content.decode()
    assert 'name="action-publish"' not in shown
    for data in ({"action-publish": "x"}, {"action": "publish"}):
        answer = client.post(editing(translated), data, follow=True).content.decode()
        assert "Ce contenu vient de l&#x27;extérieur" in answer
    translation = translation_of(translated)
    assert translation is not None
    client.post(
        reverse("wagtail_localize:update_translations", args=[translation.source_id]),
        {"publish_translations": "on"},
    )
    with pytest.raises(PermissionDenied):
        translation.save_target(user=coordinator, publish=True)

    assert not type(page).objects.filter(live=True, title__contains="Envoyé").exists()
    assert pending_mark(translated) is not None


def test_a_contribution_that_was_sent_before_is_not_published_by_a_later_translation(
    english: Locale, coordinator: User
) -> None:
    """A correction from outside waits in French: what is made of it in English waits too."""
    page = StandardPageFactory(title="Le projet")
    mark_external(page)

    translated = translate(coordinator, page, english)
    as_user(coordinator).post(editing(translated), {"action-publish": "x"})

    assert not type(page).objects.get(pk=translated.pk).live


def test_a_structure_from_outside_is_not_published_by_its_translation(
    english: Locale, coordinator: User
) -> None:
    structure = StructureFactory(name="Foyer", description="Une maison.", draft=True)
    mark_external(structure)
    client = as_user(coordinator)
    client.post(
        reverse(
            "wagtail_localize:submit_snippet_translation",
            args=["network", "structure", structure.pk],
        ),
        {"locales": [english.pk]},
    )
    translated = structure.get_translation(english)

    client.post(editing(translated), {"action-publish": "x"})

    assert not Structure.objects.filter(live=True).exists()


def approve(user: User, instance: Any) -> None:
    state = type(instance).objects.get(pk=instance.pk).current_workflow_task_state
    url = reverse("wagtailadmin_pages:workflow_action", args=[instance.pk, "approve", state.pk])
    as_user(user).post(url, dict.fromkeys(ticks(), "on"))


def test_to_approve_a_translation_releases_nothing_in_french(
    page: Any, english: Locale, coordinator: User
) -> None:
    translated = translate(coordinator, page, english)
    write_words(translation_in(translated), "English ")
    as_user(coordinator).post(reverse("submit_translation_for_review", args=[translated.pk]))

    approve(member("Relecture"), translated)
    approve(member("Direction"), translated)
    french = type(page).objects.get(pk=page.pk)
    with pytest.raises(PermissionDenied):
        french.get_latest_revision().publish(user=coordinator)

    assert type(page).objects.get(pk=translated.pk).live
    assert pending_mark(type(page).objects.get(pk=translated.pk)) is None
    assert not type(page).objects.get(pk=page.pk).live
    assert pending_mark(french) is not None


def test_what_the_team_wrote_is_translated_and_published_by_one_person(
    english: Locale, coordinator: User
) -> None:
    translated = translate_with_parents(StandardPageFactory(title="Le projet"), english)

    as_user(coordinator).post(editing(translated), {"action-publish": "x"})

    assert type(translated).objects.get(pk=translated.pk).live
