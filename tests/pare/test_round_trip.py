"""Every path that the API gives leads back, by `resolve/`, to what has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from network.models import Structure
from tests.conftest import forget
from tests.factories import (
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    UserFactory,
)
from tests.factories.network import LILLE, StructureFactory, directory
from tests.factories.newsletter import archive
from tests.factories.pages import published_in
from tests.pare.addresses import addresses
from tests.pare.test_openapi import READS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from home.models import HomePage

pytestmark = pytest.mark.django_db

RESOLVE = "/api/v1/resolve/"
letters = st.sampled_from("aéœçñ0_-مساعدةбя中")
slugs = st.text(letters, min_size=1, max_size=20).map(lambda text: f"x{text}")
ways = st.fixed_dictionaries(
    {
        "encode": st.sampled_from([str, unquote, lambda path: quote(unquote(path)).lower()]),
        "slash": st.sampled_from(["/", "//", ""]),
        "tail": st.sampled_from(["", "?", "?utm_source=lettre&q=%C3%A9", "#suite", "?a=b#c"]),
    }
)


def written(path: str, way: dict[str, Any]) -> str:
    """Return a path as somebody may write it, with what follows it."""
    path = way["encode"](path).rstrip("/").replace("/", way["slash"] or "/") or "/"
    return f"{path}{way['slash'] if path != '/' else ''}{way['tail']}"


def paths_in(data: Any, where: str = "") -> Iterator[str]:
    """Yield the paths on the site that an answer gives; outlines of maps have none."""
    if isinstance(data, dict):
        for name, value in data.items():
            if name == "path" and str(value).startswith("/"):
                yield value
            yield from paths_in(value, f"{where}.{name}")
    elif isinstance(data, list):
        for each in data:
            yield from paths_in(each, where)


@given(names=st.tuples(slugs, slugs), way=ways, language=st.sampled_from(["fr", "en"]))
@hypothesis_settings(
    max_examples=8, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
def test_a_path_is_found_however_it_is_written(
    home: HomePage, get_json: Any, names: tuple[str, str], way: dict[str, Any], language: str
) -> None:
    with transaction.atomic():
        forget()
        above, slug = names
        page = StandardPageFactory(parent=StandardPageFactory(slug=above), slug=slug)
        if language != "fr":
            page = published_in(language, page, slug=f"{slug}-en")
        path = get_json(f"/api/v1/pages/{page.pk}/")["path"]

        found = get_json(RESOLVE, path=written(path, way))
        without = path.removeprefix(f"/{language}")
        by_parameter = get_json(RESOLVE, path=written(without, way), locale=language)

        assert (found["page"]["id"], found["page"]["path"]) == (page.pk, path)
        assert by_parameter == found
        transaction.set_rollback(True)


@pytest.mark.parametrize("path", ["/en", "/en/", "/en?x=1", "//en//"])
def test_a_home_page_is_found_by_its_language(home: HomePage, get_json: Any, path: str) -> None:
    page = published_in("en", StandardPageFactory()).get_parent()

    assert get_json(RESOLVE, path=path)["page"]["id"] == page.pk
    assert get_json(RESOLVE, path="/", locale="en")["page"]["id"] == page.pk


def test_a_former_address_leads_to_the_present_one_in_each_language(
    home: HomePage, get_json: Any, django_capture_on_commit_callbacks: Any
) -> None:
    french = StandardPageFactory(slug="été")
    user = UserFactory(is_superuser=True)
    for page in (french, published_in("en", french, slug="summer")):
        page.slug = f"{page.slug}-neuf"
        with django_capture_on_commit_callbacks(execute=True):
            page.save_revision().publish(user=user)

    for query in (
        {"path": "/%C3%A9t%C3%A9/?utm_source=x"},
        {"path": "/été"},
        {"path": "//%c3%a9t%c3%a9//"},
    ):
        location = get_json(RESOLVE, **query)["location"]
        assert get_json(RESOLVE, path=urlsplit(location).path)["page"]["id"] == french.pk
    for query in ({"path": "/en/summer/?x=1"}, {"path": "/summer", "locale": "en"}):
        assert get_json(RESOLVE, **query)["location"] == "http://testserver/en/summer-neuf/"


@pytest.fixture
def given_paths(home: HomePage, get_json: Any) -> set[str]:
    """Return the paths that the answers of a small site give."""
    published_in("en", NewsPageFactory(title="Été à l'œuvre", slug="été-à-l-œuvre"))
    ResourcePageFactory()
    directory()
    archive()
    StructureFactory(name="Été", **LILLE)
    values: dict[str, dict[str, Any]] = {
        RESOLVE: {"path": "/"},
        "/api/v1/events/calendar/": {"calendar": "2026-12"},
        "/api/v1/search/": {"q": "été"},
        "/api/v1/search/suggest/": {"q": "été"},
    }
    answers = []
    for path in [each for each in READS if "{" not in each]:
        for locale in ("fr", "en"):
            response = Client().get(path, {**values.get(path, {}), "locale": locale})
            is_json = response["Content-Type"].startswith("application/json")
            if is_json and not response.streaming:
                answers.append(response.json())
    return set(paths_in(answers)) | {"/reseau/departements/59/", "/en/reseau/departements/2A/"}


def test_each_path_that_is_given_leads_back(given_paths: set[str], get_json: Any) -> None:
    assert len(given_paths) > 15
    for path in sorted(given_paths):
        page = get_json(RESOLVE, path=path)["page"]

        assert page["path"] == path.partition("?")[0]
        assert page["html_url"] == f"http://testserver{page['path']}"


def screens() -> list[str]:
    """Return the paths of the site without a part to fill in that show a page to anyone."""
    paths = [f"/{each.route}" for each in addresses() if each.route]
    return sorted({path for path in paths if not set("<(") & set(path) and path.endswith("/")})


def test_whatever_search_engines_may_have_is_found(home: HomePage, get_json: Any) -> None:
    sitemap = Client().get("/sitemap.xml").content.decode()
    found = []
    for path in screens():
        if path.startswith(("/admin/", "/api/")):
            continue
        answer = Client().get(path)
        html = answer.content.decode() if answer.status_code == 200 else ""
        if "<main" in html and "noindex" not in html:
            found.append(path)
            assert get_json(RESOLVE, path=path)["page"]["path"] == path
            assert f"<loc>http://testserver{path}</loc>" in sitemap

    assert "/vos-donnees/" in found


def test_the_sheet_of_a_department_is_in_the_sitemap_where_it_has_structures(
    home: HomePage,
) -> None:
    StructureFactory(**LILLE)

    sitemap = Client().get("/sitemap.xml").content.decode()

    assert "http://testserver/reseau/departements/59/<" in sitemap
    assert "http://testserver/reseau/departements/13/<" not in sitemap
    assert Structure.objects.count() == 1
