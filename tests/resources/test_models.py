from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core.models import Territory, Theme
from tests.factories import DocumentFactory, NewsPageFactory, ResourcePageFactory, publish

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "fields,expected",
    [
        ({}, "page"),
        ({"external_url": "https://example.org/"}, "link"),
        ({"video_url": "https://video.example.org/1"}, "video"),
        (
            {"video_url": "https://video.example.org/1", "external_url": "https://example.org/"},
            "video",
        ),
    ],
)
def test_the_format_follows_what_the_resource_holds(fields: dict[str, str], expected: str) -> None:
    resource = ResourcePageFactory(**fields)

    assert resource.format == expected


def test_a_document_comes_before_a_link() -> None:
    resource = ResourcePageFactory(document=DocumentFactory(), external_url="https://example.org/")

    assert resource.format == "document"


def test_the_format_changes_with_a_publication() -> None:
    resource = ResourcePageFactory()

    resource.video_url = "https://video.example.org/1"
    publish(resource)

    resource.refresh_from_db()
    assert resource.format == "video"


def test_a_document_and_a_video_are_two_resources() -> None:
    with pytest.raises(ValidationError) as refused:
        ResourcePageFactory(document=DocumentFactory(), video_url="https://video.example.org/1")

    assert set(refused.value.message_dict) == {"document", "video_url"}


@pytest.mark.parametrize("duration", ["12", "1:2", "douze minutes", "1:02:03:04"])
def test_a_duration_is_written_as_a_duration(duration: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ResourcePageFactory(video_url="https://video.example.org/1", video_duration=duration)

    assert set(refused.value.message_dict) == {"video_duration"}


@pytest.mark.parametrize("factory", [ResourcePageFactory, NewsPageFactory])
def test_the_scope_and_the_territory_agree(factory: Any) -> None:
    nord = Territory.objects.get(code="59")

    for wrong in (
        {"territory_scope": "territory"},
        {"territory_scope": "national", "territory": nord},
    ):
        with pytest.raises(ValidationError) as refused:
            factory(**wrong)
        assert set(refused.value.message_dict) == {"territory"}

    assert factory(territory_scope="territory", territory=nord).pk


def related(resource: Any) -> list[int]:
    """Return the resources that a reader of this one is shown."""
    return [each.id for each in resource.to_schema("").related]


class TestRelated:
    def test_those_chosen_by_an_editor_come_in_their_order(self) -> None:
        first, second, third = (ResourcePageFactory() for _ in range(3))
        resource = ResourcePageFactory()
        for other in (third, first):
            resource.related_resources.create(resource=other)

        assert related(resource) == [third.pk, first.pk]
        assert second.pk not in related(resource)

    def test_otherwise_the_latest_that_share_a_theme(self) -> None:
        soin, fugue = Theme.objects.get(slug="soin"), Theme.objects.get(slug="fugue")
        resource = ResourcePageFactory(themes=[soin, fugue])
        alike = [
            ResourcePageFactory(themes=[soin, fugue], published_on=dt.date(2000 + n, 1, 1))
            for n in range(4)
        ]
        ResourcePageFactory(themes=[Theme.objects.get(slug="handicap")])

        assert related(resource) == [r.pk for r in reversed(alike[1:])]
        assert related(ResourcePageFactory()) == []


@pytest.mark.parametrize(
    "precision,label", [("day", "5 octobre 2022"), ("month", "octobre 2022"), ("year", "2022")]
)
def test_a_day_is_given_as_precisely_as_it_is_known(precision: str, label: str) -> None:
    resource = ResourcePageFactory(
        published_on=dt.date(2022, 10, 5), published_on_precision=precision
    )

    assert resource.to_schema("https://example.org").published_on.label == label
