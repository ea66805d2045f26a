"""Nothing hidden leaks: not by any page, endpoint, facet, count, link, feed, sitemap or file.

Everything hidden has the same unlikely word in all of its texts. The word must be in no answer
that a stranger can get.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction

from core.models import Document, Image, Theme
from home.models import HomePage, SiteSettings
from pare.api import api
from resources.models import ResourceAuthor
from review.actors import acting
from tests.factories import (
    CampaignPageFactory,
    DocumentFactory,
    ImageFactory,
    NewsIndexPageFactory,
    NewsPageFactory,
    ResourceIndexPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    UserFactory,
    image_file,
    news_index,
    publish,
    resource_index,
    stream,
    text_pdf,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

WORD = "xylophone"
KINDS = [
    "draft",
    "unpublished",
    "expired by the clock",
    "scheduled",
    "private",
    "below a private page",
]


@dataclass
class World:
    """A site with hidden pages, and visible ones that refer to them in every way there is."""

    hidden: dict[str, Page] = field(default_factory=dict)
    visible: list[Page] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    def document(self) -> Document:
        made = DocumentFactory(title=f"{WORD} document", file=text_pdf(WORD, name=f"{WORD}.pdf"))
        self.documents.append(made)
        return made

    def image(self) -> Image:
        made = ImageFactory(
            title=f"{WORD} image", description=WORD, file=image_file(f"{WORD}.jpg"), credit=WORD
        )
        self.images.append(made)
        return made


def hide(kind: str) -> dict[str, Any]:
    """Return what makes a new page hidden in this way; some ways come later."""
    match kind:
        case "draft":
            return {"draft": True}
        case "expired by the clock":
            return {"expired": True}
        case "scheduled":
            return {"scheduled": True}
        case "private":
            return {"private": True}
        case _:
            return {}


def body(world: World) -> str:
    described = {"image": world.image().pk, "alt_text": WORD, "decorative": False}
    return stream(
        ("rich_text", f"<p>{WORD}</p>"),
        ("image", {"image": described, "caption": WORD}),
        ("document", {"document": world.document().pk, "title": WORD}),
    )


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, home: HomePage) -> World:
    """Make hidden pages of every type, and visible ones around them."""
    kind: str = request.param
    made = World()
    how = hide(kind)
    parents: dict[str, Page] = {
        "page": home,
        "resources": resource_index(),
        "news": news_index(),
    }
    if kind == "below a private page":
        closed = StandardPageFactory(title=f"{WORD} fermé", slug=f"{WORD}-ferme", private=True)
        parents = {
            "page": closed,
            "resources": ResourceIndexPageFactory(
                title=f"{WORD} centre", slug=f"{WORD}-centre", private=True
            ),
            "news": NewsIndexPageFactory(
                title=f"{WORD} rubrique", slug=f"{WORD}-rubrique", private=True
            ),
        }

    def common(name: str) -> dict[str, Any]:
        return {
            "title": f"{WORD} {name}",
            "slug": f"{WORD}-{name}",
            "summary": WORD,
            "search_description": WORD,
            "seo_title": WORD,
            "body": body(made),
            **how,
        }

    secret = Theme.objects.create(
        locale=home.locale, label=f"{WORD} thème", slug=f"{WORD}-theme", sort_order=99
    )
    in_menu = {"parent": parents["page"], "show_in_menus": True}
    made.hidden = {
        "standard": StandardPageFactory(**common("page"), image=made.image(), **in_menu),
        "campaign": CampaignPageFactory(
            **common("campagne"), slogan=WORD, image=made.image(), **in_menu
        ),
        "team": TeamPageFactory(**common("equipe"), **in_menu),
        "resource": ResourcePageFactory(
            **common("ressource"),
            parent=parents["resources"],
            document=made.document(),
            cover=made.image(),
            themes=[secret, Theme.objects.get(slug="soin")],
            tags=[WORD],
            source_name=WORD,
        ),
        "news": NewsPageFactory(
            **common("actualite"),
            parent=parents["news"],
            image=made.image(),
            themes=[secret],
            tags=[WORD],
        ),
    }
    resource = made.hidden["resource"]
    resource.authors.add(ResourceAuthor(name=WORD))
    resource.attachments.create(document=made.document(), title=WORD)
    resource.save()
    if kind == "unpublished":
        for page in made.hidden.values():
            page.unpublish()

    made.visible = around(home, made)
    return made


def around(home: HomePage, world: World) -> list[Page]:
    """Make visible pages that refer to the hidden ones, and settings that do."""
    standard, resource, news = (world.hidden[k] for k in ("standard", "resource", "news"))
    links = "".join(
        f'<p><a linktype="page" id="{page.pk}">suite</a></p>' for page in world.hidden.values()
    )
    referring = stream(
        ("rich_text", links),
        ("accordion", {"items": [{"title": "Volet", "content": links}]}),
        ("call_to_action", {"title": "Aller", "button": "Aller", "page": standard.pk, "url": ""}),
        ("linked_content", {"title": "Voir", "pages": [p.pk for p in world.hidden.values()]}),
    )
    open_page = StandardPageFactory(title="Ouverte", body=referring)
    StandardPageFactory(title="Sous ouverte", parent=open_page)
    open_resource = ResourcePageFactory(
        title="Ressource ouverte", themes=[Theme.objects.get(slug="soin")], body=referring
    )
    open_resource.related_resources.create(resource=resource)
    publish(open_resource)
    alike = ResourcePageFactory(title="Même thème", themes=[Theme.objects.get(slug="soin")])
    open_news = NewsPageFactory(title="Actualité ouverte", linked_resource=resource, body=referring)
    home.refresh_from_db()
    home.entrances = stream(
        ("entrance", {"title": "Entrée", "text": "", "page": standard.pk, "url": ""})
    )
    home.sections = stream(
        *(
            ("latest", {"title": "Derniers", "section": page.get_parent().pk, "count": 12})
            for page in (resource, news)
        ),
        *(
            ("latest", {"title": "Tous", "section": section.pk, "count": 12})
            for section in (resource_index(), news_index())
        ),
    )
    home.body = referring
    publish(home)
    conf = SiteSettings.load()
    for name in conf.legal_fields:
        setattr(conf, name, standard)
    conf.save()
    Redirect.add_redirect("/ancien", standard)
    return [
        home,
        open_page,
        open_resource,
        alike,
        open_news,
        resource_index(),
        news_index(),
    ]


def api_lists() -> list[str]:
    """Return the address of every read of the API that takes no key, with all it can give."""
    schema = api.get_openapi_schema()
    addresses = []
    for path, operations in schema["paths"].items():
        if "get" not in operations or "{" in path:
            continue
        parameters = {p["name"]: p for p in operations["get"].get("parameters", [])}
        if any(p.get("required") for p in parameters.values()):
            continue
        query = "&".join(
            f"{name}={value}"
            for name, value in (("facets", "true"), ("limit", 100))
            if name in parameters
        )
        addresses.append(f"{path}?{query}")
    return addresses


def api_details() -> list[str]:
    """Return the path of every read of the API that takes the key of a page."""
    return [
        path
        for path, operations in api.get_openapi_schema()["paths"].items()
        if "get" in operations and "{" in path
    ]


def content_of(response: Any) -> bytes:
    """Return all of it; a file that is sent is closed at its end."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def texts(client: Client, address: str) -> Iterator[tuple[str, int, str]]:
    """Yield the answer at an address, its status and its text, redirects not followed."""
    response = client.get(address)
    content = content_of(response).decode(errors="replace")
    yield address, response.status_code, content + " " + response.get("Location", "")


