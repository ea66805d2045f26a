"""The hash of a content: alike however it is stored, another for other words."""

from __future__ import annotations

import json
import re
import time
import timeit
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail import blocks
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.models import DraftStateMixin, RevisionMixin

from core.blocks import RICH_TEXT_FEATURES
from core.drafts import text_to_html
from core.registry import registered_models
from resources.models import NewsPage
from review.content import BOOKKEEPING, canonical_content, canonical_hash, changed_fields
from tests.factories import DocumentFactory, ImageFactory, NewsPageFactory, full_body
from tests.factories.events import TrainingPageFactory
from tests.factories.network import StructureFactory

pytestmark = pytest.mark.django_db

REVIEWED = [model for model in registered_models() if issubclass(model, DraftStateMixin)]
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
RICH_TEXT = WORDS.map(lambda text: f"<p>{re.sub('[<>&]', '', text)}</p>")
MOMENTS = st.datetimes(
    min_value=timezone.datetime(1990, 1, 1),  # type: ignore[attr-defined]
    max_value=timezone.datetime(2090, 1, 1),  # type: ignore[attr-defined]
    timezones=st.just(timezone.get_default_timezone()),
)


def item_of(block: blocks.Block, name: str) -> st.SearchStrategy[Any]:
    """Return what a list or stream keeps of one of its blocks."""
    return st.fixed_dictionaries(
        {"type": st.just(name), "value": block_value(block), "id": st.uuids().map(str)}
    )


def block_value(block: blocks.Block) -> st.SearchStrategy[Any]:
    """Return raw values of a block, as they are stored."""
    found: st.SearchStrategy[Any] = WORDS
    if isinstance(block, blocks.StreamBlock):
        each = [item_of(child, name) for name, child in block.child_blocks.items()]
        found = st.lists(st.one_of(each), max_size=2)
    elif isinstance(block, blocks.StructBlock):
        found = st.fixed_dictionaries({n: block_value(b) for n, b in block.child_blocks.items()})
    elif isinstance(block, blocks.ListBlock):
        found = st.lists(item_of(block.child_block, "item"), max_size=2)
    elif isinstance(block, blocks.RichTextBlock):
        found = RICH_TEXT
    elif isinstance(block, blocks.ChooserBlock):
        found = st.none()
    elif isinstance(block, blocks.BooleanBlock):
        found = st.booleans()
    elif isinstance(block, TableBlock):
        found = st.fixed_dictionaries({"data": st.lists(st.lists(WORDS, max_size=2), max_size=2)})
    return found


BY_TYPE: list[tuple[type, Callable[[Any], st.SearchStrategy[Any]]]] = [
    (StreamField, lambda field: block_value(field.stream_block).map(json.dumps)),
    (RichTextField, lambda field: RICH_TEXT),
    (models.ForeignKey, lambda field: st.none() if field.null else st.integers(1, 9)),
    (models.DateTimeField, lambda field: st.none() | MOMENTS if field.null else MOMENTS),
    (models.DateField, lambda field: st.dates()),
    (models.BooleanField, lambda field: st.booleans()),
    (models.DecimalField, lambda field: st.decimals(-90, 90, places=field.decimal_places)),
    (models.UUIDField, lambda field: st.uuids()),
    (models.IntegerField, lambda field: st.integers(0, 9)),
    (models.Field, lambda field: WORDS),
]


@cache
def field_value(field: Any) -> st.SearchStrategy[Any]:
    """Return values of a field."""
    return next(make(field) for kind, make in BY_TYPE if isinstance(field, kind))


def own_fields(model: Any, *left_out: str) -> list[Any]:
    return [
        field
        for field in model._meta.concrete_fields
        if field.serialize and not field.primary_key and field.name not in {*BOOKKEEPING, *left_out}
    ]


