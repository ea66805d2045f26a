"""Headers that every answer carries, and where the program looks for itself."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import html5lib
import pytest
from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, get_resolver, resolve, reverse

from home.models import HomePage
from tests.factories import (
    CampaignPageFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    news_index,
    resource_index,
)
from tests.home.test_api import golden_pages
from tests.resources.test_api import golden_news, golden_resource

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(settings.ROOT_DIR)
TYPED_BY_HAND = re.compile(
    r"^/(?:(?:en|ar)/)?"
    r"(?:admin|api|contribuer|documents|flux|inscriptions|lettre|recherche|reseau)/"
)
FOLDERS = (
    *("contributions", "core", "events", "home", "network", "newsletter", "resources", "review"),
    "search",
    "site/pare",
)
MAY_TYPE = {
    "site/pare/settings/base.py": "policies of folders, before any route is known",
    "site/pare/views.py": "what all versions of the API share",
}
HTML = "{http://www.w3.org/1999/xhtml}"


def test_site_is_a_folder_on_the_path_and_not_a_package() -> None:
    """Else it would stand in front of the standard library's module of the same name."""
    import site

    assert not (ROOT / "site" / "__init__.py").exists()
    assert ROOT not in Path(site.__file__).parents


def named_patterns() -> Iterator[tuple[str, str]]:
    """Yield the name of every view outside the administration, with an address of it."""
    resolvers = [(get_resolver(), "")]
    while resolvers:
        resolver, namespace = resolvers.pop()
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
                resolvers.append((each, inner))
            elif each.name:
                name = f"{namespace}{each.name}"
                converters = each.pattern.converters
                sample = {key: SAMPLES[type(found).__name__] for key, found in converters.items()}
                with suppress(NoReverseMatch):
                    yield name, reverse(name, kwargs=sample)


SAMPLES = {
    "IntConverter": 1,
    "StringConverter": "un",
    "SlugConverter": "un",
    "UUIDConverter": "6f3ad1a5-3f3e-4c5b-8a51-3f5d8a4a3f3e",
    "PathConverter": "un/deux",
}


def test_no_view_stands_before_another() -> None:
    # Views of the administration replace Wagtail's; those of the API share addresses by method.
    others = ("/admin/", "/api/")
    found = {name: url for name, url in named_patterns() if not url.startswith(others)}

    assert {"wagtailcore_login", "wagtailcore_authenticate_with_password"} <= found.keys()
    assert {name: resolve(address).view_name for name, address in found.items()} == {
        name: name for name in found
    }


