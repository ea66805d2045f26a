"""What came from outside stays external in all that is made of it, by identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import Locale, Page
from wagtail.snippets.models import get_snippet_models

from contributions.drafts import make_draft
from core.models import Service
from network.models import Structure
from network.verification import submit_correction
from resources.models import NewsPage
from review.inheritance import MarkingCopyView
from review.provenance import mark_external, pending_mark
from tests.factories import NewsPageFactory, news_index
from tests.factories.contributions import ContributionFactory
from tests.factories.network import StructureFactory
from tests.factories.review import approve
from tests.factories.world import submit
from tests.review.editor import Editor, form_data, text_of
from tests.screens import Screen

if TYPE_CHECKING:
    from core.models import User

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


@pytest.fixture
def draft(sections: None, reviewer: User) -> NewsPage:
    return make_draft(ContributionFactory(title="Venue d'ailleurs"), reviewer)


@pytest.fixture
def structure(reviewer: User) -> Structure:
    """A structure made of a contribution."""
    contribution = ContributionFactory(
        kind="structure",
        title="Maison d'accueil",
        text="Une maison qui accueille, toute l'année.",
        answers={"department": "59", "listed_type": "association"},
    )
    return make_draft(contribution, reviewer)


def english(page: Page) -> Locale:
    """Return English, with the parents of a page in it."""
    locale = Locale.objects.get_or_create(language_code="en")[0]
    for parent in page.get_ancestors().filter(depth__gt=1).specific():
        if not parent.has_translation(locale):
            parent.copy_for_translation(locale)
    return locale


def test_a_translation_is_as_external_as_its_page(draft: NewsPage) -> None:
    translation = draft.copy_for_translation(english(draft))
    translation.title = "From elsewhere"
    translation.body = "[]"

    assert pending_mark(translation)
    with pytest.raises(PermissionDenied):
        translation.save_revision().publish()
    assert not Page.objects.get(pk=translation.pk).live


def test_a_translation_is_reviewed_by_itself(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    translation = draft.copy_for_translation(english(draft))
    approve(draft, director)
    approve(draft, coordinator)

    assert not pending_mark(draft)
    assert pending_mark(translation)


def test_a_translation_made_without_a_signal_is_external_too(structure: Structure) -> None:
    locale = Locale.objects.get_or_create(language_code="en")[0]
    translation = structure.copy_for_translation(locale)
    translation.live = False
    Structure.objects.bulk_create([translation])

    assert pending_mark(Structure.objects.get(locale=locale))


def test_copies_of_it_are_drafts_and_external_whatever_they_change(
    draft: NewsPage, director: User
) -> None:
    mark_external(published := NewsPageFactory(title="Reprise par un partenaire"))
    for page in (draft, published):
        for keep_revisions in (True, False):
            copy = CopyPageAction(
                page,
                to=news_index(),
                update_attrs={"slug": f"copie-{page.pk}-{keep_revisions}", "body": "[]"},
                copy_revisions=keep_revisions,
                keep_live=True,
                user=director,
            ).execute()

            assert not Page.objects.get(pk=copy.pk).live
            assert pending_mark(copy)


def test_a_copied_branch_marks_what_was_marked_and_nothing_else(director: User) -> None:
    mark_external(NewsPageFactory(slug="dehors", title="Du dehors"))
    NewsPageFactory(slug="dedans", title="Du dedans")
    index = news_index()

    copy = index.copy(
        recursive=True, to=index.get_parent(), update_attrs={"slug": "copie"}, user=director
    )

    outside, inside = (copy.get_children().get(slug=slug) for slug in ("dehors", "dedans"))
    assert (bool(pending_mark(outside)), outside.live) == (True, False)
    assert (bool(pending_mark(inside)), inside.live) == (False, True)


def test_an_alias_is_as_its_source_and_external_once_converted(
    draft: NewsPage, director: User, coordinator: User
) -> None:
    alias = draft.create_alias(parent=news_index(), update_slug="alias")
    own = draft.create_alias(parent=news_index(), update_slug="autre")
    own.alias_of = None
    own.save(update_fields=["alias_of"], clean=False)

    approve(draft, director)
    approve(draft, coordinator)

    assert not pending_mark(NewsPage.objects.get(pk=alias.pk))
    assert pending_mark(NewsPage.objects.get(pk=own.pk))


def test_an_alias_of_what_is_live_may_be_made_while_a_change_waits(director: User) -> None:
    page = NewsPageFactory(title="En ligne")
    mark_external(page)

    alias = page.create_alias(parent=news_index(), update_slug="alias", user=director)

    assert alias.live


def test_the_button_copy_of_a_structure_marks_the_copy(
    structure: Structure, coordinator: User
) -> None:
    editor = Editor(coordinator)
    address = reverse("wagtailsnippets_network_structure:copy", args=[structure.pk])
    assert f'action="{address}' in editor.client.get(address).content.decode()
    data = {**form_data(structure, coordinator), "description": "Tout est récrit.", "name": "Autre"}

    shown = text_of(editor.client.post(address, {**data, "action-publish": "1"}, follow=True))

    copy = Structure.objects.get(name="Autre")
    assert pending_mark(copy)
    assert not copy.live
    assert "vient de l'extérieur" in shown


def form_of_copy(editor: Editor, source: Structure) -> tuple[str, dict[str, list[str]]]:
    """Return the address and the fields of the form that « Copier » shows."""
    address = reverse("wagtailsnippets_network_structure:copy", args=[source.pk])
    shown = Screen(editor.client.get(address).content.decode(), address)
    data: dict[str, list[str]] = {}
    for name, value in next(form for form in shown.forms if form.action == address).sent():
        data.setdefault(name, []).append(value)
    return address, data


@pytest.mark.parametrize("step", ["public", "in review"])
@pytest.mark.parametrize("action", ["", "action-submit", "action-publish"])
def test_the_button_copy_leaves_what_is_copied_as_it_is(
    coordinator: User, step: str, action: str
) -> None:
    source = StructureFactory(name="D'origine", external_id="A1", draft=step == "in review")
    source.save_revision(user=coordinator)
    if step == "in review":
        submit(source, coordinator)
    columns = ["name", "external_id", "live", "latest_revision", "translation_key"]
    before = Structure.objects.filter(pk=source.pk).values(*columns).get()
    editor = Editor(coordinator)

    address, data = form_of_copy(editor, source)
    answer = editor.client.post(address, data | {"name": ["Autre"], action: ["1"]})

    assert answer.status_code == 302
    assert data["external_id"] == [""]
    copy = Structure.objects.get(name="Autre")
    assert copy.pk != source.pk
    assert copy.live == (action == "action-publish")
    assert copy.workflow_in_progress == (action == "action-submit")
    assert Structure.objects.filter(pk=source.pk).values(*columns).get() == before


def test_the_button_copy_copies_all_that_is_edited(coordinator: User) -> None:
    source = StructureFactory(name="D'origine", phone="01 23 45 67 89")
    services = list(Service.objects.all()[:2])
    source.services.set(services)
    source.save()
    editor = Editor(coordinator)

    address, data = form_of_copy(editor, source)
    editor.client.post(address, data | {"name": ["Autre"]})

    copy = Structure.objects.get(name="Autre").get_latest_revision_as_object()
    assert copy.phone == source.phone
    assert set(copy.services.all()) == set(services)


def test_every_snippet_with_drafts_marks_its_copies() -> None:
    for model in get_snippet_models():
        if hasattr(model, "live"):
            assert issubclass(model.snippet_viewset.copy_view_class, MarkingCopyView), model


def test_a_correction_by_link_needs_two_people(coordinator: User, director: User) -> None:
    found = StructureFactory(name="Avant")
    found.save_revision(user=director).publish(user=director)

    submit_correction(Structure.objects.get(pk=found.pk), {"name": "Après"}, "")

    revision = Structure.objects.get(pk=found.pk).get_latest_revision()
    with pytest.raises(PermissionDenied):
        revision.publish(user=coordinator)
    approve(found, coordinator)
    approve(found, director)
    assert Structure.objects.get(pk=found.pk).name == "Après"


def test_a_message_without_a_correction_marks_nothing(director: User) -> None:
    found = StructureFactory(name="Avant")
    found.save_revision(user=director).publish(user=director)

    submit_correction(Structure.objects.get(pk=found.pk), {}, "Bonjour")

    assert pending_mark(found) is None


def test_words_from_outside_stay_so_after_what_was_public_is_published_again(
    coordinator: User, director: User
) -> None:
    structure = StructureFactory(name="Le foyer")
    public = structure.save_revision(user=director)
    public.publish(user=director)
    submit_correction(structure, {"name": "Nom reçu"}, "")
    received = Structure.objects.get(pk=structure.pk).get_latest_revision()

    public.as_object().save_revision(user=coordinator).publish(user=coordinator)
    again = received.as_object()
    again.description = "Avec un mot de plus."
    for content in (received.as_object(), again):
        with pytest.raises(PermissionDenied):
            content.save_revision(user=coordinator).publish(user=coordinator)

    assert Structure.objects.get(pk=structure.pk).name == "Le foyer"
