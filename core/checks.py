"""Rules of this project that no type checker can see, as Django system checks."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from wagtail.models import TranslatableMixin
from wagtail.snippets.models import get_snippet_models

from core.blocks import block_names
from core.models import BasePage, IndexPage, Territory
from core.registry import find_listing, find_schema
from core.schemas.blocks import BLOCK_SERIALIZERS


def creatable_page_types() -> list[type[BasePage]]:
    """Return every page type of ours, registered or not."""
    # One that is never made itself is only the base of others.
    return [
        model for model in apps.get_models() if issubclass(model, BasePage) and model.is_creatable
    ]


@register()
def check_page_types(**kwargs: Any) -> list[CheckMessage]:
    """Check that page types have schemas, templates, parent and child types, and search fields."""
    problems: list[CheckMessage] = []
    seen: dict[str, type] = {}
    for model in creatable_page_types():
        schema: Any = find_schema(model)
        if schema is None or "type" not in schema.model_fields:
            problems.append(
                Error(
                    "A page type needs a schema with a literal `type`.",
                    hint="Decorate its detail schema with @register_schema in schemas.py.",
                    obj=model,
                    id="pare.E001",
                )
            )
        elif (name := schema.type_name()) in seen:
            problems.append(
                Error(f"Its type `{name}` is that of {seen[name]}.", obj=model, id="pare.E002")
            )
        else:
            seen[name] = model
        try:
            get_template(model.template)
        except TemplateDoesNotExist:
            problems.append(
                Error(f"Its template {model.template} is missing.", obj=model, id="pare.E003")
            )
        for rule in ("parent_page_types", "subpage_types"):
            if not any(
                rule in base.__dict__ for base in model.__mro__ if base.__module__[:7] != "wagtail"
            ):
                problems.append(Error(f"{rule} is left open.", obj=model, id="pare.E004"))
        names = {field.field_name for field in model.search_fields}
        for own in ("summary", "body"):
            if hasattr(model, own) and own not in names:
                problems.append(
                    Error(f"{own} is not in the search index.", obj=model, id="pare.E005")
                )
    return problems


@register()
def check_index_pages(**kwargs: Any) -> list[CheckMessage]:
    """Check that every index page has a listing."""
    return [
        Error(
            "An index page needs a list.",
            hint="Call register_listing in listings.py.",
            obj=model,
            id="pare.E008",
        )
        for model in creatable_page_types()
        if issubclass(model, IndexPage) and find_listing(model) is None
    ]


@register()
def check_blocks(**kwargs: Any) -> list[CheckMessage]:
    """Check that every block of a body has a schema."""
    return [
        Error(f"The block `{name}` has no schema.", id="pare.E006")
        for name in set(block_names()) ^ set(BLOCK_SERIALIZERS)
    ]


@register(Tags.security, deploy=True)
def check_client_addresses(**kwargs: Any) -> list[CheckMessage]:
    """Check that visitors are told apart: in production a proxy stands before the site."""
    if settings.CLIENT_ADDRESS_HEADER:
        return []
    return [
        Warning(
            "CLIENT_ADDRESS_HEADER is not set: behind a proxy all visitors count as one, and forms "
            "are soon refused to all.",
            hint="Name the header in which the proxy gives the address of a visitor: "
            "HTTP_X_REAL_IP for the files in deploy/.",
            id="pare.W001",
        )
    ]


@register()
def check_snippets_are_translatable(**kwargs: Any) -> list[CheckMessage]:
    """Check that every snippet with texts can be translated."""
    return [
        Error("A snippet must be translatable.", obj=model, id="pare.E007")
        for model in get_snippet_models()
        if model is not Territory and not issubclass(model, TranslatableMixin)
    ]
