"""The editor of translations offers what it may, does it, and leads through the review."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, WorkflowState
from wagtail_localize.models import StringSegment

from home.models import StandardPage
from network.models import Structure
from tests.factories import StandardPageFactory, publish
from tests.factories.contributions import member, ticks
from tests.factories.network import StructureFactory
from tests.factories.translations import (
    publish_translation,
    translate,
    translate_with_parents,
    translation_in,
    write_words,
)

if TYPE_CHECKING:
    from core.models import User

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def english(db: None) -> Locale:
    return Locale.objects.create(language_code="en")


@pytest.fixture
def translator(db: None) -> User:
    return member("Relecture")


@pytest.fixture
def director(db: None) -> User:
    return member("Direction")


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination")


@pytest.fixture
def page(english: Locale) -> StandardPage:
    """A page in English, whose title is translated and which nobody published."""
    translated = translate_with_parents(StandardPageFactory(title="Le projet"), english)
    write_words(translation_in(translated), {"Le projet": "The project"})
    found: StandardPage = translated
    return found


@pytest.fixture
def structure(english: Locale) -> Structure:
    """A structure in English, whose text is translated and which nobody published."""
    translated = translate(StructureFactory(name="Foyer", description="Une maison."), english)
    write_words(translation_in(translated), {"Une maison.": "A house."})
    found: Structure = translated
    return found


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def editing(instance: Any) -> str:
    if isinstance(instance, StandardPage):
        return reverse("wagtailadmin_pages:edit", args=[instance.pk])
    meta = instance._meta
    name = f"wagtailsnippets_{meta.app_label}_{meta.model_name}:edit"
    return reverse(name, args=[instance.pk])


def menu(user: User, instance: Any) -> list[str]:
    """Return what the menu of the editor offers, in its order."""
    response = as_user(user).get(editing(instance))
    assert response.status_code == 200
    html = response.content.decode()
    footer = html[html.index("<footer") : html.index("</footer>")]
    labels = re.findall(r"<(?:button|a)[^>]*>(.*?)</(?:button|a)>", footer, flags=re.DOTALL)
    return [text for label in labels if (text := " ".join(re.sub("<[^>]+>", " ", label).split()))]


def submit(user: User, instance: Any) -> Any:
    translation = translation_in(instance)
    address = (
        reverse("submit_translation_for_review", args=[instance.pk])
        if isinstance(instance, StandardPage)
        else reverse("submit_snippet_translation_for_review", args=[translation.pk])
    )
    client = as_user(user)
    assert client.get(address).status_code == 200
    return client.post(address, follow=True)


def review(user: User, instance: Any, action: str, **data: Any) -> str:
    """Act in the editor as its menu does, and return the page that follows."""
    response = as_user(user).post(
        editing(instance),
        {
            "action-workflow-action": "true",
            "workflow-action-name": action,
            "workflow-action-extra-data": json.dumps(data),
        },
        follow=True,
    )
    assert response.status_code == 200
    return response.content.decode()


def fresh(instance: Any) -> Any:
    return type(instance).objects.get(pk=instance.pk)


def step(instance: Any) -> str:
    task = fresh(instance).current_workflow_task
    return task.name if task else ""


# What is offered


def test_the_menu_offers_what_each_may(
    page: StandardPage, translator: User, coordinator: User, director: User
) -> None:
    assert menu(translator, page)[0] == "Proposer à la relecture"
    assert not {"Publier", "Convertir en alias de page"} & set(menu(translator, page))
    for publisher in (coordinator, director):
        assert menu(publisher, page)[0] == "Publier"
        assert "Proposer à la relecture" in menu(publisher, page)


def test_under_review_the_menu_offers_its_actions_to_who_may_take_them(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)

    assert menu(director, page)[0] == "Approuver"
    assert "Demander des modifications" in menu(director, page)
    assert "Proposer à la relecture" not in menu(director, page)
    shown = as_user(director).get(editing(page)).content.decode()
    assert "Cette traduction est en relecture" in shown
    assert (
        reverse(
            "wagtailadmin_pages:collect_workflow_action_data",
            args=[page.pk, "approve", fresh(page).current_workflow_task_state.pk],
        )
        in shown
    )


def test_the_menu_is_used_by_who_reads_no_script(page: StandardPage, coordinator: User) -> None:
    response = as_user(coordinator).post(editing(page), {"action-publish": "x"}, follow=True)

    assert "« The project » est en ligne en English." in response.content.decode()
    assert fresh(page).live


def test_what_is_not_translated_is_told_of_when_it_is_published(
    english: Locale, coordinator: User
) -> None:
    page = translate_with_parents(StandardPageFactory(title="Le projet"), english)

    response = as_user(coordinator).post(editing(page), {"action-publish": "x"}, follow=True)

    assert "Ce qui n&#x27;est pas traduit y reste en français." in response.content.decode()


# The review, from the editor


@pytest.mark.parametrize("kind", ["page", "structure"])
def test_a_translation_goes_through_the_review_from_its_editor(
    kind: str, request: Any, translator: User, director: User, coordinator: User
) -> None:
    instance = request.getfixturevalue(kind)
    response = submit(translator, instance)
    assert "est en relecture" in response.content.decode()
    assert step(instance) == "Relecture éditoriale"

    assert "Étape suivante" in review(director, instance, "approve", **ticks())
    assert step(instance) == "Validation"
    assert not fresh(instance).live
    assert "est en ligne" in review(coordinator, instance, "approve", **ticks())

    assert fresh(instance).live
    words = fresh(instance).title if kind == "page" else fresh(instance).description
    assert words == ("The project" if kind == "page" else "A house.")


def test_an_approval_without_its_checklist_is_refused(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)

    for data in ({}, {"point_0": True}):
        review(director, page, "approve", **data)
        assert step(page) == "Relecture éditoriale"


def test_modifications_are_asked_for_and_the_translation_is_submitted_again(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)
    shown = review(director, page, "reject", comment="Le titre est à revoir.")
    assert "Des modifications sont demandées" in shown

    seen = as_user(translator).get(editing(page)).content.decode()
    assert "Le titre est à revoir." in seen
    assert menu(translator, page)[0] == "Proposer à la relecture"
    write_words(translation_in(page), {"Le projet": "Our project"})
    submit(translator, page)

    assert fresh(page).workflow_in_progress
    assert fresh(page).get_latest_revision_as_object().title == "Our project"
    assert WorkflowState.objects.filter(object_id=str(page.pk)).count() == 1


def test_what_was_offered_a_moment_ago_is_explained(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)
    review(director, page, "approve", **ticks())

    shown = review(director, page, "approve", **ticks())

    assert "Vous avez approuvé « Relecture éditoriale »" in shown.replace("\u00a0", " ")
    assert step(page) == "Validation"


def test_a_review_is_stopped_from_the_editor(page: StandardPage, translator: User) -> None:
    submit(translator, page)
    assert "Annuler le workflow" in menu(translator, page)

    response = as_user(translator).post(editing(page), {"action-cancel-workflow": "x"}, follow=True)

    assert "est arrêtée" in response.content.decode()
    assert not fresh(page).workflow_in_progress


def put_text(user: User, instance: Any, path: str, text: str) -> int:
    translation = translation_in(instance)
    segment = StringSegment.objects.get(source=translation.source, context__path=path)
    address = reverse("wagtail_localize:edit_string_translation", args=[translation.pk, segment.pk])
    response = as_user(user).put(
        address, f"value={text}", content_type="application/x-www-form-urlencoded"
    )
    return response.status_code


def test_reviewers_approve_the_texts_that_they_read(
    page: StandardPage, translator: User, director: User, coordinator: User
) -> None:
    submit(translator, page)
    review(director, page, "approve", **ticks())

    assert put_text(director, page, "title", "Another+project") == 200

    assert fresh(page).get_latest_revision_as_object().title == "Another project"
    review(coordinator, page, "approve", **ticks())
    assert fresh(page).title != "The project" or not fresh(page).live


def test_texts_that_changed_by_another_way_are_read_again_before_they_are_approved(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)
    write_words(translation_in(page), {"The project": "", "Le projet": "Sneaked in"})

    shown = review(director, page, "approve", **ticks())

    assert "Des textes ont changé" in shown
    assert step(page) == "Relecture éditoriale"
    assert fresh(page).get_latest_revision_as_object().title == "Sneaked in"


def test_who_can_not_edit_under_review_writes_no_text(
    page: StandardPage, translator: User, director: User
) -> None:
    """At « Validation » the page is for those who validate."""
    submit(translator, page)
    review(director, page, "approve", **ticks())

    assert put_text(translator, page, "title", "Mine") == 423

    assert fresh(page).get_latest_revision_as_object().title == "The project"
    props = as_user(translator).get(editing(page)).content.decode()
    assert "&quot;isLocked&quot;: true" in props


def test_a_structure_that_is_translated_by_who_may_not_publish_is_submitted(
    structure: Structure, translator: User
) -> None:
    assert menu(translator, structure)[0] == "Proposer à la relecture"

    submit(translator, structure)

    assert step(structure) == "Relecture éditoriale"
    assert not fresh(structure).live


def test_an_update_under_review_is_reviewed_too(
    page: StandardPage, translator: User, director: User
) -> None:
    submit(translator, page)
    french = StandardPage.objects.get(locale__language_code="fr", title="Le projet")
    french.title = "Le projet PARÉ"
    publish(french)
    address = reverse("wagtail_localize:update_translations", args=[translation_in(page).source_id])

    as_user(translator).post(address)

    assert fresh(page).get_latest_revision_as_object().title == "Le projet PARÉ"
    assert fresh(page).workflow_in_progress


def test_a_public_translation_is_what_it_was_while_it_is_reviewed(
    page: StandardPage, translator: User, director: User, coordinator: User
) -> None:
    publish_translation(page, coordinator)
    write_words(translation_in(page), {"Le projet": "The new project"})
    submit(translator, page)
    review(director, page, "approve", **ticks())
    assert fresh(page).title == "The project"

    review(coordinator, page, "approve", **ticks())

    assert fresh(page).title == "The new project"
