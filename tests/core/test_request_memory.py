"""What another process changes is right here at once."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import wagtail
import wagtail_localize
from django.test import Client
from django.urls import reverse
from wagtail import coreutils
from wagtail.models import Locale, Page, Site

from core.compat.caches import SHARING_MODULES
from core.models import ContentVersion
from core.web.links import page_path
from core.web.request_memory import RequestMemory, request_memory
from tests.factories import ResourcePageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from home.models import HomePage

pytestmark = pytest.mark.django_db


def rename_home_elsewhere(home: HomePage) -> None:
    """Give the home page another slug as another process does: nothing is deleted in this one."""
    for page in Page.objects.filter(path__startswith=home.path):
        path = page.url_path.replace(home.url_path, "/renamed/", 1)
        Page.objects.filter(pk=page.pk).update(url_path=path)
    Page.objects.filter(pk=home.pk).update(slug="renamed")
    ContentVersion.bump()


def test_links_are_right_after_the_home_page_moved_in_another_process(
    home: HomePage, editor_client: Client
) -> None:
    page = ResourcePageFactory(slug="guide")
    explorer = reverse("wagtailadmin_explore", args=[page.get_parent().pk])

    def read() -> list[Any]:
        links = [
            re.findall('href="([^"?]*)"', client.get(address).content.decode())
            for client, address in (
                (Client(), "/"),
                (Client(), "/ressources/"),
                (editor_client, explorer),
            )
        ]
        return [page_path(Page.objects.get(pk=page.pk)), *links]

    before = read()
    assert before[0] in before[2]

    rename_home_elsewhere(home)

    assert read() == before


def test_a_language_of_another_process_has_its_name() -> None:
    with request_memory():
        assert len(coreutils.get_locales_display_names()) == 1

    added = Locale.objects.bulk_create([Locale(language_code="en")])[0]

    with request_memory():
        assert coreutils.get_locales_display_names()[added.pk] == added.get_display_name()


def test_a_request_asks_for_root_paths_once(count_queries: Callable[..., int]) -> None:
    def ask_twice() -> None:
        with request_memory():
            once.append(count_queries(Site.get_site_root_paths))
            again.append(count_queries(Site.get_site_root_paths))

    once: list[int] = []
    again: list[int] = []
    ask_twice()
    ask_twice()

    assert once == [2, 2]
    assert again == [0, 0]


def test_what_a_request_changes_it_sees(home: HomePage) -> None:
    with request_memory():
        Site.get_site_root_paths()
        home.slug = "autre"
        home.save()

        assert Site.get_site_root_paths()[0].root_path == "/autre/"


def test_every_module_of_wagtail_with_a_cache_is_known() -> None:
    """A module that begins to keep something for all must be looked at."""
    found = set()
    for package in (wagtail, wagtail_localize):
        for path in Path(inspect.getfile(package)).parent.rglob("*.py"):
            if {"tests", "test", "migrations"} & {*path.parts, path.stem}:
                continue
            source = path.read_text(encoding="utf-8")
            if "django.core.cache" in source:
                found.add(path.relative_to(Path(inspect.getfile(package)).parents[1]).as_posix())

    assert found == {
        *(
            Path(inspect.getfile(each)).as_posix().split("site-packages/")[1]
            for each in SHARING_MODULES
        ),
        "wagtail/contrib/redirects/tmp_storages.py",  # Not the one that is used.
        "wagtail/images/models.py",  # Has a cache of its own, which keeps nothing.
    }
    assert {type(module.cache) for module in SHARING_MODULES} == {RequestMemory}
