"""Nothing hidden leaks: not by any page, endpoint, facet, count, link, feed, sitemap or file.

Everything hidden has the same unlikely word in all of its texts, beside how it is hidden. The word
must be in no answer that a stranger can get.
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
from django.utils.text import slugify
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

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
    the_home_page,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

WORD = "xylophone"
PRIVATE = ("private", "below a private page")
KINDS = ("draft", "unpublished", "expired by the clock", "scheduled", *PRIVATE)
LISTS = {"resource": "resources", "news": "news"}
"""Where the API has pages of these types; the others are in ``pages``."""


@dataclass
class World:
    """A site with hidden pages, and visible ones that refer to them in every way there is.

    Attributes:
        hidden: by how they are hidden and by their type.
    """

    hidden: dict[tuple[str, str], Page] = field(default_factory=dict)
    visible: list[Page] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)

    def document(self, words: str) -> Document:
        made = DocumentFactory(
            title=f"{WORD} document {words}", file=text_pdf(WORD, name=f"{WORD}.pdf")
        )
        self.documents.append(made)
        return made

    def image(self, words: str) -> Image:
        made = ImageFactory(
            title=f"{WORD} image {words}",
            description=words,
            file=image_file(f"{WORD}.jpg"),
            credit=words,
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


def body(document: Document, image: Image, words: str) -> str:
    described = {"image": image.pk, "alt_text": words, "decorative": False}
    return stream(
        ("rich_text", f"<p>{words}</p>"),
        ("image", {"image": described, "caption": words}),
        ("document", {"document": document.pk, "title": words}),
    )


@pytest.fixture
def world(home: HomePage) -> World:
    """Make hidden pages of every type, in every way, and visible ones around them."""
    made = World()
    secret = Theme.objects.create(
        locale=home.locale, label=f"{WORD} thème", slug=f"{WORD}-theme", sort_order=99
    )
    for kind in KINDS:
        add_hidden(made, kind, secret)
    made.visible = around(home, made)
    return made


def add_hidden(world: World, kind: str, secret: Theme) -> None:
    """Make a page of every type, hidden in one way."""
    words, slug = f"{WORD} {kind}", f"{WORD}-{slugify(kind)}"
    parents: dict[str, Page] = {
        "page": the_home_page(),
        "resources": resource_index(),
        "news": news_index(),
    }
    if kind == "below a private page":
        closed: dict[str, Any] = {"private": True}
        parents = {
            "page": StandardPageFactory(title=f"{words} fermé", slug=f"{slug}-ferme", **closed),
            "resources": ResourceIndexPageFactory(
                title=f"{words} centre", slug=f"{slug}-centre", **closed
            ),
            "news": NewsIndexPageFactory(
                title=f"{words} rubrique", slug=f"{slug}-rubrique", **closed
            ),
        }
    in_body, illustration = world.document(f"{words} corps"), world.image(f"{words} corps")
    image = world.image(f"{words} image")

    def common(name: str) -> dict[str, Any]:
        return {
            "title": f"{words} {name}",
            "slug": f"{slug}-{name}",
            "summary": words,
            "search_description": words,
            "seo_title": words,
            "body": body(in_body, illustration, words),
            **hide(kind),
        }

    in_menu = {"parent": parents["page"], "show_in_menus": True}
    resource = ResourcePageFactory(
        **common("ressource"),
        parent=parents["resources"],
        document=world.document(f"{words} document"),
        cover=world.image(f"{words} couverture"),
        themes=[secret, Theme.objects.get(slug="soin")],
        tags=[WORD],
        source_name=words,
    )
    pages = {
        "standard": StandardPageFactory(**common("page"), image=image, **in_menu),
        "campaign": CampaignPageFactory(**common("campagne"), slogan=words, image=image, **in_menu),
        "team": TeamPageFactory(**common("equipe"), **in_menu),
        "resource": resource,
        "news": NewsPageFactory(
            **common("actualite"),
            parent=parents["news"],
            image=image,
            themes=[secret],
            tags=[WORD],
        ),
    }
    resource.authors.add(ResourceAuthor(name=words))
    resource.attachments.create(document=world.document(f"{words} joint"), title=words)
    resource.save()
    if kind == "unpublished":
        for page in pages.values():
            page.unpublish()
    world.hidden |= {(kind, name): page for name, page in pages.items()}


def around(home: HomePage, world: World) -> list[Page]:
    """Make visible pages that refer to the hidden ones, and settings that do."""

    def all_of(name: str) -> list[Page]:
        return [page for (_kind, each), page in world.hidden.items() if each == name]

    def of_kind(kind: str) -> list[Page]:
        return [page for (each, _name), page in world.hidden.items() if each == kind]

    links = "".join(
        f'<p><a linktype="page" id="{page.pk}">suite</a></p>' for page in world.hidden.values()
    )
    referring = stream(
        ("rich_text", links),
        ("accordion", {"items": [{"title": "Volet", "content": links}]}),
        *(
            ("call_to_action", {"title": "Aller", "button": "Aller", "page": page.pk, "url": ""})
            for page in all_of("standard")
        ),
        *(
            ("linked_content", {"title": "Voir", "pages": [page.pk for page in of_kind(kind)]})
            for kind in KINDS
        ),
    )
    open_page = StandardPageFactory(title="Ouverte", body=referring)
    StandardPageFactory(title="Sous ouverte", parent=open_page)
    soin = [Theme.objects.get(slug="soin")]
    open_resource = ResourcePageFactory(title="Ressource ouverte", themes=soin, body=referring)
    for page in all_of("resource"):
        open_resource.related_resources.create(resource=page)
    publish(open_resource)
    alike = ResourcePageFactory(title="Même thème", themes=soin)
    open_news = [
        NewsPageFactory(
            title="Actualité ouverte",
            linked_resource=page,
            body=referring if page.pk == all_of("resource")[0].pk else "[]",
        )
        for page in all_of("resource")
    ]
    home.refresh_from_db()
    home.entrances = stream(
        *(
            ("entrance", {"title": "Entrée", "text": "", "page": page.pk, "url": ""})
            for page in all_of("standard")
        )
    )
    sections = dict.fromkeys(
        [page.get_parent().pk for page in (*all_of("resource"), *all_of("news"))]
    )
    home.sections = stream(
        *(("latest", {"title": "Derniers", "section": pk, "count": 12}) for pk in sections)
    )
    home.body = referring
    publish(home)
    for kind, page in zip(KINDS, all_of("standard"), strict=True):
        Redirect.add_redirect(f"/ancien-{slugify(kind)}", page)
    return [
        home,
        open_page,
        open_resource,
        alike,
        *open_news,
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


def assert_hidden(text: str, where: object) -> None:
    """Find the word nowhere; else show what is around it, which names how the page is hidden."""
    start = text.find(WORD)
    assert start < 0, (where, text[max(0, start - 100) : start + 200])


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
    """Add to what is asked of the world."""
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
            assert_hidden(text, where)


@check
def settings_that_refer_to_them_give_no_link(world: World, client: Client) -> None:
    for kinds in (KINDS, KINDS[::-1]):  # There are fewer fields than ways to be hidden.
        conf = SiteSettings.load()
        for name, kind in zip(conf.legal_fields, kinds, strict=False):
            setattr(conf, name, world.hidden[kind, "standard"])
        conf.save()

        for address in ("/", "/rien/", "/api/v1/site/"):
            for where, status, text in texts(client, address):
                assert status in {200, 404}, where
                assert_hidden(text, where)


@check
def their_own_addresses_answer_as_if_nothing_were_there(world: World, client: Client) -> None:
    for (kind, _name), page in world.hidden.items():
        response = client.get(page.url)

        if kind in PRIVATE:
            # The page exists for those who sign in, whose login page comes first.
            assert response.status_code == 302
            assert "/login/" in response["Location"]
        else:
            assert response.status_code == 404, page.url
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
                assert_hidden(text, where)


@check
def no_filter_finds_them(world: World, client: Client) -> None:
    for kind in ("resources", "news"):
        for query in (
            f"theme={WORD}-theme",
            f"q={WORD}",
            f"q={WORD}&order=title",
        ):
            data = client.get(f"/api/v1/{kind}/?{query}").json()

            assert (data["count"], data["items"]) == (0, []), query

        # A tag of theirs and one that there is not are refused in the same words.
        hidden, missing = (
            client.get(f"/api/v1/{kind}/?tag={tag}") for tag in (WORD, "aucun-contenu")
        )
        assert (hidden.status_code, missing.status_code) == (422, 422)
        assert hidden.content.decode().replace(WORD, "aucun-contenu") == missing.content.decode()


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
        for (kind, name), page in world.hidden.items():
            # Where there are no pages of its type, it makes no difference how it is hidden.
            if kind != "draft" and f"/{LISTS.get(name, 'pages')}/" not in path:
                continue
            address = path
            for key in ("resource_id", "news_id", "page_id", "event_id", "structure_id"):
                address = address.replace(f"{{{key}}}", str(page.pk))
            if "{" in address:
                continue
            response = client.get(address)

            assert response.status_code == 404, address
            assert_hidden(response.content.decode(), address)


@check
def visible_details_reveal_nothing_of_them(world: World, client: Client) -> None:
    for page in world.visible:
        response = client.get("/api/v1/resolve/", {"path": page.url})

        assert response.status_code == 200, page
        assert_hidden(response.content.decode(), page)


@check
def their_paths_do_not_resolve(world: World, client: Client) -> None:
    former = [f"/ancien-{slugify(kind)}" for kind in KINDS]
    for path in [*(page.url for page in world.hidden.values()), *former]:
        response = client.get("/api/v1/resolve/", {"path": path})

        assert response.status_code == 404, path
        assert_hidden(response.content.decode(), path)


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
            assert_hidden(text, where)


@check
def wagtail_s_api_does_not_find_them(world: World, client: Client) -> None:
    for page in world.hidden.values():
        assert client.get(f"/api/v2/pages/{page.pk}/?fields=*").status_code == 404, page
    # The rest finds pages of all types alike: of each kind, another one.
    types = ("resource", "news", "standard", "campaign", "team", "resource")
    for page in (world.hidden[each] for each in zip(KINDS, types, strict=True)):
        for address in (f"pages/find/?id={page.pk}", f"pages/find/?html_path={page.url}"):
            assert client.get(f"/api/v2/{address}").status_code == 404, address
        for address in (f"pages/?child_of={page.pk}", f"pages/?translation_of={page.pk}"):
            response = client.get(f"/api/v2/{address}")
            assert response.status_code in {400, 404}, address
            assert_hidden(response.content.decode(), address)


@check
def wagtail_s_api_reveals_nothing_by_visible_pages(world: World, client: Client) -> None:
    for page in world.visible:
        for where, status, text in texts(client, f"/api/v2/pages/{page.pk}/?fields=*"):
            assert status == 200, where
            assert_hidden(text, where)


@check
def their_files_are_not_given(world: World, client: Client) -> None:
    assert len(world.documents) == len(world.images) == 3 * len(KINDS)
    for document in world.documents:
        assert client.get(document.url).status_code == 404, document
        assert client.get(f"/api/v2/documents/{document.pk}/").status_code == 404, document
    for image in world.images:
        assert client.get(f"/api/v2/images/{image.pk}/").status_code == 404, image
    # Whatever refers to it, a file lies in the same folder: of each kind, one.
    for document, image in zip(world.documents[::3], world.images[::3], strict=True):
        for name in (document.file.name, f"media/{document.file.name}", f"media/{image.file.name}"):
            assert client.get(f"/{name}").status_code == 404, name


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
            assert_hidden(text, where)


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