@st.composite
def contents(draw: Callable[[st.SearchStrategy[Any]], Any], model: Any) -> Any:
    """Return an object of a type, with rows and terms."""
    instance = model(pk=7)
    for field in own_fields(model):
        setattr(instance, field.attname, draw(field_value(field)))
    for relation in get_all_child_relations(model):
        row: Any = relation.related_model
        if not own_fields(row, relation.field.name) or relation.get_accessor_name() in BOOKKEEPING:
            continue
        rows = []
        for number in range(draw(st.integers(0, 2))):
            fields = own_fields(row, relation.field.name, "sort_order")
            values = {field.attname: draw(field_value(field)) for field in fields}
            rows.append(row(**values))
            if hasattr(row, "sort_order"):
                rows[-1].sort_order = number
        setattr(instance, relation.get_accessor_name(), rows)
    for relation in get_all_child_m2m_relations(model):
        terms = list(relation.remote_field.model.objects.all()[:3])
        setattr(instance, relation.name, draw(st.permutations(terms))[: draw(st.integers(0, 3))])
    return instance


def stored(content: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(content, cls=DjangoJSONEncoder))
    return found


def with_new_bookkeeping(model: Any, content: dict[str, Any]) -> dict[str, Any]:
    """Return a content as saving again without a change may write it."""
    streams = {f.name for f in model._meta.concrete_fields if isinstance(f, StreamField)}
    return {
        name: (
            json.dumps(_saved_again(json.loads(value)), indent=1)
            if name in streams
            else _saved_again({name: value})[name]
        )
        for name, value in reversed(content.items())
    }


