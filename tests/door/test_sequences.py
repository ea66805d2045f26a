"""The shortest ways around the door that were found, each told with the acts of the machine.

Each is what some people do, one after the other, with what their screens offer; at the end,
nothing is public that was not admitted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wagtail.models import PageViewRestriction

from core.models import Document, Image
from home.models import StandardPage
from resources.models import NewsPage, ResourcePage
from tests.door.admissions import DOCUMENT, IMAGE, PAGE, STRUCTURE, Key
from tests.door.readers import find_leaks, find_leaks_to_members

if TYPE_CHECKING:
    from tests.door.world import World

# Random acts are tried on both.
pytestmark = pytest.mark.one_engine


def nothing_leaks(world: World) -> None:
    leaks = [*find_leaks(world), *find_leaks_to_members(world)]
    assert not leaks, "\n".join([*world.log, *map(str, leaks[:12])])


def draft(
    world: World, kind: str = "news", *, with_file: bool = False, who: str = "relectrice"
) -> Key:
    """Have a contribution sent, and its draft made."""
    world.contribute(kind, with_file=with_file)
    (contribution, *_others) = world.contributions()
    world.triage(who, contribution)
    key = world.draft_of(contribution)
    assert key is not None
    return key


def live_page(world: World, model: type = NewsPage) -> Key:
    return (PAGE, model.objects.filter(live=True, locale__language_code="fr").get().pk)


def live_structure(world: World) -> Key:
    (structure, *_others) = sorted(
        key for key, thing in world.admissions.things.items() if key[0] == STRUCTURE and thing.live
    )
    return structure


class TestReview:
    def test_two_people_publish_a_contribution(self, world: World) -> None:
        key = draft(world, with_file=True)

        world.review("relecteur", key)
        world.review("coordinatrice", key)

        nothing_leaks(world)
        assert world.admissions.reviews == 1
        assert world.admissions.is_shown(key)

    def test_nothing_of_a_draft_in_review_is_public(self, world: World) -> None:
        draft(world, "resource", with_file=True)
        draft(world, "structure")
        draft(world, "training")
        draft(world, "webinar")

        nothing_leaks(world)

    def test_nobody_validates_a_title_that_she_wrote(self, world: World) -> None:
        key = draft(world)
        world.review("relectrice", key)
        world.edit("coordinatrice", key, name="title")
        world.review("directrice", key)

        world.review("coordinatrice", key)

        nothing_leaks(world)

    def test_nobody_validates_a_title_that_she_wrote_in_the_editor(self, world: World) -> None:
        key = draft(world)
        world.review_in_editor("relectrice", key)

        world.review_in_editor("coordinatrice", key, name="title")
        world.review_in_editor("coordinatrice", key)

        nothing_leaks(world)

    def test_words_written_over_a_revision_are_not_those_that_were_approved(
        self, world: World
    ) -> None:
        key = draft(world, who="coordinatrice")
        world.review("relectrice", key)

        world.edit("coordinatrice", key, name="body", overwrite=True)
        world.review("directrice", key)

        nothing_leaks(world)

    def test_words_rewritten_by_a_script_are_not_those_that_were_approved(
        self, world: World
    ) -> None:
        key = draft(world)
        world.review("relectrice", key)

        world.script_rewrite(key)
        world.review("coordinatrice", key)

        nothing_leaks(world)

    def test_a_file_replaced_in_review_is_not_the_one_that_was_approved(self, world: World) -> None:
        key = draft(world, "resource", with_file=True)
        (file,) = world.admissions.pending_files
        world.review("relectrice", key)

        world.change_file("coordinatrice", file)
        world.review("coordinatrice", key)

        nothing_leaks(world)

    def test_a_contribution_is_not_published_by_its_schedule(self, world: World) -> None:
        key = draft(world)

        world.schedule("directrice", key, hours=1)
        world.advance(hours=2)
        world.publish_scheduled()

        nothing_leaks(world)

    def test_what_was_scheduled_is_not_written_over(self, world: World) -> None:
        key = live_page(world)
        world.schedule("directrice", key, hours=1)

        world.edit("relectrice", key, name="title", overwrite=True)
        world.script_rewrite(key)
        world.advance(hours=2)
        world.publish_scheduled()

        nothing_leaks(world)


class TestTranslation:
    def test_nobody_publishes_a_contribution_by_translating_it(self, world: World) -> None:
        key = draft(world)
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None

        world.publish_translation("coordinatrice", english)

        nothing_leaks(world)

    def test_nobody_publishes_a_contribution_by_translating_it_once_edited(
        self, world: World
    ) -> None:
        key = draft(world)
        world.edit("coordinatrice", key, name="body")
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None

        world.publish_translation("coordinatrice", english)

        nothing_leaks(world)

    def test_nobody_publishes_a_structure_in_review_by_translating_it(self, world: World) -> None:
        key = draft(world, "structure")
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None

        world.publish_translation("coordinatrice", english)

        nothing_leaks(world)

    def test_nobody_publishes_a_structure_that_was_corrected_by_translating_it(
        self, world: World
    ) -> None:
        key = live_structure(world)
        world.correct(key[1])
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None

        world.publish_translation("coordinatrice", english)

        nothing_leaks(world)

    def test_a_contribution_is_not_published_by_a_translation_that_was_stopped(
        self, world: World
    ) -> None:
        key = draft(world)
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None

        world.stop_translation("coordinatrice", english)
        world.edit("coordinatrice", english, action="publish", name="summary")

        nothing_leaks(world)

    def test_a_reviewer_publishes_no_translation_by_asking_for_it(self, world: World) -> None:
        world.edit("relectrice", live_page(world), name="title")
        world.translate("relectrice", live_page(world))

        nothing_leaks(world)

    def test_a_reviewer_publishes_no_translation_by_updating_it(self, world: World) -> None:
        key = live_page(world)
        world.translate("relectrice", key)
        world.write_translation("relectrice", key)

        world.update_translations("relectrice", key, publish=True)

        nothing_leaks(world)

    def test_a_translation_that_is_proposed_is_not_public(self, world: World) -> None:
        key = live_page(world)
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None
        world.publish_translation("coordinatrice", english)
        world.write_translation("relectrice", key)

        world.propose_translation("relectrice", english[1])

        nothing_leaks(world)

    def test_a_translation_by_a_file_is_not_public(self, world: World) -> None:
        key = live_page(world)
        world.translate("coordinatrice", key)
        english = world.english_of(key)
        assert english is not None
        world.upload_translation("relectrice", key)

        world.update_translations("relectrice", key, publish=True)

        nothing_leaks(world)

    def test_a_structure_proposed_in_english_is_not_public(self, world: World) -> None:
        key = live_structure(world)
        world.translate("relectrice", key)
        for number in range(4):
            world.write_translation("relectrice", key, number)

        world.update_translations("relectrice", key, publish=True)

        nothing_leaks(world)


class TestFiles:
    def test_a_file_in_review_is_not_published_by_another_page(self, world: World) -> None:
        draft(world, "resource", with_file=True)
        (file,) = world.admissions.pending_files

        world.edit("coordinatrice", live_page(world), action="publish", files=(file,))

        nothing_leaks(world)

    def test_a_reviewer_replaces_no_file_that_is_public(self, world: World) -> None:
        file = (DOCUMENT, ResourcePage.objects.get().document_id)

        world.change_file("relectrice", file)

        nothing_leaks(world)

    def test_a_reviewer_writes_no_text_of_an_image_that_is_public(self, world: World) -> None:
        world.change_file("relectrice", (IMAGE, Image.objects.get().pk), replace=False)

        nothing_leaks(world)

    @pytest.mark.parametrize("kind", [DOCUMENT, IMAGE])
    def test_a_reviewer_deletes_no_file_that_is_public(self, world: World, kind: str) -> None:
        model = Document if kind == DOCUMENT else Image
        world.upload("relectrice", is_image=kind == IMAGE)
        file = (kind, model.objects.latest("pk").pk)
        world.edit("coordinatrice", live_page(world), action="publish", files=(file,))

        world.delete_file("relectrice", file)

        nothing_leaks(world)
        assert file in world.admissions.files


class TestManyAtOnce:
    def test_structures_in_review_are_not_published_by_an_import(self, world: World) -> None:
        _kind, pk = draft(world, "structure")

        world.import_structures("coordinatrice", [pk])

        nothing_leaks(world)

    def test_structures_in_review_are_not_published_by_a_script(self, world: World) -> None:
        _kind, pk = draft(world, "structure")

        world.script_create(pk)

        nothing_leaks(world)

    def test_a_script_makes_nothing_public(self, world: World) -> None:
        world.script_create()

        nothing_leaks(world)

    def test_a_copy_of_a_structure_in_review_is_not_published(self, world: World) -> None:
        _kind, pk = draft(world, "structure")

        world.copy_structure("coordinatrice", pk, name="description", action="publish")

        nothing_leaks(world)

    def test_a_copy_with_a_word_changed_is_not_published(self, world: World) -> None:
        _kind, pk = draft(world, "structure")
        world.copy_structure("coordinatrice", pk)
        copy = (STRUCTURE, max(world.structures()))

        world.edit("coordinatrice", copy, action="publish", name="description")

        nothing_leaks(world)

    def test_a_copy_of_a_page_in_review_is_not_published(self, world: World) -> None:
        _kind, pk = draft(world)
        world.copy("coordinatrice", pk)
        copy = (PAGE, max(world.pages()))

        world.edit("coordinatrice", copy, action="publish", name="summary")

        nothing_leaks(world)

    def test_a_correction_by_link_is_not_published_by_one_person(self, world: World) -> None:
        key = live_structure(world)
        world.correct(key[1])

        world.edit("coordinatrice", key, action="publish", name="acronym")

        nothing_leaks(world)

    def test_a_script_writes_no_public_row(self, world: World) -> None:
        for key in list(world.admissions.things):
            world.script_update(key)

        nothing_leaks(world)

    def test_a_script_that_saves_a_live_row_publishes_nothing(self, world: World) -> None:
        world.script_save(live_page(world))
        world.script_save(live_structure(world))

        nothing_leaks(world)

    def test_a_draft_set_live_is_not_public(self, world: World) -> None:
        for key, thing in list(world.admissions.things.items()):
            if not thing.live:
                world.script_flip(key)

        nothing_leaks(world)

    def test_nobody_publishes_without_a_name(self, world: World) -> None:
        world.edit("relectrice", live_page(world), name="title")

        world.script_publish(live_page(world))

        nothing_leaks(world)


class TestNewsletter:
    def test_no_issue_is_published_by_a_click(self, world: World) -> None:
        (issue,) = world.issues()

        world.edit("coordinatrice", (PAGE, issue), action="publish")

        nothing_leaks(world)

    def test_an_issue_that_two_people_approved_is_public_once_sent(self, world: World) -> None:
        (issue,) = world.issues()
        key = (PAGE, issue)
        world.edit("relectrice", key, action="submit")
        world.review("coordinatrice", key)
        world.review("directrice", key)
        nothing_leaks(world)

        world.send_issue("coordinatrice", issue)

        nothing_leaks(world)
        assert world.admissions.is_shown(key)


class TestWhereAndWhen:
    def test_what_expires_is_gone_at_that_second(self, world: World) -> None:
        key = live_page(world)
        world.schedule("directrice", key, hours=1, expires=True)
        nothing_leaks(world)

        world.advance(hours=1, minutes=1)

        nothing_leaks(world)

    def test_what_is_restricted_is_gone(self, world: World) -> None:
        key = live_page(world)
        nothing_leaks(world)

        world.set_privacy("directrice", NewsPage.objects.get(pk=key[1]).get_parent().pk)

        nothing_leaks(world)

    def test_what_is_unpublished_is_gone(self, world: World) -> None:
        nothing_leaks(world)

        world.unpublish("directrice", live_page(world))
        world.unpublish("directrice", live_structure(world))

        nothing_leaks(world)

    def test_what_waits_for_its_hour_leaves_what_is_there(self, world: World) -> None:
        key = live_page(world)

        world.schedule("directrice", key, hours=1)

        nothing_leaks(world)
        assert world.admissions.is_shown(key)

    def test_what_moves_below_a_private_page_gives_no_address(self, world: World) -> None:
        private = PageViewRestriction.objects.get().page
        page = StandardPage.objects.live().exclude(pk=private.pk).get(depth=private.depth)
        nothing_leaks(world)

        world.move("directrice", page.pk, private.pk)

        nothing_leaks(world)