def without_the_question(text: str) -> str:
    """Return a list without the words that were asked for and that it repeats."""
    data = json.loads(text)
    if isinstance(data, dict):
        for name in ("q", "next", "previous", "instance", "query", "count_label"):
            data.pop(name, None)
    return json.dumps(data, ensure_ascii=False)


Check = Callable[[World, Client], None]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Add to what is asked of each world; one world serves all, since it is long to make."""
    CHECKS.append(function)
    return function


@check
def no_page_of_the_site_shows_them(world: World, client: Client) -> None:
    addresses = [page.url for page in world.visible]
    addresses += [f"{page.url}?theme=soin" for page in world.visible[-2:]]
    addresses += ["/recherche/", "/recherche/?q=ressource", "/rien/"]

    for address in addresses:
        for where, status, text in texts(client, address):
            assert status in {200, 404}, where
            assert WORD not in text, where


@check
def their_own_addresses_answer_as_if_nothing_were_there(world: World, client: Client) -> None:
    for page in world.hidden.values():
        response = client.get(page.url)

        if PageViewRestriction.objects.exists():
            # The page exists for those who sign in, whose login page comes first.
            assert response.status_code == 302
            assert "/login/" in response["Location"]
        else:
            assert response.status_code == 404
        assert "xylophone document" not in response.content.decode()


@check
def no_list_facet_or_count_of_the_api_reveals_them(world: World, client: Client) -> None:
    addresses = api_lists()
    assert {a.partition("?")[0] for a in addresses} >= {
        f"/api/v1/{name}/" for name in ("resources", "news", "pages", "vocabularies", "site")
    }

    for address in addresses:
        for where, status, text in texts(client, address):
            assert status == 200, (where, text[:500])
            if "/vocabularies/" not in where:  # A term is no page: it is there to be used.
                assert WORD not in text, where


@check
def no_filter_finds_them(world: World, client: Client) -> None:
    for kind in ("resources", "news"):
        for query in (
            f"theme={WORD}-theme",
            f"tag={WORD}",
            f"q={WORD}",
            f"q={WORD}&order=title",
        ):
            data = client.get(f"/api/v1/{kind}/?{query}").json()

            assert (data["count"], data["items"]) == (0, []), query


@check
def a_facet_counts_only_what_may_be_seen(world: World, client: Client) -> None:
    data = client.get("/api/v1/resources/?facets=true").json()

    counts = {v["value"]: v["count"] for f in data["facets"] for v in f["values"]}
    assert counts["soin"] == 2
    assert counts["guide"] == data["count"] == 2


@check
def the_search_does_not_find_them(world: World, client: Client) -> None:
    for address in (f"/api/v1/search/?q={WORD}", f"/api/v1/search/suggest/?q={WORD[:5]}"):
        response = client.get(address)

        assert response.status_code == 200, response.content[:500]
        assert WORD not in without_the_question(response.content.decode()), address
    html = client.get(f"/recherche/?q={WORD}").content.decode()
    assert "xylophone document" not in html
    assert f"{WORD}-ressource" not in html


@check
def their_keys_are_not_found(world: World, client: Client) -> None:
    for path in api_details():
        for page in world.hidden.values():
            address = path
            for name in ("resource_id", "news_id", "page_id", "event_id", "structure_id"):
                address = address.replace(f"{{{name}}}", str(page.pk))
            if "{" in address:
                continue
            response = client.get(address)

            assert response.status_code == 404, address
            assert WORD not in response.content.decode(), address


@check
def visible_details_reveal_nothing_of_them(world: World, client: Client) -> None:
    for page in world.visible:
        response = client.get("/api/v1/resolve/", {"path": page.url})

        assert response.status_code == 200, page
        assert WORD not in response.content.decode(), page


@check
def their_paths_do_not_resolve(world: World, client: Client) -> None:
    for path in [*(page.url for page in world.hidden.values()), "/ancien"]:
        response = client.get("/api/v1/resolve/", {"path": path})

        assert response.status_code == 404, path
        assert WORD not in response.content.decode()


@check
def a_redirect_to_them_reveals_no_address(world: World, client: Client) -> None:
    response = client.get("/api/v1/resolve/", {"path": "/ancien"})

    assert WORD not in response.content.decode()


@check
def wagtail_s_api_reveals_nothing_of_them(world: World, client: Client) -> None:
    for address in (
        "pages/?fields=*&limit=100",
        "pages/?type=resources.ResourcePage&fields=*",
        "pages/?type=resources.NewsPage&fields=*",
        "pages/?type=home.StandardPage&fields=*",
        "pages/?type=home.CampaignPage&fields=*",
        "pages/?type=home.TeamPage&fields=*",
        "pages/?search=ressource",
        "documents/?fields=*&limit=100",
        "images/?fields=*&limit=100",
    ):
        for where, status, text in texts(client, f"/api/v2/{address}"):
            assert status == 200, (where, text[:300])
            assert WORD not in text, where


@check
def wagtail_s_api_does_not_find_them(world: World, client: Client) -> None:
    for page in world.hidden.values():
        for address in (
            f"pages/{page.pk}/?fields=*",
            f"pages/find/?id={page.pk}",
            f"pages/find/?html_path={page.url}",
        ):
            assert client.get(f"/api/v2/{address}").status_code == 404, address
        for address in (f"pages/?child_of={page.pk}", f"pages/?translation_of={page.pk}"):
            response = client.get(f"/api/v2/{address}")
            assert response.status_code in {400, 404}, address
            assert WORD not in response.content.decode()


@check
def wagtail_s_api_reveals_nothing_by_visible_pages(world: World, client: Client) -> None:
    for page in world.visible:
        for where, status, text in texts(client, f"/api/v2/pages/{page.pk}/?fields=*"):
            assert status == 200, where
            assert WORD not in text, where


@check
def their_files_are_not_given(world: World, client: Client) -> None:
    assert len(world.documents) >= len(world.hidden)
    for document in world.documents:
        assert client.get(document.url).status_code == 404
        assert client.get(f"/api/v2/documents/{document.pk}/").status_code == 404
        for address in (f"/media/{document.file.name}", f"/{document.file.name}"):
            assert client.get(address).status_code == 404
    for image in world.images:
        assert client.get(f"/api/v2/images/{image.pk}/").status_code == 404
        assert client.get(f"/media/{image.file.name}").status_code == 404


@check
def machines_are_not_told(world: World, client: Client) -> None:
    for address in (
        "/flux/actualites.atom",
        "/flux/ressources.atom",
        "/sitemap.xml",
        "/robots.txt",
    ):
        for where, status, text in texts(client, address):
            assert status == 200
            assert WORD not in text, where


@check
def editors_still_have_their_files(world: World, client: Client) -> None:
    editor_client = Client()
    editor_client.force_login(UserFactory(is_superuser=True))
    for document in world.documents:
        response = editor_client.get(document.url)

        assert response.status_code == 200
        assert content_of(response).startswith(b"%PDF")


def test_nothing_hidden_leaks(world: World) -> None:
    leaks = []

    for ask in CHECKS:
        try:
            ask(world, Client())
        except AssertionError as leak:
            leaks.append(f"{ask.__name__}: {leak}"[:600])

    assert not leaks, "\n\n".join(leaks)


class TestAncestors:
    @pytest.mark.parametrize("how", [{"draft": True}, {"expired": True}])
    def test_a_visible_page_does_not_reveal_a_hidden_parent(
        self, home: HomePage, client: Client, how: dict[str, Any]
    ) -> None:
        parent = StandardPageFactory(title=WORD, slug="parent", **how)
        page = StandardPageFactory(title="Visible", slug="visible", parent=parent)

        data = client.get(f"/api/v1/pages/{page.pk}/").json()

        assert [crumb["path"] for crumb in data["breadcrumbs"]] == ["/"]
        for address in (page.url, f"/api/v2/pages/{page.pk}/?fields=*"):
            assert WORD not in client.get(address).content.decode(), address


class TestDraftsOfLivePages:
    """What an editor prepares is not shown before it is published."""

    @pytest.fixture
    def edited(self, home: HomePage) -> Any:
        page = ResourcePageFactory(title="Publiée", slug="publiee", summary="Avant")
        draft = type(page).objects.get(pk=page.pk)
        draft.title, draft.summary = WORD, WORD
        draft.document = DocumentFactory(title=WORD)
        draft.cover = ImageFactory(title=WORD)
        draft.themes.add(Theme.objects.get(slug="soin"))
        draft.tags.add(WORD)
        draft.save_revision()
        return draft

    def test_readers_see_what_was_published(self, edited: Any, client: Client) -> None:
        for address in (
            "/publiee/",
            edited.url,
            "/api/v1/resources/?facets=true",
            f"/api/v1/resources/{edited.pk}/",
            f"/api/v1/resolve/?path={edited.url}",
            f"/api/v2/pages/{edited.pk}/?fields=*",
            "/flux/ressources.atom",
            "/ressources/",
        ):
            for where, _status, text in texts(client, address):
                assert WORD not in text, where
        assert client.get(f"/api/v1/resources/{edited.pk}/").json()["themes"] == []

    def test_its_files_stay_in_the_library(self, edited: Any, client: Client) -> None:
        assert client.get(edited.document.url).status_code == 404
        assert client.get("/api/v2/documents/").json()["items"] == []
        assert client.get("/api/v2/images/").json()["items"] == []

    def test_once_published_all_is_shown(self, edited: Any, client: Client) -> None:
        with acting(system="demonstration"):
            edited.get_latest_revision().publish()

        assert client.get(f"/api/v1/resources/{edited.pk}/").json()["title"] == WORD
        response = client.get(edited.document.url)
        assert response.status_code == 200
        assert content_of(response).startswith(b"%PDF")
        assert len(client.get("/api/v2/images/").json()["items"]) == 1


class TestFiles:
    def test_what_nothing_uses_stays_in_the_library(self, client: Client) -> None:
        document, image = DocumentFactory(), ImageFactory()

        assert client.get(document.url).status_code == 404
        assert client.get("/api/v2/documents/").json()["meta"]["total_count"] == 0
        assert client.get("/api/v2/images/").json()["meta"]["total_count"] == 0
        assert client.get(f"/api/v2/images/{image.pk}/").status_code == 404

    def test_what_a_visible_page_uses_is_given(self, client: Client) -> None:
        document = DocumentFactory(file=text_pdf("Bonjour"))
        page = ResourcePageFactory(document=document)

        response = client.get(document.url)

        assert response.status_code == 200
        assert content_of(response).startswith(b"%PDF")
        assert client.get("/api/v2/documents/").json()["meta"]["total_count"] == 1
        page.unpublish()
        assert client.get(document.url).status_code == 404

    @pytest.mark.parametrize("where", ["body", "rich text", "attachment"])
    def test_wherever_it_is_used(self, client: Client, where: str) -> None:
        document = DocumentFactory()
        page = ResourcePageFactory()
        if where == "body":
            page.body = stream(("document", {"document": document.pk, "title": ""}))
        elif where == "rich text":
            page.body = stream(
                ("rich_text", f'<a linktype="document" id="{document.pk}">le guide</a>')
            )
        else:
            page.attachments.create(document=document)
        publish(page)

        response = client.get(document.url)

        assert response.status_code == 200
        assert content_of(response).startswith(b"%PDF")

    def test_another_name_leads_to_the_file_of_something_public_alone(self, client: Client) -> None:
        document, unused = DocumentFactory(), DocumentFactory()
        ResourcePageFactory(document=document)

        response = client.get(f"/documents/{document.pk}/autre.pdf")

        assert (response.status_code, response["Location"]) == (301, document.url)
        for address in (f"/documents/{unused.pk}/autre.pdf", f"/documents/{unused.pk}/"):
            assert client.get(address).status_code == 404

    def test_originals_of_images_have_no_address_in_wagtail_s_api(self, client: Client) -> None:
        image = ImageFactory()
        StandardPageFactory(image=image)

        data = client.get(f"/api/v2/images/{image.pk}/?fields=*").json()

        assert image.file.name not in json.dumps(data)
        assert "download_url" not in data["meta"]


def test_a_page_is_hidden_at_the_minute_it_expires(client: Client) -> None:
    page = ResourcePageFactory(expire_at=timezone.now() + dt.timedelta(seconds=60))
    assert client.get(page.url).status_code == 200

    type(page).objects.filter(pk=page.pk).update(expire_at=timezone.now())

    assert client.get(page.url).status_code == 404
    assert client.get("/api/v1/resources/").json()["count"] == 0
