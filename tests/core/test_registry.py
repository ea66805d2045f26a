"""What shows each model is registered once, and found by the model."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from wagtail.models import Page

from core import registry
from core.checks import creatable_page_types
from core.registry import Registry
from events.models import EventPage
from resources.listings import resource_listing
from resources.models import NewsPage, ResourceIndexPage, ResourcePage
from resources.schemas import ResourceCard, ResourceDetail


def test_a_model_has_what_was_registered_for_it() -> None:
    assert registry.schema_for(ResourcePage) is ResourceDetail
    assert registry.listing_for(ResourceIndexPage).listing is resource_listing


def test_what_is_not_registered_is_refused_or_not_found() -> None:
    assert registry.find_schema(EventPage) is None
    assert registry.find_listing(NewsPage) is None
    with pytest.raises(ImproperlyConfigured, match="EventPage has no schema"):
        registry.schema_for(EventPage)
    with pytest.raises(ImproperlyConfigured, match="NewsPage has no listing"):
        registry.listing_for(NewsPage)


def test_a_model_is_registered_once() -> None:
    with pytest.raises(ImproperlyConfigured, match="ResourcePage already has a schema"):
        registry.register_schema(ResourcePage, card=ResourceCard)(ResourceDetail)
    with pytest.raises(ImproperlyConfigured, match="ResourceIndexPage already has a listing"):
        registry.register_listing(ResourceIndexPage, registry.listing_for(ResourceIndexPage))

    assert registry.schema_for(ResourcePage) is ResourceDetail


def test_models_come_in_the_order_of_their_registration() -> None:
    schemas: Registry[str] = Registry("schema")
    schemas.register(NewsPage, "news")
    schemas.register(Page, "page")

    assert schemas.models() == [NewsPage, Page]
    assert schemas.get(Page) == "page"


def test_page_types_are_those_that_editors_can_make() -> None:
    assert set(registry.page_types()) == set(creatable_page_types())
