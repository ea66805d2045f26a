"""What an editor does in Wagtail's admin, by the forms that it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from core.models import Audience, ResourceType, Territory, Theme
from home.models import CampaignPage, HomePage, StandardPage, TeamPage
from resources.models import NewsIndexPage, NewsPage, ResourceIndexPage, ResourcePage
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    news_index,
    resource_index,
    scanned_pdf,
    stream,
)

if TYPE_CHECKING:
    from django.test import Client
    from wagtail.models import Page

pytestmark = pytest.mark.django_db

EMPTY = streamfield([])
COMMON = {
    "slug": "nouvelle",
    "seo_title": "",
    "search_description": "",
    "go_live_at": "",
    "expire_at": "",
    "comments": inline_formset([]),
    "action-publish": "action-publish",
}


def standard(**changes: Any) -> dict[str, Any]:
    return {"title": "Nouvelle", "summary": "Un résumé", "image": "", "body": EMPTY, **changes}


def campaign(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Nouvelle",
        "slogan": "JE gère !",
        "summary": "",
        "image": "",
        "external_url": "",
        "starts_on": "",
        "ends_on": "",
        "audiences": [],
        "body": EMPTY,
        **changes,
    }


def team(**changes: Any) -> dict[str, Any]:
    return {"title": "Nouvelle", "summary": "", "members": EMPTY, "body": EMPTY, **changes}


def index(**changes: Any) -> dict[str, Any]:
    return {"title": "Nouvelle", "summary": "", **changes}


def resource(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Nouvelle",
        "summary": "Un résumé",
        "resource_type": ResourceType.objects.get(slug="guide").pk,
        "authors": inline_formset([{"name": "Association Exemple", "kind": "organisation"}]),
        "source_name": "",
        "published_on": "2024-03-05",
        "published_on_precision": "day",
        "content_language": "fr",
        "licence": "",
        "document": "",
        "external_url": "",
        "video_url": "",
        "video_duration": "",
        "attachments": inline_formset([]),
        "cover": "",
        "body": EMPTY,
        "related_resources": inline_formset([]),
        "themes": [Theme.objects.get(slug="soin").pk],
        "audiences": [Audience.objects.get(slug="parents").pk],
        "territory_scope": "national",
        "territory": "",
        "tags": "Fugue, Soin",
        **changes,
    }


def news(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Nouvelle",
        "date": "2024-03-05",
        "summary": "",
        "image": "",
        "body": EMPTY,
        "linked_resource": "",
        "themes": [],
        "territory_scope": "national",
        "territory": "",
        "tags": "",
        **changes,
    }


def parent_of(model: type[Page]) -> Page:
    if model is ResourcePage:
        return resource_index()
    return news_index() if model is NewsPage else HomePage.objects.get()


def add(client: Client, model: type[Page], data: dict[str, Any]) -> Any:
    """Send the form that makes a page of this type."""
    address = reverse(
        "wagtailadmin_pages:add",
        args=[model._meta.app_label, model._meta.model_name, parent_of(model).pk],
    )
    form = client.get(address)
    assert form.status_code == 200
    return client.post(address, nested_form_data(COMMON | data))


def errors(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, "The form was accepted."
    return response.context["form"].errors


FORMS = {
    StandardPage: standard,
    CampaignPage: campaign,
    TeamPage: team,
    ResourceIndexPage: index,
    ResourcePage: resource,
    NewsIndexPage: index,
    NewsPage: news,
}


class TestCreating:
    @pytest.mark.parametrize("model", FORMS, ids=lambda model: model.__name__)
    def test_an_editor_publishes_a_page_of_each_type(
        self, home: HomePage, editor_client: Client, client: Client, model: type[Page]
    ) -> None:
        response = add(editor_client, model, FORMS[model]())

        assert response.status_code == 302, errors(response)
        page = model.objects.get(slug="nouvelle")
        assert page.live
        assert page.get_latest_revision()
        client.logout()
        assert client.get("/api/v1/resolve/", {"path": page.url}).status_code == 200

    def test_a_resource_gives_all_that_the_form_took(
        self, home: HomePage, editor_client: Client
    ) -> None:
        other, document, cover = ResourcePageFactory(), DocumentFactory(), ImageFactory()
        described = {"image": cover.pk, "alt_text": "Une main", "decorative": ""}
        blocks = [
            ("rich_text", rich_text("<p>Bonjour</p>")),
            ("heading", {"text": "Titre", "level": "2"}),
            ("image", {"image": described, "caption": ""}),
            ("quote", {"text": "Une citation", "attribution": ""}),
        ]

        response = add(
            editor_client,
            ResourcePage,
            resource(
                document=document.pk,
                cover=cover.pk,
                body=streamfield(blocks),
                attachments=inline_formset([{"document": DocumentFactory().pk, "title": "Fiche"}]),
                related_resources=inline_formset([{"resource": other.pk}]),
                territory_scope="territory",
                territory=Territory.objects.get(code="59").pk,
            ),
        )

        assert response.status_code == 302, errors(response)
        data = ResourcePage.objects.get(slug="nouvelle").to_schema("https://example.org")
        assert data.format == "document"
        assert [author.name for author in data.authors] == ["Association Exemple"]
        assert [block.type for block in data.body] == ["rich_text", "heading", "image", "quote"]
        assert data.body[2].picture.alt == "Une main"
        assert [file.title for file in data.attachments] == ["Fiche"]
        assert [related.id for related in data.related] == [other.pk]
        assert data.territory.code == "59"
        assert data.tags == ["Fugue", "Soin"]
        assert data.published_on.label == "5 mars 2024"

    def test_pages_go_only_where_they_belong(self, home: HomePage, editor_client: Client) -> None:
        for model, parent in (
            (ResourcePage, home),
            (NewsPage, resource_index()),
            (StandardPage, news_index()),
            (HomePage, home),
        ):
            address = reverse(
                "wagtailadmin_pages:add",
                args=[model._meta.app_label, model._meta.model_name, parent.pk],
            )

            assert editor_client.get(address).status_code in {302, 403}

    def test_there_is_one_section_of_each_kind(self, home: HomePage, editor_client: Client) -> None:
        resource_index()

        response = editor_client.get(
            reverse("wagtailadmin_pages:add", args=["resources", "resourceindexpage", home.pk])
        )

        assert response.status_code in {302, 403}


class TestErrorsBesideFields:
    @pytest.mark.parametrize("form,model", [(resource, ResourcePage), (news, NewsPage)])
    def test_a_territory_is_missing_or_too_many(
        self, home: HomePage, editor_client: Client, form: Any, model: type[Page]
    ) -> None:
        nord = Territory.objects.get(code="59").pk

        missing = errors(add(editor_client, model, form(territory_scope="territory")))
        superfluous = errors(add(editor_client, model, form(territory=nord)))

        assert set(missing) == set(superfluous) == {"territory"}

    def test_a_document_and_a_video(self, home: HomePage, editor_client: Client) -> None:
        data = resource(document=DocumentFactory().pk, video_url="https://video.example.org/1")

        assert set(errors(add(editor_client, ResourcePage, data))) == {"document", "video_url"}

    def test_a_campaign_that_ends_before_it_starts(
        self, home: HomePage, editor_client: Client
    ) -> None:
        data = campaign(starts_on="2025-02-01", ends_on="2025-01-01")

        assert set(errors(add(editor_client, CampaignPage, data))) == {"ends_on"}

    @pytest.mark.parametrize(
        "name,value",
        [
            (
                "key_figures",
                {
                    "figures": streamfield([]),
                },
            ),
            ("heading", {"text": "", "level": "2"}),
            (
                "call_to_action",
                {"title": "T", "text": "", "button": "B", "page": "", "url": ""},
            ),
            (
                "call_to_action",
                {"title": "T", "text": "", "button": "B", "page": "HOME", "url": "tel:119"},
            ),
            (
                "image",
                {"image": {"image": "IMAGE", "alt_text": "", "decorative": ""}, "caption": ""},
            ),
        ],
        ids=["no figure", "no heading", "no target", "two targets", "no text"],
    )
    def test_a_block_that_breaks_a_rule(
        self, home: HomePage, editor_client: Client, name: str, value: dict[str, Any]
    ) -> None:
        image = ImageFactory().pk
        if value.get("page") == "HOME":
            value = value | {"page": home.pk}
        if name == "image":
            value = {"image": value["image"] | {"image": image}, "caption": ""}
        if name == "key_figures":
            figure = {"value": "10 000", "label": "mineurs", "source": "", "source_url": ""}
            value = {
                "figures": {
                    "count": "1",
                    "0": {"deleted": "", "order": "0", "type": "item", "id": "", "value": figure},
                }
            }

        response = add(editor_client, StandardPage, standard(body=streamfield([(name, value)])))

        assert set(errors(response)) == {"body"}
        assert not StandardPage.objects.exists()

    def test_decoration_needs_no_text(self, home: HomePage, editor_client: Client) -> None:
        described = {"image": ImageFactory().pk, "alt_text": "", "decorative": "on"}
        body = streamfield([("image", {"image": described, "caption": ""})])

        assert add(editor_client, StandardPage, standard(body=body)).status_code == 302

    def test_a_slug_that_is_taken(self, home: HomePage, editor_client: Client) -> None:
        StandardPageFactory(slug="nouvelle")

        assert set(errors(add(editor_client, StandardPage, standard()))) == {"slug"}


class TestTroubledDocuments:
    @pytest.fixture
    def scanned(self, django_capture_on_commit_callbacks: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return DocumentFactory(title="Vieux rapport", file=scanned_pdf())

    def messages_of(self, client: Client, response: Any) -> list[str]:
        page = client.get(response["Location"])
        return [str(message) for message in page.context["messages"]]

    def test_the_editor_is_told_once_the_page_is_saved(
        self, home: HomePage, editor_client: Client, scanned: Any
    ) -> None:
        response = add(editor_client, ResourcePage, resource(document=scanned.pk))

        told = self.messages_of(editor_client, response)
        assert any("Vieux rapport" in each and "numérisée" in each for each in told)

    def test_also_for_a_document_in_the_body(
        self, home: HomePage, editor_client: Client, scanned: Any
    ) -> None:
        body = streamfield([("document", {"document": scanned.pk, "title": ""})])

        response = add(editor_client, NewsPage, news(body=body))

        assert any("Vieux rapport" in each for each in self.messages_of(editor_client, response))

    def test_a_sound_document_has_no_warning(
        self, home: HomePage, editor_client: Client, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            document = DocumentFactory(title="Sain")

        response = add(editor_client, ResourcePage, resource(document=document.pk))

        assert not any("Sain" in each for each in self.messages_of(editor_client, response))

    def test_the_dashboard_lists_them(self, home: HomePage, editor_client: Client) -> None:
        assert "Documents à vérifier" not in editor_client.get("/admin/").content.decode()

        DocumentFactory(title="Vieux rapport")
        from core.models import Document

        Document.objects.update(text_state="broken")

        assert "Vieux rapport" in editor_client.get("/admin/").content.decode()

    def test_the_document_s_own_form_shows_it(self, editor_client: Client, scanned: Any) -> None:
        response = editor_client.get(reverse("wagtaildocs:edit", args=[scanned.pk]))

        assert "numérisée" in response.content.decode()


class TestPreview:
    @pytest.mark.parametrize("model", FORMS, ids=lambda model: model.__name__)
    def test_a_new_page_can_be_seen_before_it_exists(
        self, home: HomePage, editor_client: Client, model: type[Page]
    ) -> None:
        address = reverse(
            "wagtailadmin_pages:preview_on_add",
            args=[model._meta.app_label, model._meta.model_name, parent_of(model).pk],
        )
        data = FORMS[model](title="Aperçu avant la lettre")

        sent = editor_client.post(address, nested_form_data(COMMON | data))
        shown = editor_client.get(address)

        assert sent.json()["is_valid"] is True
        assert shown.status_code == 200
        assert "Aperçu avant la lettre" in shown.content.decode()

    def test_a_draft_of_a_live_page_can_be_seen(
        self, home: HomePage, editor_client: Client
    ) -> None:
        page = NewsPageFactory(title="Publiée")
        page.title = "En préparation"
        page.save_revision()
        address = reverse("wagtailadmin_pages:view_draft", args=[page.pk])

        shown = editor_client.get(address)

        assert shown.status_code == 200
        assert "En préparation" in shown.content.decode()
        assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
        assert "public" not in shown.get("Cache-Control", "")

    def test_an_existing_page_with_everything_in_it(
        self, home: HomePage, editor_client: Client
    ) -> None:
        page = StandardPageFactory(
            title="Avant", body=stream(("quote", {"text": "Une citation", "attribution": ""}))
        )
        address = reverse("wagtailadmin_pages:preview_on_edit", args=[page.pk])
        body = streamfield([("quote", {"text": "Une autre citation", "attribution": ""})])

        editor_client.post(address, nested_form_data(COMMON | standard(title="Après", body=body)))
        shown = editor_client.get(address).content.decode()

        assert "Une autre citation" in shown
        page.refresh_from_db()
        assert page.title == "Avant"


class TestListings:
    @pytest.mark.parametrize(
        "address",
        [
            "/admin/",
            "/admin/pages/",
            "/admin/images/",
            "/admin/documents/",
            "/admin/snippets/core/theme/",
            "/admin/snippets/core/territory/?q=nord",
            "/admin/snippets/core/resourcetype/add/",
            "/admin/snippets/home/emergencynumber/add/",
            "/admin/snippets/home/funder/add/",
            "/admin/settings/home/sitesettings/",
            "/admin/reports/site-history/",
            "/admin/redirects/",
        ],
    )
    def test_an_editor_reaches_it(
        self, home: HomePage, editor_client: Client, address: str
    ) -> None:
        assert editor_client.get(address, follow=True).status_code == 200

    def test_nobody_else_does(self, client: Client, home: HomePage) -> None:
        response = client.get("/admin/pages/")

        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/")
