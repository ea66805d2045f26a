"""How references are looked up: to pages, to files and pictures, to terms, and by the clock."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.html import escape

from core.models import Document, Image, Rendition
from core.references import Ref
from core.schemas import File, PartialDate, Picture
from core.schemas.images import SIZES
from core.terms import get_vocabulary
from core.web.links import build_absolute_url
from published.composing import PAGES, Head, Reading, head_words, resolves
from published.models import Item
from published.queries import page_items

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping


class PageRow(NamedTuple):
    """What is known of a public page that others speak of."""

    page_id: int
    kind: str
    language: str
    is_alias: bool
    translation_key: UUID
    path: str
    title: str
    published_at: datetime
    updated_at: datetime
    card: Any = None
    teaser: Any = None

    @property
    def head(self) -> Head:
        return Head(
            self.page_id,
            self.path,
            self.language,
            self.translation_key,
            self.published_at,
            self.updated_at,
        )


COLUMNS = PageRow._fields[:9]
BY_ID = {"link", "url", "page_tag", "teaser", "teasers", "card", "cards"}
"""The kinds whose keys start with, or are, the keys of pages."""


@resolves(*BY_ID, "translations", "breadcrumbs", stage=PAGES)
def resolve_pages(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up what is shown of other pages: public ones, in the reader's language if translated.

    One query for all.
    """
    ids = {pk for ref in refs if ref.kind in BY_ID for pk in ref.key}
    keys = {ref.key[0] for ref in refs if ref.kind == "translations"}
    paths = {
        path for ref in refs if ref.kind == "breadcrumbs" for path in ancestor_paths(ref.key[0])
    }
    pages = PublicPages(_rows(ids, keys, paths, refs, reading), reading)
    return {ref: words for ref in refs if (words := pages.words_of(ref)) is not None}


def _rows(
    ids: set[int], keys: set[str], paths: set[str], refs: Collection[Ref], reading: Reading
) -> list[PageRow]:
    wanted = Q(page__in=ids) if ids else Q()
    if ids and reading.language != settings.LANGUAGE_CODE:
        # Their translations come with them: editors choose pages in French once.
        wanted |= Q(translation_key__in=Item.objects.filter(page__in=ids).values("translation_key"))
    if keys:
        wanted |= Q(translation_key__in=keys)
    if paths:
        wanted |= Q(path__in=paths)
    if not wanted:
        return []
    kinds = {ref.kind for ref in refs}
    columns = [*COLUMNS, "card" if kinds & {"card", "cards"} else None]
    columns += ["teaser" if kinds & {"teaser", "teasers"} else None]
    found = page_items().filter(wanted).order_by("page_id")
    names = [name for name in columns if name]
    return [PageRow(**dict(zip(names, row, strict=True))) for row in found.values_list(*names)]


def ancestor_paths(path: str) -> list[str]:
    """Return the paths above one, the home page of its language first.

    >>> ancestor_paths("/en/resources/guide/")
    ['/en/', '/en/resources/']
    """
    parts = [part for part in path.split("/") if part]
    home = 1 if parts and parts[0] in dict(settings.LANGUAGES) else 0
    return [f"/{'/'.join(parts[:end])}/" if end else "/" for end in range(home, len(parts))]


class PublicPages:
    """Public pages, and how they are shown by others."""

    def __init__(self, rows: list[PageRow], reading: Reading) -> None:
        self.reading = reading
        self.by_id = {row.page_id: row for row in rows}
        self.by_path = {row.path: row for row in rows}
        self.by_key: dict[UUID, list[PageRow]] = defaultdict(list)
        for row in rows:
            self.by_key[row.translation_key].append(row)

    def version(self, page_id: int) -> PageRow | None:
        """Return a page in the reader's language if it is translated, or as it was chosen."""
        row = self.by_id.get(page_id)
        if row is None or row.language == self.reading.language:
            return row
        for other in self.by_key[row.translation_key]:
            if other.language == self.reading.language:
                return other
        return row

    def words_of(self, ref: Ref) -> Any:
        """Return what a reference leads to; ``None`` where there is nothing to show."""
        match ref.kind:
            case "translations":
                words: Any = self._translations(*ref.key)
            case "breadcrumbs":
                paths = ancestor_paths(ref.key[0])
                words = [self._link(self.by_path[path]) for path in paths if path in self.by_path]
            case "teasers" | "cards":
                found = {row.page_id: row for row in filter(None, map(self.version, ref.key))}
                show = self._teaser if ref.kind == "teasers" else self._card
                words = [show(row) for row in found.values()]
            case _:
                words = self._one(ref.kind, self.version(ref.key[0]))
        return words

    def _one(self, kind: str, row: PageRow | None) -> Any:
        if row is None:
            return "<a>" if kind == "page_tag" else None
        match kind:
            case "link":
                words: Any = self._link(row)
            case "card":
                words = self._card(row)
            case "teaser":
                words = self._teaser(row)
            case "url":
                words = build_absolute_url(row.path, self.reading.origin)
            case _:
                words = f'<a href="{escape(build_absolute_url(row.path, self.reading.origin))}">'
        return words

    def _link(self, row: PageRow) -> dict[str, Any]:
        return {
            "title": row.title,
            "path": row.path,
            "html_url": build_absolute_url(row.path, self.reading.origin),
        }

    def _card(self, row: PageRow) -> dict[str, Any]:
        return {**row.card, **head_words(row.head, self.reading), "translations": []}

    def _teaser(self, row: PageRow) -> dict[str, Any]:
        words = {**row.teaser, **head_words(row.head, self.reading)}
        return words | {"kind": row.kind, "translations": []}

    def _translations(self, key: str, page_id: int) -> list[dict[str, Any]]:
        return [
            {
                "id": row.page_id,
                "locale": row.language,
                "title": row.title,
                "html_url": build_absolute_url(row.path, self.reading.origin),
            }
            for row in self.by_key.get(UUID(key), [])
            if row.page_id != page_id and not row.is_alias
        ]


