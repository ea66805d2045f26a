"""The blocks of a body: what editors may write, and what readers are told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pydantic import TypeAdapter

from core.blocks import BodyBlock, block_names
from core.references import to_words
from core.schemas import Block, serialize_body
from home.models import HomePage
from published.composing import Reading, compose_value
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    StandardPageFactory,
    full_body,
    publish,
    stream,
)

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

ORIGIN = "https://example.org"


def serialize(*blocks: tuple[str, Any]) -> list[dict[str, Any]]:
    page = StandardPageFactory(body=stream(*blocks))
    return [block.model_dump() for block in read_body(page)]


def read_body(page: Any) -> list[Any]:
    """Return the blocks of a page as its readers get them."""
    words = compose_value(to_words(serialize_body(page.body)), Reading(ORIGIN))
    blocks: list[Any] = TypeAdapter(list[Block]).validate_python(words)
    return blocks


def clean(name: str, value: Any) -> Any:
    """Clean one block as the editor's form does."""
    block = BodyBlock().child_blocks[name]
    return block.clean(block.to_python(value))


def refused_fields(error: ValidationError) -> set[str]:
    return set(getattr(error, "block_errors", {}))


def test_every_block_is_serialized() -> None:
    page = StandardPageFactory(
        body=full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
    )

    data = [block.type for block in read_body(page)]

    assert set(data) == set(block_names())


def test_a_block_with_only_what_it_needs_is_serialized() -> None:
    """As those will be that were written before a block gained an optional part."""
    page = StandardPageFactory()
    described = {"image": ImageFactory().pk, "alt_text": "", "decorative": True}

    data = serialize(
        ("rich_text", ""),
        ("heading", {"text": "Titre"}),
        ("image", {"image": described}),
        ("document", {"document": DocumentFactory(title="Guide").pk}),
        ("video", {"url": "https://video.example.org/1", "title": "Vidéo"}),
        ("quote", {"text": "Une citation"}),
        ("key_figures", {"figures": [{"value": "1", "label": "un", "source": "INSEE, 2024"}]}),
        ("call_to_action", {"title": "Appeler", "button": "Appeler", "url": "tel:119"}),
        ("accordion", {"items": [{"title": "Question", "content": "<p>Réponse</p>"}]}),
        ("table", {"caption": "Tableau", "table": None}),
        ("linked_content", {"pages": [page.pk]}),
    )

    by_type = {block["type"]: block for block in data}
    assert set(by_type) == set(block_names())
    assert by_type["heading"]["level"] == 2
    assert by_type["document"]["file"]["title"] == "Guide"
    assert by_type["image"]["picture"]["alt"] == ""
    assert by_type["table"]["rows"] == []


class TestImage:
    def test_a_text_is_asked_for_unless_the_image_is_decorative(self) -> None:
        image = ImageFactory().pk

        with pytest.raises(ValidationError) as refused:
            clean("image", {"image": {"image": image, "alt_text": "", "decorative": False}})

        assert refused_fields(refused.value) == {"image"}
        for accepted in (
            {"image": image, "alt_text": "Une main tendue", "decorative": False},
            {"image": image, "alt_text": "", "decorative": True},
        ):
            assert clean("image", {"image": accepted})

    def test_the_alternative_text_of_this_place_is_given_and_none_for_decoration(self) -> None:
        image = ImageFactory(title="IMG_2034", description="Une description")

        data = serialize(
            ("image", {"image": {"image": image.pk, "alt_text": "Ici", "decorative": False}}),
            ("image", {"image": {"image": image.pk, "alt_text": "", "decorative": True}}),
        )

        assert [block["picture"]["alt"] for block in data] == ["Ici", ""]


class TestCallToAction:
    def test_exactly_one_target_is_asked_for(self) -> None:
        base = {"title": "Appeler", "text": "", "button": "Appeler le 119"}
        page = StandardPageFactory().pk

        for wrong in ({"page": None, "url": ""}, {"page": page, "url": "tel:119"}):
            with pytest.raises(ValidationError) as refused:
                clean("call_to_action", base | wrong)
            assert refused_fields(refused.value) == {"page", "url"}
        assert clean("call_to_action", base | {"page": page, "url": ""})
        assert clean("call_to_action", base | {"page": None, "url": "tel:119"})

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.org", "119"])
    def test_only_addresses_that_people_can_follow(self, url: str) -> None:
        value = {"title": "T", "text": "", "button": "B", "page": None, "url": url}

        with pytest.raises(ValidationError) as refused:
            clean("call_to_action", value)

        assert "url" in refused_fields(refused.value)

    def test_a_page_of_the_site_follows_its_moves(self, home: HomePage) -> None:
        target = StandardPageFactory(slug="avant")
        block = ("call_to_action", {"title": "T", "button": "B", "page": target.pk, "url": ""})
        page = StandardPageFactory(body=stream(block))
        target.slug = "apres"
        publish(target)

        (data,) = read_body(page)

        assert data.url == "https://example.org/apres/"


def test_a_key_figure_has_a_source() -> None:
    figure = {"value": "10 000", "label": "mineurs", "source": "", "source_url": ""}

    with pytest.raises(ValidationError) as refused:
        clean("key_figures", {"figures": [figure]})

    assert refused_fields(refused.value) == {"figures"}


@pytest.mark.parametrize(
    "duration,is_valid", [("12:30", True), ("1:02:30", True), ("12 min", False)]
)
def test_a_video_has_a_duration_or_none(duration: str, is_valid: bool) -> None:
    value = {"url": "https://video.example.org/", "title": "Vidéo", "duration": duration}

    if is_valid:
        assert clean("video", value)
    else:
        with pytest.raises(ValidationError):
            clean("video", value)


@pytest.mark.parametrize(
    "options,head,rows,has_row_headings",
    [
        ({}, [], [["Qui", "Quoi"], ["ASE", ""]], False),
        ({"first_row_is_table_header": True}, ["Qui", "Quoi"], [["ASE", ""]], False),
        ({"table_header_choice": "row"}, ["Qui", "Quoi"], [["ASE", ""]], False),
        (
            {"table_header_choice": "column", "first_col_is_header": True},
            [],
            [["Qui", "Quoi"], ["ASE", ""]],
            True,
        ),
    ],
)
def test_a_table_gives_its_headings(
    options: dict[str, Any], head: list[str], rows: list[list[str]], has_row_headings: bool
) -> None:
    data = {"data": [["Qui", "Quoi"], ["ASE", None]], **options}

    (answer,) = serialize(("table", {"caption": "Qui fait quoi", "table": data}))

    assert answer["head"] == head
    assert answer["rows"] == rows
    assert answer["has_row_headings"] is has_row_headings
