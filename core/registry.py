"""The schema and the list of each model, registered as admin classes are.

Models stand at the bottom and know neither: they ask here. The modules ``schemas`` and
``listings`` of every app are loaded once the models are (:mod:`core.apps`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured
from pydantic import BaseModel
from wagtail.models import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpRequest

T = TypeVar("T")


class ModelSchema(Protocol):
    """The detail schema of a model."""

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]: ...

    @classmethod
    def type_name(cls) -> str: ...


class PageListing(Protocol):
    """The list that an index page shows."""

    def get_context(self, page: Any, request: HttpRequest) -> dict[str, Any]:
        """Return what the list adds to the context of the page."""

    def latest_ids(self, path: str, language: str, limit: int) -> list[int]:
        """Return the ids of the pages to show first elsewhere, as on the home page.

        Args:
            path: that of the index page.
            language: that of the index page (BCP 47).
            limit: how many at most.
        """


class Composer(Protocol):
    """Makes the schema of a thing, with its references looked up."""

    def draft(self, thing: Any, origin: str, access_level: int = 0) -> BaseModel:
        """Return the schema that a thing would have once it is admitted, as its instance is now."""

    def published(self, thing: Any, origin: str, access_level: int = 0) -> BaseModel | None:
        """Return what was admitted of a thing, if anything was."""


class FileUses(Protocol):
    """Knows which files of the library published content refers to."""

    def is_published(self, file: Model) -> bool:
        """Return whether something published refers to a document or an image."""

    def published_keys(self, model: type[Model]) -> set[int]:
        """Return the keys of the documents or the images to which something published refers."""


class Registry(Generic[T]):
    """One thing for each model, registered once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._registered: dict[type[Model], T] = {}

    def register(self, model: type[Model], value: T) -> None:
        """Register a value for a model.

        Raises:
            ImproperlyConfigured: the model has one already.
        """
        if model in self._registered:
            raise ImproperlyConfigured(f"{model.__name__} already has a {self.name}.")
        self._registered[model] = value

    def find(self, model: type[Model]) -> T | None:
        """Return the value of a model, if it has one."""
        return self._registered.get(model)

    def get(self, model: type[Model]) -> T:
        """Return the value of a model.

        Raises:
            ImproperlyConfigured: it has none.
        """
        if model not in self._registered:
            raise ImproperlyConfigured(f"{model.__name__} has no {self.name}.")
        return self._registered[model]

    def models(self) -> list[type[Model]]:
        """Return the models in the order in which they were registered."""
        return list(self._registered)


_schemas: Registry[type[ModelSchema]] = Registry("schema")
_cards: Registry[type[BaseModel]] = Registry("card")
_listings: Registry[PageListing] = Registry("listing")

S = TypeVar("S", bound=type[ModelSchema])


def register_schema(model: type[Model], card: type[BaseModel]) -> Callable[[S], S]:
    """Register the decorated detail schema for a model, and that of its card in lists."""

    def register(schema: S) -> S:
        _schemas.register(model, schema)
        _cards.register(model, card)
        return schema

    return register


def register_listing(model: type[Page], listing: PageListing) -> None:
    """Register the list that the pages of an index type show."""
    _listings.register(model, listing)


schema_for = _schemas.get
card_for = _cards.get
find_schema = _schemas.find
listing_for = _listings.get
find_listing = _listings.find


_composers: list[Composer] = []


def register_composer(composer: Composer) -> None:
    """Register what composes schemas; models stand below it."""
    _composers[:] = [composer]


def get_composer() -> Composer:
    """Return what composes schemas.

    Raises:
        ImproperlyConfigured: nothing was registered.
    """
    if not _composers:
        raise ImproperlyConfigured("Nothing composes schemas: is the app « published » installed?")
    return _composers[0]


_file_uses: list[FileUses] = []


def register_file_uses(uses: FileUses) -> None:
    """Register what knows which files are published; models stand below it."""
    _file_uses[:] = [uses]


def get_file_uses() -> FileUses:
    """Return what knows which files are published.

    Raises:
        ImproperlyConfigured: nothing was registered.
    """
    if not _file_uses:
        raise ImproperlyConfigured("Nothing knows the uses of files: is « published » installed?")
    return _file_uses[0]


def registered_models() -> list[type[Model]]:
    """Return every model that has a schema."""
    return _schemas.models()


def page_types() -> list[type[Any]]:
    """Return every page type that has a schema."""
    return [model for model in _schemas.models() if issubclass(model, Page)]