@resolves("picture", "picture_url")
def resolve_pictures(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up images at their sizes: one query, and one for each that was not drawn yet."""
    sizes: dict[int, set[str]] = defaultdict(set)
    for ref in refs:
        sizes[ref.key[0]].add(ref.key[1])
    specs = {spec for names in sizes.values() for name in names for spec in SIZES[name]}
    images: dict[int, Image] = {}
    drawn: dict[int, list[Rendition]] = defaultdict(list)
    renditions = Rendition.objects.filter(image__in=sizes, filter_spec__in=specs)
    for rendition in renditions.select_related("image").order_by("pk"):
        image = images.setdefault(rendition.image_id, rendition.image)
        rendition.image = image
        drawn[image.pk].append(rendition)
    missing = set(sizes) - set(images)
    images |= {image.pk: image for image in Image.objects.filter(pk__in=missing)} if missing else {}
    for image in images.values():
        _remember_renditions(image, drawn[image.pk])
    found: dict[Ref, Any] = {}
    for ref in refs:
        image_id, size, *rest = ref.key
        if image_id not in images:
            continue
        alt = rest[0] if rest else ""
        picture = Picture.find(images[image_id], reading.origin, SIZES[size], alt=alt)
        if picture is not None:
            found[ref] = picture.src if ref.kind == "picture_url" else picture.model_dump()
    return found


def _remember_renditions(image: Image, drawn: list[Rendition]) -> None:
    """Give an image its renditions, as ``prefetch_related`` does."""
    rows: Any = image.renditions.all()
    rows._result_cache, rows._prefetch_done = drawn, True
    image.__dict__["_prefetched_objects_cache"] = {"renditions": rows}


@resolves("file", "document_tag")
def resolve_files(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up documents: one query."""
    rows = Document.objects.select_related("public_version")
    documents = rows.defer("text", "public_version__text").in_bulk({ref.key[0] for ref in refs})
    found: dict[Ref, Any] = {}
    for ref in refs:
        document = documents.get(ref.key[0])
        if ref.kind == "document_tag":
            url = build_absolute_url(document.url, reading.origin) if document else ""
            found[ref] = f'<a href="{escape(url)}">' if document else "<a>"
        elif document is not None:
            found[ref] = File.from_model(document, reading.origin, ref.key[1]).model_dump()
    return found


@resolves("term", "terms", "term_label", "tags", "territory", "territories")
def resolve_terms(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up terms and territories: one query a request."""
    vocabulary = get_vocabulary()

    def term(entry: Any) -> dict[str, Any]:
        label = vocabulary.label(entry.model, entry.slug, reading.language) or entry.label
        return {"slug": entry.slug, "label": label}

    def territory(entry: Any) -> dict[str, Any]:
        return {"code": entry.code, "name": entry.name, "kind": entry.kind}

    found: dict[Ref, Any] = {}
    for ref in refs:
        match ref.kind:
            case "terms":
                model, *pks = ref.key
                found[ref] = [term(entry) for entry in vocabulary.sorted_terms(model, pks)]
            case "tags":
                model, *pks = ref.key
                tags = vocabulary.sorted_terms(model, pks)
                found[ref] = sorted(entry.label for entry in tags)
            case "territories":
                found[ref] = [territory(entry) for entry in vocabulary.sorted_territories(ref.key)]
            case "territory":
                if entry := vocabulary.territories.get(ref.key[0]):
                    found[ref] = territory(entry)
            case _:
                if own := vocabulary.terms.get(ref.key):
                    found[ref] = term(own) if ref.kind == "term" else term(own)["label"]
    return found


@resolves("day", "label", "model_name", "origin", "route")
def resolve_values(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Write days, labels and addresses for the reader, without a query."""
    return {ref: _value(ref, reading) for ref in refs}


def _value(ref: Ref, reading: Reading) -> Any:
    match ref.kind:
        case "day":
            day, precision = ref.key
            return PartialDate.from_value(date.fromisoformat(day), precision).model_dump()
        case "label":
            name, value = ref.key
            return LABELS[name](value)
        case "model_name":
            return str(apps.get_model(ref.key[0])._meta.verbose_name).capitalize()
        case "origin":
            return reading.origin
        case _:
            return build_absolute_url(reverse(ref.key[0]), reading.origin)


LABELS: dict[str, Callable[[Any], str]] = {}
"""For the name of each coded value, what gives its label in the active language."""


def register_label(name: str, label: Callable[[Any], str]) -> None:
    """Register what gives the labels of a coded value."""
    LABELS[name] = label
