"""Wagtail's own API, beside ours: read-only, and giving no more than the public may see.

That it reveals nothing of what is hidden is in test_visibility.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.urls import reverse

from tests.factories import (
    DocumentFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
)

if TYPE_CHECKING:
    from django.test import Client

    from home.models import HomePage

pytestmark = pytest.mark.django_db

URL = re.compile(r'https?://[^"\\\s<]+')


def test_pages_can_be_listed_with_all_their_fields(client: Client, home: HomePage) -> None:
    image = ImageFactory()
    resource = ResourcePageFactory(cover=image, document=DocumentFactory(), tags=["a"])
    NewsPageFactory(image=image)
    StandardPageFactory()

    for kind in ("resources.ResourcePage", "resources.NewsPage", "home.StandardPage"):
        response = client.get("/api/v2/pages/", {"type": kind, "fields": "*"})

        assert response.status_code == 200
        assert response.json()["meta"]["total_count"] == 1
    data = client.get(f"/api/v2/pages/{resource.pk}/").json()
    assert data["title"] == resource.title
    assert data["meta"]["html_url"].endswith(resource.url)


def test_rich_text_has_its_links_resolved(client: Client, home: HomePage) -> None:
    target = StandardPageFactory(slug="cible")
    page = StandardPageFactory(
        body=[("rich_text", f'<p><a linktype="page" id="{target.pk}">la suite</a></p>')]
    )

    data = client.get(f"/api/v2/pages/{page.pk}/").json()

    assert '<a href="/cible/">' in str(data["body"])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("kind", ["pages", "images", "documents"])
def test_nothing_can_be_written(client: Client, method: str, kind: str) -> None:
    assert getattr(client, method)(f"/api/v2/{kind}/").status_code in {403, 405}


def test_what_surrounds_every_page_counts_as_used(client: Client) -> None:
    image = ImageFactory()
    FunderFactory(logo=image)

    data = client.get("/api/v2/images/").json()

    assert [item["id"] for item in data["items"]] == [image.pk]


def test_only_what_a_visible_page_uses_is_listed(client: Client) -> None:
    used, unused, hidden = (DocumentFactory() for _ in range(3))
    ResourcePageFactory(document=used)
    ResourcePageFactory(document=hidden, draft=True)

    data = client.get("/api/v2/documents/").json()

    assert [item["id"] for item in data["items"]] == [used.pk]
    assert client.get(f"/api/v2/documents/{unused.pk}/").status_code == 404


def test_users_and_snippets_have_no_endpoint(client: Client) -> None:
    for kind in ("users", "snippets", "redirects", "settings"):
        response = client.get(f"/api/v2/{kind}/")

        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"


def test_cache_purging_finds_its_addresses() -> None:
    assert reverse("wagtailapi_v2:pages:listing") == "/api/v2/pages/"


def test_the_third_api_is_off(client: Client) -> None:
    assert client.get("/api/v3/pages/").status_code == 404


def test_what_a_page_leads_to_has_the_words_that_were_admitted(
    client: Client, home: HomePage
) -> None:
    section = StandardPageFactory(title="Rubrique", slug="rubrique")
    page = StandardPageFactory(parent=section, slug="dessous")
    alias = page.create_alias(parent=home, update_slug="ailleurs")
    news = NewsPageFactory(linked_resource=ResourcePageFactory())
    before = client.get(f"/api/v2/pages/{alias.pk}/?fields=*").json()
    assert before["meta"]["alias_of"]["id"] == page.pk
    assert before["meta"]["parent"]["title"] == home.title

    for each in (section, page, news.linked_resource):
        row = type(each).objects.get(pk=each.pk)
        row.title = row.slug = "secret"
        row.save()

    read = client.get(f"/api/v2/pages/{alias.pk}/?fields=*").json()
    assert read["meta"]["alias_of"] is None
    for key in (alias.pk, news.pk):
        assert "secret" not in client.get(f"/api/v2/pages/{key}/?fields=*").content.decode()
    assert "secret" not in client.get("/api/v2/pages/?fields=*").content.decode()
    assert client.get(f"/api/v2/pages/{page.pk}/").status_code == 404


def test_a_page_has_the_address_at_which_it_was_admitted(client: Client, home: HomePage) -> None:
    section = StandardPageFactory(slug="rubrique")
    page = StandardPageFactory(parent=section, slug="dessous")
    row = type(section).objects.get(pk=section.pk)
    row.slug = "secret"
    row.save()

    data = client.get(f"/api/v2/pages/{page.pk}/").json()

    assert data["meta"]["html_url"].endswith("/rubrique/dessous/")
    assert data["meta"]["parent"] is None


def test_an_alias_that_was_written_since_is_left_out(client: Client, home: HomePage) -> None:
    alias = StandardPageFactory(slug="source").create_alias(parent=home, update_slug="ailleurs")
    assert client.get(f"/api/v2/pages/{alias.pk}/").status_code == 200

    type(alias).objects.filter(pk=alias.pk).update(title="secret")

    assert client.get(f"/api/v2/pages/{alias.pk}/").status_code == 404


def test_an_unknown_field_is_refused(client: Client) -> None:
    data: Any = client.get("/api/v2/pages/?fields=password")

    assert data.status_code == 400


@pytest.mark.parametrize("public", ["https://www.example.org", ""])
def test_addresses_start_as_those_of_version_1_do(
    client: Client, home: HomePage, settings: Any, public: str
) -> None:
    settings.PUBLIC_URL = public
    page = ResourcePageFactory(cover=ImageFactory(), document=DocumentFactory())
    NewsPageFactory(linked_resource=page, image=page.cover)
    origin = public or "http://testserver"

    texts = [
        client.get(f"/api/v2/{address}").content.decode()
        for address in (
            *("pages/?fields=*", "images/?fields=*", "documents/?fields=*"),
            *(f"pages/{page.pk}/", f"images/{page.cover.pk}/", f"documents/{page.document.pk}/"),
        )
    ]

    for text in texts:
        starts = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, URL.findall(text))}
        assert starts == {origin}, text


def test_what_wagtail_gives_of_a_page_starts_with_the_public_address(
    home: HomePage, settings: Any
) -> None:
    assert home.full_url.startswith("http://localhost")

    settings.PUBLIC_URL = "https://www.example.org"

    page = StandardPageFactory(slug="ici")
    assert page.full_url == "https://www.example.org/ici/"
    assert page.get_site().root_url == "https://www.example.org"
