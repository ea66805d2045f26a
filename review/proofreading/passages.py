"""The passages of a draft, and where each of them is on its form."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.html import strip_tags
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modelcluster.models import get_all_child_relations
from wagtail import blocks
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageBlock

from review.content import BOOKKEEPING

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_PROSE = (models.SlugField, models.URLField, models.EmailField)
NO_PROSE_BLOCKS = (blocks.ChoiceBlock, blocks.URLBlock, blocks.RegexBlock)
DESCRIPTIONS = frozenset({"alt_text", "caption"})
PARAGRAPH = re.compile(r"</(?:p|li|h\d)>|<br\s*/?>", re.I)
LINK = re.compile(r"<a\b[^>]*>(.*?)</a>", re.S | re.I)


@dataclass(frozen=True)
class Place:
    """Where something is on the form.

    Attributes:
        label: the field, and the number and name of the block.
        block_id: the identifier of the block, if there is one.
    """

    label: str
    block_id: str = ""


@dataclass(frozen=True)
class Passage:
    """A paragraph of a draft.

    Attributes:
        text: its words, without markup.
        place: where it is.
        is_description: whether it describes a picture.
        is_quote: whether it is what somebody else wrote or uttered.
        links: the words of its links.
    """

    text: str
    place: Place
    is_description: bool = False
    is_quote: bool = False
    links: tuple[str, ...] = field(default=())


def find_passages(instance: models.Model) -> list[Passage]:
    """Return the passages of a page or snippet, as it is in memory."""
    found = list(_of_fields(instance))
    for relation in get_all_child_relations(type(instance)):
        name = str(capfirst(relation.related_model._meta.verbose_name))
        for number, row in enumerate(getattr(instance, relation.get_accessor_name()).all(), 1):
            found += _of_fields(row, f"{name} {number}, ")
    return found


def bound_blocks(instance: models.Model) -> Iterator[tuple[Any, Place]]:
    """Yield the blocks that a page has at the top of its bodies, and their places."""
    for each in _prose_fields(instance):
        if isinstance(each, StreamField):
            for number, child in enumerate(getattr(instance, each.name), 1):
                label = _("%(field)s, bloc %(number)d (%(name)s)") % {
                    "field": capfirst(each.verbose_name),
                    "number": number,
                    "name": child.block.label,
                }
                yield child, Place(label, str(child.id or ""))


def html_passages(source: str, place: Place) -> Iterator[Passage]:
    """Yield the paragraphs of a rich text."""
    for part in PARAGRAPH.split(source):
        text = " ".join(unescape(strip_tags(part)).split(" "))
        links = tuple(unescape(strip_tags(words)).strip() for words in LINK.findall(part))
        if text.strip() or links:
            yield Passage(text.strip(), place, links=links)


def _prose_fields(instance: models.Model) -> Iterator[Any]:
    for each in instance._meta.concrete_fields:
        is_prose = isinstance(each, (models.CharField, models.TextField, StreamField))
        if (
            is_prose
            and not isinstance(each, NO_PROSE)
            and not each.choices
            and each.editable
            and each.name not in BOOKKEEPING
        ):
            yield each


def _of_fields(instance: models.Model, before: str = "") -> Iterator[Passage]:
    for each in _prose_fields(instance):
        value = getattr(instance, each.name)
        place = Place(before + str(capfirst(each.verbose_name)))
        if isinstance(each, RichTextField):
            yield from html_passages(value or "", place)
        elif not isinstance(each, StreamField) and value:
            yield Passage(str(value), place)
    for child, place in bound_blocks(instance):
        yield from _of_block(child.block, child.value, place, child.block_type)


def _of_block(block: Any, value: Any, place: Place, name: str) -> Iterator[Passage]:
    if value is None or isinstance(block, NO_PROSE_BLOCKS):
        return
    if isinstance(block, ImageBlock):
        alt = getattr(value, "contextual_alt_text", None)
        if alt:
            yield Passage(alt, place, is_description=True)
    elif isinstance(block, blocks.StructBlock):
        is_quote = name == "quote"
        for key, child in block.child_blocks.items():
            for passage in _of_block(child, value.get(key), place, key):
                yield Passage(**{**vars(passage), "is_quote": is_quote or passage.is_quote})
    elif isinstance(block, blocks.ListBlock):
        for item in value:
            yield from _of_block(block.child_block, item, place, name)
    elif isinstance(block, blocks.RichTextBlock):
        yield from html_passages(value.source, place)
    elif isinstance(block, TableBlock):
        cells = [str(cell) for row in value.get("data") or [] for cell in row if cell]
        yield from (Passage(cell, place) for cell in cells)
    elif isinstance(value, str) and value:
        yield Passage(value, place, is_description=name in DESCRIPTIONS)