def _saved_again(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("<p>", '<p data-block-key="abcde">')
    if isinstance(value, list):
        return [_saved_again(each) for each in value]
    if isinstance(value, dict):
        names = {"id"} if "type" in value and "value" in value else set()
        names |= {name for name in value if name in BOOKKEEPING}
        return {
            name: str(uuid.uuid4()) if name in names else _saved_again(each)
            for name, each in reversed(value.items())
        }
    return value


def read(field: Any, value: Any) -> str:
    """Return the words that a reader sees of a value, as plainly as can be."""
    if isinstance(field, StreamField):
        words = _without_identifiers(json.loads(value))
        value = json.dumps(words, ensure_ascii=False, sort_keys=True)
    text = "" if value in (None, [], {}, "[]") else str(value)
    is_html = isinstance(field, StreamField | RichTextField)
    return re.sub(r"\s+|\\[ntrf]", "", re.sub("</?p>", "", text)) if is_html else text


def _without_identifiers(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_identifiers(each) for each in value]
    if isinstance(value, dict):
        is_block = "type" in value and "value" in value
        return {
            n: _without_identifiers(v) for n, v in value.items() if not (is_block and n == "id")
        }
    return value


def test_there_is_something_to_review() -> None:
    assert NewsPage in REVIEWED
    assert all(issubclass(model, RevisionMixin) for model in REVIEWED)


PROPERTY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("model", REVIEWED, ids=lambda model: model.__name__)
@PROPERTY
@given(data=st.data())
def test_the_hash_is_alike_however_the_words_are_stored(model: Any, data: Any) -> None:
    content = data.draw(contents(model)).serializable_data()
    kept = stored(content)

    assert canonical_hash(kept) == canonical_hash(content)
    again = model.from_serializable_data(kept, check_fks=False).serializable_data()
    assert canonical_content(again) == canonical_content(kept)
    saved = with_new_bookkeeping(model, kept)
    assert canonical_content(saved) == canonical_content(kept)


@pytest.mark.parametrize("model", REVIEWED, ids=lambda model: model.__name__)
@PROPERTY
@given(data=st.data())
def test_another_word_in_any_field_gives_another_hash(model: Any, data: Any) -> None:
    content = stored(data.draw(contents(model)).serializable_data())
    without_words = getattr(model, "fields_without_words", ())
    fields = [field for field in own_fields(model) if field.name not in without_words]
    field = data.draw(st.sampled_from(fields))
    changed = model.from_serializable_data(content, check_fks=False)
    value = data.draw(field_value(field))
    setattr(changed, field.attname, value)

    after = stored(changed.serializable_data())
    assume(read(field, after[field.name]) != read(field, content[field.name]))

    assert changed_fields(canonical_content(content), canonical_content(after)) == [field.name]
    assert canonical_hash(after) != canonical_hash(content)


def test_the_database_changes_no_hash() -> None:
    page = NewsPageFactory(body=full_body(ImageFactory(), DocumentFactory(), NewsPageFactory()))
    structure = StructureFactory(latitude="48.85", longitude="2.3", street="1 rue de Lille")

    for instance in (page, structure):
        revision = instance.save_revision()
        read = type(instance).objects.get(pk=instance.pk)
        revision.refresh_from_db()
        hashes = {
            canonical_hash(instance.serializable_data()),
            canonical_hash(revision.content),
            canonical_hash(read.serializable_data()),
            canonical_hash(revision.as_object().serializable_data()),
        }
        assert len(hashes) == 1


@pytest.mark.parametrize("name", ["title", "slug", "seo_title", "summary"])
def test_a_page_of_other_words_has_another_hash(name: str) -> None:
    page = NewsPageFactory()
    before = canonical_hash(page.serializable_data())
    setattr(page, name, "autre")

    assert canonical_hash(page.serializable_data()) != before


def test_a_street_or_a_link_to_join_counts() -> None:
    structure, training = StructureFactory(street="1 rue A"), TrainingPageFactory()
    for instance, thing, name in (
        (structure, structure, "street"),
        (training, training.dates.all()[0], "join_url"),
    ):
        before = canonical_hash(instance.serializable_data())
        setattr(thing, name, "https://example.org/autre")
        if thing is not instance:
            instance.dates = [thing]
        assert canonical_hash(instance.serializable_data()) != before


@pytest.mark.parametrize(
    "one, other",
    [("[1, 2]", "[1,2]"), ("[]", ""), ('[{"type":"a","value":1}]', '[{"type":"a", "value":1}]')],
)
def test_a_text_that_looks_like_blocks_is_kept_to_the_letter(one: str, other: str) -> None:
    assert canonical_hash({"title": one}) != canonical_hash({"title": other})


@pytest.mark.parametrize(
    "html",
    [
        *map(
            text_to_html,
            [
                "Une journée d'étude, « où » l'on dit \"oui\" & <non>",
                "Deux  espaces,\ttabulation\nà la ligne\n\net un paragraphe\u00a0: https://x.org/?a=1&b=2",
            ],
        ),
        "<ul><li><b>Proposé par :</b> l&#x27;association</li></ul>",
        '<p><a id="{page}" linktype="page">Lien</a> <strong>gras</strong> et <em>italique</em></p>',
        "<p>Un</p>\n<p>Deux<br/>lignes</p>\n",
        "<p>it&#39;s <b>a</b> <i>b</i></p>",
    ],
)
def test_the_editor_changes_no_hash_by_its_own_way_of_writing(html: str) -> None:
    html = html.replace("{page}", str(NewsPageFactory().pk))
    editor = ContentstateConverter(RICH_TEXT_FEATURES)
    for text in (html, editor.to_database_format(editor.from_database_format(html))):
        again = editor.to_database_format(editor.from_database_format(text))

        assert words_of(again) == words_of(html)


def words_of(html: str) -> str:
    body = json.dumps([{"type": "rich_text", "value": html, "id": str(uuid.uuid4())}])
    return canonical_hash({"body": body, "editorial": html})


@pytest.mark.parametrize(
    "other",
    [
        "<p>Autre</p>",
        "<p>Mot <b>gras</b></p>",
        "<p>Motgras</p>",
        "<p>Mot</p><p>gras</p>",
        '<p><a href="https://example.org">Mot gras</a></p>',
        "<p>Mot\u00a0gras</p>",
    ],
)
def test_other_rich_text_has_another_hash(other: str) -> None:
    assert words_of(other) != words_of("<p>Mot gras</p>")


def test_where_and_when_are_no_words() -> None:
    page = NewsPageFactory()
    before = canonical_hash(page.serializable_data())
    page.go_live_at = page.expire_at = timezone.now()
    page.live = not page.live
    page.path, page.draft_title, page.url_path = "0001", "Autre", "/ailleurs/"

    assert canonical_hash(page.serializable_data()) == before


def test_it_asks_nothing_of_the_database_and_takes_a_moment() -> None:
    page = NewsPageFactory(body=full_body(ImageFactory(), DocumentFactory(), NewsPageFactory()))
    content = stored(page.save_revision().content)
    canonical_hash(content)

    with CaptureQueriesContext(connection) as queries:
        timer = timeit.Timer(lambda: canonical_hash(content), timer=time.process_time)
        seconds = min(timer.repeat(number=20, repeat=5)) / 20
    print(f"{seconds * 1000:.3f} ms for {len(json.dumps(content))} characters")

    assert not queries
    assert seconds < 0.002