def strings(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module, but not the examples of its schemas."""
    if isinstance(tree, ast.keyword) and tree.arg == "examples":
        return
    if isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    for child in ast.iter_child_nodes(tree):
        yield from strings(child)


def test_addresses_come_from_routes_and_pages() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in MAY_TYPE
        for text in strings(ast.parse(path.read_text(encoding="utf-8")))
        if TYPED_BY_HAND.match(text)
    ]
    in_templates = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "site" / "templates").rglob("*.html")
        if re.search(rf"[\"']{TYPED_BY_HAND.pattern[1:]}", path.read_text(encoding="utf-8"))
    ]

    assert found == []
    assert in_templates == []


def test_robots_are_kept_from_folders_that_are_there(client: Client) -> None:
    assert client.get("/robots.txt").content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /contribuer/suivi/",
        "Disallow: /recherche/",
        "Disallow: /inscriptions/",
        "Disallow: /reseau/verifier/",
        "Sitemap: http://testserver/sitemap.xml",
    ]


@pytest.mark.django_db
class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/rien/", "/sitemap.xml", "/api/v1/resources/"])
    def test_the_public_site_runs_nothing_but_its_own_files(
        self, client: Client, path: str
    ) -> None:
        response = client.get(path)

        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http:" not in policy
        assert "https:" not in policy
        assert "frame-ancestors 'none'" in policy
        assert response["Referrer-Policy"] == "no-referrer"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        for feature in ("geolocation", "camera", "microphone", "browsing-topics"):
            assert f"{feature}=()" in response["Permissions-Policy"]

    def test_no_cookie_is_set_on_reading(self, client: Client) -> None:
        for path in ("/", "/rien/", "/api/v1/resources/", "/flux/actualites.atom"):
            assert not client.get(path).cookies

    def test_the_admin_may_have_inline_scripts_and_sends_its_referrer_to_itself_only(
        self, editor_client: Client
    ) -> None:
        for path in ("/admin/", "/admin/pages/"):
            response = editor_client.get(path)

            assert "script-src 'self' 'unsafe-inline'" in response["Content-Security-Policy"]
            assert "script-src-attr 'none'" in response["Content-Security-Policy"]
            assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
            assert response["Referrer-Policy"] == "same-origin"

    def test_the_login_page_can_be_sent_back(self, client: Client) -> None:
        response = client.get("/admin/login/")

        assert response.status_code == 200
        assert response["Referrer-Policy"] == "same-origin"

    def test_the_documentation_of_the_api_comes_from_here(self, client: Client) -> None:
        response = client.get("/api/v1/docs/")

        assert response.status_code == 200
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert third_parties(response.content) == []
        assert b"/api/v1/openapi.json" in response.content

    def test_other_sites_may_read_the_api_without_cookies(self, client: Client) -> None:
        response = client.get("/api/v1/resources/", headers={"origin": "https://app.example"})

        assert response["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in response
        admin = client.get("/admin/login/", headers={"origin": "https://app.example"})
        assert "Access-Control-Allow-Origin" not in admin

    def test_nothing_varies_by_the_browser_s_language(self, client: Client) -> None:
        response = client.get("/", headers={"accept-language": "de"})

        assert "Accept-Language" not in response.get("Vary", "")
        assert response["Content-Language"] == "fr"

    def test_the_admin_s_browser_calls_nobody(self, editor_client: Client) -> None:
        for path in ("/admin/", "/admin/account/"):
            content = editor_client.get(path).content

            assert b"gravatar" not in content.lower()
            assert b"releases.wagtail" not in content
            assert third_parties(content) == []


def third_parties(content: bytes) -> list[str]:
    """Return what a page would have a browser load from elsewhere, or run inline."""
    document = html5lib.parse(content)
    found = []
    loads = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
    for element in document.iter():
        name = str(element.tag).removeprefix(HTML)
        addresses = []
        if name in loads and element.get(loads[name]):
            addresses.append(element.get(loads[name]))
        if name == "link" and set(element.get("rel", "").split()) & {
            "stylesheet",
            "icon",
            "preload",
            "modulepreload",
            "preconnect",
            "dns-prefetch",
            "manifest",
        }:
            addresses.append(element.get("href", ""))
        if element.get("srcset"):
            addresses += [part.split()[0] for part in element.get("srcset").split(",")]
        found += [
            address
            for address in addresses
            if not address.startswith(("http://testserver/", "data:"))
            and (address.startswith("//") or "://" in address)
        ]
    return found


def inline(content: bytes) -> list[str]:
    """Return the inline scripts and styles of a page, which its policy would refuse."""
    found = []
    for element in html5lib.parse(content).iter():
        name = str(element.tag).removeprefix(HTML)
        is_data = name == "script" and element.get("type", "") in {
            "application/ld+json",
            "application/json",
        }
        if name == "style" or (name == "script" and not element.get("src") and not is_data):
            found.append(name)
        found += [key for key in element.attrib if key == "style" or key.startswith("on")]
    return found


@pytest.mark.django_db
def test_no_page_loads_anything_from_elsewhere_or_runs_anything_inline(
    home: HomePage, client: Client
) -> None:
    EmergencyNumberFactory(is_prominent=True)
    FunderFactory(logo=ImageFactory(), url="https://example.org/")
    pages = [
        *golden_pages(home).values(),
        golden_resource(),
        ResourcePageFactory(video_url="https://www.youtube.com/watch?v=1", cover=ImageFactory()),
        golden_news(),
        resource_index(),
        news_index(),
        StandardPageFactory(),
        CampaignPageFactory(),
        TeamPageFactory(),
        NewsPageFactory(),
    ]
    addresses = [page.url for page in pages] + ["/recherche/?q=guide", "/rien/"]

    for address in addresses:
        response = client.get(address)

        assert response.status_code == (404 if address == "/rien/" else 200), address
        assert third_parties(response.content) == [], address
        assert inline(response.content) == [], address
