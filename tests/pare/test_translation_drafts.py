"""A translation is a draft until somebody who may publish it does, by every way of translating."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page, PageLogEntry, PageViewRestriction

from core.models import Theme
from home.models import HomePage, StandardPage
from resources.models import NewsIndexPage, NewsPage
from tests.factories import NewsPageFactory, StandardPageFactory, news_index, publish
from tests.factories.contributions import member
from tests.factories.network import StructureFactory
from tests.factories.translations import (
    live_words,
    publish_translation,
    submit,
    translate,
    translate_with_parents,
    translation_in,
    write_words,
)

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(db: None) -> Locale:
    return Locale.objects.create(language_code="en")


@pytest.fixture
def reviewer(db: None) -> User:
    return member("Relecture")


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_public_structure_keeps_its_words_until_new_ones_are_published(
    english: Locale, coordinator: User
) -> None:
    structure = StructureFactory(name="Foyer", description="Une maison.")
    translated = translate(structure, english)
    assert not translated.live
    translation = translation_in(translated)
    write_words(translation, "One ")
    before = live_words(publish_translation(translated, coordinator))
    assert before["live"] is True

    write_words(translation, "Two ")
    translation.save_target(publish=False)

    assert live_words(translated) == before
    assert publish_translation(translated, coordinator).description == "Two Une maison."


def test_what_was_published_by_a_translation_names_who_published_it(
    english: Locale, coordinator: User
) -> None:
    translated = translate_with_parents(StandardPageFactory(), english)
    editing = reverse("wagtailadmin_pages:edit", args=[translated.pk])

    assert as_user(coordinator).post(editing, {"action": "publish"}).status_code == 302

    translated.refresh_from_db()
    assert translated.live
    log = PageLogEntry.objects.get(page=translated.pk, action="wagtail.publish")
    assert log.user == coordinator
    assert translated.live_revision.user == coordinator


def test_a_refused_publication_keeps_what_was_translated_and_writes_nothing(
    english: Locale, reviewer: User
) -> None:
    translated = translate_with_parents(StandardPageFactory(title="Le projet"), english)
    translation = translation_in(translated)
    write_words(translation, {"Le projet": "The project"})
    before = live_words(translated)
    editing = reverse("wagtailadmin_pages:edit", args=[translated.pk])
    client = as_user(reviewer)

    response = client.post(editing, {"action": "publish"}, follow=True)

    assert response.status_code == 200
    assert "Seule une personne qui peut publier" in response.content.decode()
    assert "The project" in response.content.decode()
    assert live_words(translated) == before


@pytest.mark.parametrize("group", ["Relecture", "Coordination"])
def test_only_who_may_publish_publishes_translations_by_updating_them(
    home: HomePage, english: Locale, coordinator: User, group: str
) -> None:
    page = StandardPageFactory(title="Le projet")
    translated = publish_translation(translate_with_parents(page, english), coordinator)
    page.title = "Le projet PARÉ"
    publish(page)
    translation = translation_in(translated)
    address = reverse("wagtail_localize:update_translations", args=[translation.source_id])
    client = as_user(member(group))
    may = group == "Coordination"

    assert ('name="publish_translations"' in client.get(address).content.decode()) is may
    response = client.post(address, {"publish_translations": "on"}, follow=True)

    assert response.status_code == 200
    assert ("Seule une personne qui peut publier" in response.content.decode()) is not may
    translated.refresh_from_db()
    assert translated.title == ("Le projet PARÉ" if may else "Le projet")
    translation.source.refresh_from_db()
    assert translation.source.object_repr == "Le projet PARÉ", "the update itself was made"


@pytest.mark.parametrize("group", ["Relecture", "Coordination"])
def test_a_structure_is_published_in_another_language_by_who_may_publish(
    english: Locale, group: str
) -> None:
    structure = StructureFactory(name="Foyer", description="Une maison.")
    client = as_user(member(group))
    submitting = reverse(
        "wagtail_localize:submit_snippet_translation", args=["network", "structure", structure.pk]
    )

    assert client.post(submitting, {"locales": [english.pk]}).status_code == 302
    translated = structure.get_translation(english)
    assert not translated.live
    editing = reverse("wagtailsnippets_network_structure:edit", args=[translated.pk])
    assert client.get(editing).status_code == 200
    response = client.post(editing, {"action": "publish"}, follow=True)
    assert response.status_code == 200
    update = reverse(
        "wagtail_localize:update_translations", args=[translation_in(translated).source_id]
    )
    client.post(update, {"publish_translations": "on"})

    translated.refresh_from_db()
    assert translated.live is (group == "Coordination")


def test_what_has_no_drafts_is_translated_in_its_form(english: Locale, coordinator: User) -> None:
    term = Theme.objects.get(slug="soin")
    address = reverse(
        "wagtail_localize:submit_snippet_translation", args=["core", "theme", term.pk]
    )

    response = as_user(coordinator).post(address, {"locales": [english.pk]})

    assert response["Location"] == reverse(
        Theme.snippet_viewset.get_url_name("edit"), args=[term.pk]
    )
    assert not term.has_translation(english)


def test_proposing_a_public_translation_for_review_changes_nothing_public(
    english: Locale, reviewer: User, coordinator: User
) -> None:
    page = NewsPageFactory(title="Une actualité")
    translated = publish_translation(translate_with_parents(page, english), coordinator)
    write_words(translation_in(translated), {"Une actualité": "Some news"})
    before = live_words(translated)

    response = as_user(reviewer).post(
        reverse("submit_translation_for_review", args=[translated.pk])
    )

    assert response.status_code == 302
    assert live_words(translated) == before
    translated.refresh_from_db()
    assert translated.workflow_in_progress
    assert translated.get_latest_revision_as_object().title == "Some news"


# The pages above a translation


def test_the_sections_above_a_translation_become_public_with_it(
    home: HomePage, english: Locale, reviewer: User, coordinator: User
) -> None:
    page = NewsPageFactory()
    as_user(reviewer).post(
        reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
        {"locales": [english.pk], "include_subtree": ""},
    )
    section = news_index().get_translation(english)
    assert (section.alias_of_id, section.live) == (news_index().pk, False)
    assert not home.get_translation(english).live

    publish_translation(page.get_translation(english), coordinator)

    assert NewsIndexPage.objects.get(pk=section.pk).live
    assert home.get_translation(english).live
    assert home.get_translation(english).alias_of_id == home.pk


def test_a_section_that_is_still_a_draft_in_french_stays_one_above_a_translation(
    home: HomePage, english: Locale, coordinator: User
) -> None:
    page = NewsPageFactory()
    news_index().unpublish()
    translate(page, english)

    publish_translation(page.get_translation(english), coordinator)

    assert not news_index().get_translation(english).live
    assert home.get_translation(english).live


def test_a_public_section_stays_in_french_while_it_is_translated(
    home: HomePage, english: Locale, reviewer: User, coordinator: User
) -> None:
    """An alias that is public becomes a translation: its words stay until publication."""
    page = NewsPageFactory()
    publish_translation(translate(page, english), coordinator)
    section = news_index()
    before = live_words(section.get_translation(english)) | {"alias_of": None}

    as_user(reviewer).post(
        reverse("wagtail_localize:submit_page_translation", args=[section.pk]),
        {"locales": [english.pk], "include_subtree": ""},
    )
    translated = section.get_translation(english)
    translation = translation_in(translated)
    write_words(translation, "English ")
    translation.save_target(publish=False)

    assert live_words(translated) | {"live_revision": None} == before
    assert f"<h1>{section.title}" in Client().get(translated.url).content.decode()
    translated.refresh_from_db()
    assert (translated.alias_of_id, translated.live) == (None, True)
    assert translated.live_revision.content["title"] == section.title
    published = publish_translation(translated, coordinator)
    assert f"<h1>English {section.title}" in Client().get(published.url).content.decode()


@pytest.mark.parametrize("group", ["Relecture", "Coordination"])
def test_a_translation_is_made_an_alias_by_who_may_publish(
    home: HomePage, english: Locale, coordinator: User, group: str
) -> None:
    page = StandardPageFactory(title="Le projet")
    translated = translate_with_parents(page, english)
    write_words(translation_in(translated), {"Le projet": "The project"})
    publish_translation(translated, coordinator)
    address = reverse("wagtail_localize:convert_to_alias", args=[translated.pk])

    response = as_user(member(group)).post(address, follow=True)

    assert response.status_code == 200
    translated.refresh_from_db()
    assert (translated.title == "The project") is (group == "Relecture")
    assert (translated.alias_of_id is None) is (group == "Relecture")


# Privacy


def restrict(page: Page) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=PageViewRestriction.LOGIN)


def test_a_translation_is_as_private_as_its_page_and_no_less_private_without_a_publisher(
    english: Locale, reviewer: User, coordinator: User
) -> None:
    page = StandardPageFactory()
    translated = publish_translation(translate_with_parents(page, english), coordinator)
    address = reverse(
        "wagtail_localize:update_translations", args=[translation_in(translated).source_id]
    )
    restrict(page)
    as_user(reviewer).post(address)
    assert translated.view_restrictions.exists()

    page.view_restrictions.all().delete()
    as_user(reviewer).post(address)
    translation_in(translated).save_target(user=reviewer, publish=False)
    assert translated.view_restrictions.exists()

    publish_translation(translated, coordinator)
    assert not translated.view_restrictions.exists()


def test_a_page_in_a_private_section_stays_private_in_every_language(
    home: HomePage, english: Locale, coordinator: User, client: Client
) -> None:
    page = NewsPageFactory(title="Entre nous")
    restrict(news_index())

    translated = publish_translation(translate(page, english), coordinator)

    assert translated.live
    assert "Entre nous" not in client.get(translated.url).content.decode()


def test_a_section_that_becomes_private_is_so_in_every_language_at_once(
    home: HomePage, english: Locale, coordinator: User, client: Client
) -> None:
    page, other = NewsPageFactory(title="Entre nous"), NewsPageFactory(title="Aussi")
    publish_translation(translate(page, english), coordinator)
    arabic = Locale.objects.create(language_code="ar")
    publish_translation(translate_with_parents(other, arabic), coordinator)
    shown = [each.get_translation(code) for each, code in ((page, english), (other, arabic))]
    assert [client.get(each.url).status_code for each in shown] == [200, 200]
    assert news_index().get_translation(english).alias_of_id == news_index().pk
    assert news_index().get_translation(arabic).alias_of_id is None

    private = as_user(coordinator)
    address = reverse("wagtailadmin_pages:set_privacy", args=[news_index().pk])
    team = Group.objects.get(name="Direction")
    private.post(address, {"restriction_type": "groups", "groups": [team.pk]})

    for each in shown:
        assert client.get(each.url).status_code != 200
        (restriction,) = each.get_view_restrictions()
        assert list(restriction.groups.all()) == [team]

    private.post(address, {"restriction_type": "none"})

    below_alias, below_translation = shown
    assert not below_alias.get_view_restrictions().exists()
    assert below_translation.get_view_restrictions().exists(), "its words are for who publishes"


def test_the_subtree_of_a_page_is_translated_as_drafts(
    home: HomePage, english: Locale, reviewer: User
) -> None:
    page = NewsPageFactory()

    as_user(reviewer).post(
        reverse("wagtail_localize:submit_page_translation", args=[home.pk]),
        {"locales": [english.pk], "include_subtree": "on"},
    )

    assert NewsPage.objects.filter(translation_key=page.translation_key, locale=english).exists()
    assert not Page.objects.filter(locale=english, live=True).exists()


def test_what_is_wrong_in_a_translation_is_marked_and_nothing_is_published(
    english: Locale, coordinator: User
) -> None:
    page = StandardPageFactory(title="Le projet")
    translated = publish_translation(translate_with_parents(page, english), coordinator)
    translation = translation_in(translated)
    write_words(translation, {"Le projet": "x" * 300})
    editing = reverse("wagtailadmin_pages:edit", args=[translated.pk])

    response = as_user(coordinator).post(editing, {"action": "publish"}, follow=True)

    assert response.status_code == 200
    translated.refresh_from_db()
    assert translated.title == "Le projet"
    wrong = translation.source.stringsegment_set.get(
        context__path="title"
    ).string.translations.get()
    assert wrong.has_error
    assert StandardPage.objects.get(pk=translated.pk).live
    assert submit(page, english) == translation
