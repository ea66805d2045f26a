"""Who wrote which words is recorded when they are saved, and never guessed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from contributions.drafts import make_draft
from network.models import Structure
from network.verification import mark_verified
from resources.models import NewsPage
from review.actors import acting
from review.content import canonical_hash
from review.models import RevisionRecord
from review.records import authors_of, is_recorded, is_scheduled, record_revisions
from tests.factories import NewsPageFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.network import StructureFactory

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> NewsPage:
    return NewsPageFactory(draft=True, title="Avant")


def write(page: Any, user: User | None, **values: Any) -> Revision:
    """Save a revision with other values, as the editor does."""
    latest = type(page).objects.get(pk=page.pk).get_latest_revision_as_object()
    for name, value in values.items():
        setattr(latest, name, value)
    return latest.save_revision(user=user)


def words(page: Any) -> str:
    return canonical_hash(type(page).objects.get(pk=page.pk).get_latest_revision().content)


def test_each_save_has_its_record(page: NewsPage, coordinator: User, director: User) -> None:
    write(page, coordinator)
    revision = write(page, director, title="Après", summary="Résumé")

    record = RevisionRecord.objects.get(revision=revision)
    assert (record.user, record.changed) == (director, ["summary", "title"])
    assert record.content_hash == canonical_hash(revision.content)


def test_saving_what_another_person_changed_is_no_authorship(
    page: NewsPage, coordinator: User, director: User
) -> None:
    """Wagtail writes ``draft_title`` one save late."""
    write(page, None)
    write(page, coordinator, title="Autre titre")
    saved = write(page, director)

    assert saved.content["draft_title"] == "Autre titre"
    assert RevisionRecord.objects.get(revision=saved).changed == []
    assert authors_of(page, words(page)) == {coordinator.pk}


def test_who_acts_is_the_author_where_wagtail_names_nobody(
    page: NewsPage, coordinator: User
) -> None:
    with acting(user=coordinator):
        write(page, None)

    assert RevisionRecord.objects.latest("pk").user == coordinator


def test_a_draft_made_of_a_contribution_is_nobodys_words(sections: None, reviewer: User) -> None:
    draft = make_draft(ContributionFactory(), reviewer)

    record = RevisionRecord.objects.get(revision=draft.get_latest_revision())
    assert (record.user, record.system) == (None, "contribution")
    assert draft.get_latest_revision().user == reviewer
    assert authors_of(draft, words(draft)) == set()


def test_authorship_starts_anew_when_words_are_public(
    page: NewsPage, coordinator: User, director: User
) -> None:
    write(page, coordinator, title="Un").publish(user=director)
    assert authors_of(page, words(page)) == set()

    write(page, director, title="Deux")

    assert authors_of(page, words(page)) == {director.pk}


def test_words_that_are_put_back_are_those_of_who_wrote_them(
    page: NewsPage, coordinator: User, director: User, reviewer: User
) -> None:
    first = write(page, reviewer, title="Un")
    write(page, coordinator, title="Deux")
    second = words(page)
    first.as_object().save_revision(user=director)

    assert authors_of(page, words(page)) == {reviewer.pk}
    assert authors_of(page, second) == {reviewer.pk, coordinator.pk}


def test_no_revision_gets_other_words(page: NewsPage, coordinator: User) -> None:
    revision = write(page, coordinator)
    revision.content["title"] = "Après coup"
    with pytest.raises(PermissionDenied):
        revision.save()

    revision.refresh_from_db()
    revision.content["go_live_at"] = timezone.now().isoformat()
    revision.save(update_fields=["content"])

    assert Revision.objects.get(pk=revision.pk).content["title"] == "Avant"


def test_the_editor_overwrites_no_revision(page: NewsPage, coordinator: User) -> None:
    revision = write(page, coordinator, title="Un")
    again = page.get_latest_revision_as_object()
    again.title = "Deux"

    saved = again.save_revision(user=coordinator, overwrite_revision=revision)

    assert saved.pk != revision.pk
    assert Revision.objects.get(pk=revision.pk).content["title"] == "Un"


def test_a_forged_request_to_overwrite_makes_a_new_revision(
    client: Client, coordinator: User
) -> None:
    structure = StructureFactory(live=False)
    revision = structure.save_revision(user=coordinator)
    client.force_login(coordinator)
    address = reverse("wagtailsnippets_network_structure:edit", args=[structure.pk])
    form: dict[str, Any] = {
        "name": "Autre nom",
        "structure_type": structure.structure_type_id,
        "department": structure.department_id,
        "coverage": "department",
        "place_visibility": "0",
        "contact_visibility": "0",
        "overwrite_revision_id": revision.pk,
    }

    client.post(address, form)

    structure.refresh_from_db()
    assert structure.latest_revision_id != revision.pk
    assert structure.get_latest_revision_as_object().name == "Autre nom"
    assert Revision.objects.get(pk=revision.pk).content["name"] != "Autre nom"


def test_words_written_without_a_signal_are_nobodys(page: NewsPage, coordinator: User) -> None:
    revision = write(page, coordinator)
    Revision.objects.filter(pk=revision.pk).update(content={**revision.content, "title": "Glissé"})

    assert not is_recorded(page, words(page))


def test_revisions_in_bulk_are_recorded_by_who_makes_them(coordinator: User) -> None:
    structures = [StructureFactory(), StructureFactory()]
    known = structures[0].save_revision(user=member("Direction"))
    content = {**known.content, "name": "Autre nom"}
    revisions = Revision.objects.bulk_create(
        Revision(
            content_object=each,
            base_content_type=each.get_base_content_type(),
            created_at=timezone.now(),
            user=coordinator,
            content=content,
        )
        for each in structures
    )

    old, new = record_revisions(revisions)

    assert old.changed == ["name"]
    assert new.changed == ["*"]  # What was before was admitted without a revision.
    assert authors_of(structures[1], new.content_hash) == {coordinator.pk}


def test_a_verified_entry_keeps_its_words_and_its_draft_its_date(coordinator: User) -> None:
    structure = StructureFactory(verified_on=dt.date(2025, 1, 1))
    structure.save_revision(user=coordinator).publish(user=coordinator)
    structure = Structure.objects.get(pk=structure.pk)
    structure.name = "Nouveau nom"
    draft = structure.save_revision(user=coordinator)
    before = words(structure)

    mark_verified([Structure.objects.get(pk=structure.pk)], dt.date(2026, 5, 1))

    structure = Structure.objects.get(pk=structure.pk)
    assert Revision.objects.get(pk=draft.pk).content["verified_on"] == "2025-01-01"
    assert structure.verified_on == dt.date(2026, 5, 1)
    assert structure.get_latest_revision_as_object().verified_on == dt.date(2026, 5, 1)
    assert words(structure) == before
    assert authors_of(structure, before) == {coordinator.pk}


def test_who_schedules_is_recorded_then(page: NewsPage, director: User) -> None:
    revision = write(page, director, go_live_at=timezone.now() + dt.timedelta(hours=1))
    with acting(user=director):
        revision.publish(user=director)

    record = RevisionRecord.objects.get(revision=revision)
    assert record.scheduled_by == director
    assert record.admitted_at is None
    assert is_scheduled(page, record.content_hash)


def test_records_outlive_purged_revisions(page: NewsPage, coordinator: User) -> None:
    write(page, coordinator, title="Un")
    write(page, coordinator, title="Deux")

    call_command("purge_revisions", verbosity=0)
    write(page, member("Direction"), title="Trois")

    first, _second, third = RevisionRecord.objects.of(page.get_base_content_type().pk, page.pk)
    assert first.revision is None
    assert third.changed == ["title"]
