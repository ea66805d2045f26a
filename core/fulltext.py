"""Full-text search, the same whatever the engine."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef
from wagtail.models import CollectionViewRestriction, ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.search.query import PlainText

from core.words import Root, root_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet
    from wagtail.models import Page

MOST = 1000
"""How many matches are ranked at most: nobody reads further, and memory stays bounded."""

MOST_TEXT = 400_000
"""How many bytes of its documents' text a page is found by: PostgreSQL takes 1 MB of words."""

END_OF_TEXT = "\u2063"
"""Comes in the index after what a page says and before its terms, which are no sentences."""


class Words(PlainText):
    """Words of one language, all of which are asked for.

    A query that is no such thing, as those of the admin are, may be in any language.
    """

    def __init__(self, words: Iterable[str], language: str) -> None:
        super().__init__(" ".join(words), operator="and")
        self.language = language


class Stems(Words):
    """Words that the engine has already taken the endings from."""


class Found(NamedTuple):
    """What a search found.

    Attributes:
        ids: keys of the rows, best first.
        roots: how the words that were looked for begin.
        is_fuzzy: whether words that look like those typed were taken instead.
    """

    ids: list[int]
    roots: list[Root]
    is_fuzzy: bool = False


def find(rows: QuerySet[Any], query: str, languages: Sequence[str]) -> Found:
    """Find the rows that have all of the words, at most :data:`MOST` in each language.

    Words lose their endings as in the language of the row. Where nothing has
    them all, PostgreSQL takes for each unknown word the one most like it
    (trigrams, accents and endings apart) among those of the live pages of
    the language, so that a typing mistake does not end the search.

    Args:
        rows: an indexed and translatable model's queryset, with any filters.
        query: as typed; operators mean nothing.
        languages: which rows to look among (BCP 47), those of the first coming first.
    """
    found = [_exactly(rows, query, language) for language in languages]
    if not any(each.ids for each in found):
        found = [_about(rows, query, language) for language in languages]
    return Found(
        [pk for each in found for pk in each.ids],
        [root for each in found for root in each.roots],
        any(each.is_fuzzy for each in found),
    )


def ranked_ids(rows: QuerySet[Any], query: str, languages: Sequence[str]) -> list[int]:
    """Return the keys of the rows that match, as :func:`find` does."""
    return find(rows, query, languages).ids


def _exactly(rows: QuerySet[Any], query: str, language: str) -> Found:
    words = words_of(query, language)
    ids = _ids(rows, Words(words, language)) if words else []
    return Found(ids, [root_of(word, language) for word in words])


def _about(rows: QuerySet[Any], query: str, language: str) -> Found:
    stems = get_search_backend().closest(words_of(query, language), language)
    ids = _ids(rows, Stems(stems, language)) if stems else []
    roots = [Root(stem, stem, stem, language=language) for stem in stems]
    return Found(ids, roots, is_fuzzy=bool(ids))


def complete(rows: QuerySet[Any], words: Sequence[str], limit: int) -> list[int]:
    """Return the keys of the rows whose titles have the words, the last of them begun."""
    query = PlainText(" ".join(words), operator="and")
    return list(get_search_backend().completed(query, rows, limit))


def _ids(rows: QuerySet[Any], query: Words) -> list[int]:
    rows = rows.filter(locale__language_code=query.language)
    return list(get_search_backend().ranked(query, rows, MOST))


def text_of_documents(page: Page) -> str:
    """Return the text of the documents that a page refers to, wherever it does.

    Left out are those that not everyone may download: an excerpt would tell
    what they say.
    """
    from core.models import Document  # noqa: PLC0415 (the models import us)

    type_id = ContentType.objects.get_for_model(Document).pk
    # What Wagtail makes its reference index from, and that index may not have followed yet.
    references = ReferenceIndex._extract_references_from_object(page)
    ids = [int(pk) for to_type, pk, *_path in references if to_type == type_id]
    path = ExpressionWrapper(OuterRef("collection__path"), output_field=CharField())
    restricted = CollectionViewRestriction.objects.alias(reader=path).filter(
        reader__startswith=F("collection__path")
    )
    texts = dict(Document.objects.filter(~Exists(restricted), pk__in=ids).values_list("pk", "text"))
    text = " ".join(texts[pk] for pk in dict.fromkeys(ids) if pk in texts)
    # PDF files have ligatures, soft hyphens, and accents apart from their letters.
    text = unicodedata.normalize("NFKC", text).replace("\xad", "")
    return text.encode()[:MOST_TEXT].decode(errors="ignore")
