"""Where items are on the site: the slugs that were admitted, in the tree as it is now."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from wagtail.models import Page, Site

from published.models import FormerSlug, Item

SAFE = "!$&'()*+,;=~:@"
"""What Django leaves as it is in the addresses that it makes (RFC 3986, 3.3)."""


HOME_DEPTH = 2
"""Of the pages below Wagtail's root."""


def encode_slug(slug: str) -> str:
    """Return a slug as addresses have it (RFC 3986, 2.1)."""
    return quote(slug, safe=SAFE)


def normalise_path(path: str) -> str:
    """Return a path as items have it: encoded (RFC 3986, 2.1), with a slash at its end.

    >>> normalise_path("/ressources/hôtels")
    '/ressources/h%C3%B4tels/'
    """
    parts = [encode_slug(unquote(part)) for part in path.split("/") if part]
    return f"/{'/'.join(parts)}/" if parts else "/"


def is_site_root(page: Page) -> bool:
    """Return whether a page is the home page of a site, or a translation of it."""
    keys = Site.objects.filter(root_page__translation_key=page.translation_key)
    return page.depth == HOME_DEPTH and keys.exists()


def path_of(page: Page, slug: str) -> str:
    """Return the path of a page under its slug: below the item above it, or its own if it is home.

    What is above without being public has the name it had when it was, or that of its version in
    another language, French first. The slug of what was never admitted is a word that nobody made
    public: its number stands in its place.
    """
    if is_site_root(page):
        language = page.locale.language_code
        return "/" if language == settings.LANGUAGE_CODE else f"/{language}/"
    if page.depth <= HOME_DEPTH:
        return ""
    items = Item.objects.filter(page__path=page.path[: -Page.steplen])
    above = items.values_list("path", flat=True).first()
    if above is None:
        parent = page.get_parent()
        above = path_of(parent, _admitted_slug(parent) or f"-{parent.pk}")
    return f"{above}{encode_slug(slug)}/" if above else ""


def _admitted_slug(page: Page) -> str | None:
    """Return the slug of a page that is not public, as it was admitted once or in a language."""
    former = FormerSlug.objects.filter(page=page).values_list("slug", flat=True).first()
    if former:
        return former
    versions = Item.objects.filter(translation_key=page.translation_key)
    slugs: dict[str, str] = dict(versions.order_by("-pk").values_list("language", "slug"))
    return slugs.get(settings.LANGUAGE_CODE) or next(iter(slugs.values()), None)


def has_items_below(page: Page) -> bool:
    """Return whether anything below a page is public."""
    below = Item.objects.filter(page__path__startswith=page.path, page__depth__gt=page.depth)
    return below.exists()


def update_paths(page: Page) -> None:
    """Update the paths of the items of a page and of all below it, after a move or another slug."""
    below: Any = (
        Item.objects.filter(page__path__startswith=page.path)
        .select_related("page")
        .only("path", "slug", "page__path", "page__depth", "page__translation_key")
        .order_by("page__path")
    )
    paths: dict[str, str] = {}
    changed = []
    for item in below:
        parent = item.page.path[: -Page.steplen]
        path = (
            f"{paths[parent]}{encode_slug(item.slug)}/"
            if paths.get(parent)
            else path_of(item.page, item.slug)
        )
        paths[item.page.path] = path
        if path != item.path:
            item.path = path
            changed.append(item)
    Item.objects.bulk_update(changed, ["path"], batch_size=500)
