"""The files of a contribution serve in its draft alone, until its publication releases them."""

from __future__ import annotations

import html
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import get_resolver, reverse
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import Collection
from wagtail.test.utils.form_data import inline_formset, nested_form_data, rich_text, streamfield

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from core.models import Document, Image, ResourceType
from home.models import Funder
from published.documents import publicly_served_file
from published.models import Item, ItemReference
from published.queries import public_file_keys
from resources.models import ResourcePage
from review.actors import Actor
from review.files import is_external_file
from review.models import ExternalContent
from review.rights import refusal
from tests.core.test_library import addresses
from tests.factories import (
    DocumentFactory,
    FunderFactory,
    ImageFactory,
    ResourcePageFactory,
    image_file,
    resource_index,
    stream,
    text_pdf,
)
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    member,
    ticks,
)

if TYPE_CHECKING:
    from core.models import User

# Forms and choosers: what they are asked for is alike on every engine.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

GROUPS = ["Direction", "Coordination", "Relecture"]


def team(group: str) -> tuple[Client, User]:
    user = member("Direction", is_superuser=True) if group == "superuser" else member(group)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def draft(sections: None, reviewer: User) -> ResourcePage:
    """The draft of a contribution with two documents and two images."""
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE, title="Venue d'ailleurs")
    for name in ("le-guide.pdf", "la-fiche.pdf"):
        ContributionFileFactory(contribution=contribution, name=name)
    for name in ("la-photo.jpg", "le-dessin.jpg"):
        ContributionFileFactory(
            contribution=contribution, name=name, media_type="image/jpeg", file=image_file(name)
        )
    make_draft(contribution, reviewer)
    return ResourcePage.objects.get().get_latest_revision_as_object()


def external(model: type[Any]) -> Any:
    file = model.objects.filter(collection__name="Contributions en relecture").last()
    assert is_external_file(file)
    return file


def kind_of(model: type[Any]) -> str:
    return "documents" if model is Document else "images"


def edit_address(page: Any) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def form_of(page: ResourcePage, **changes: Any) -> dict[str, Any]:
    """Return what the editor posts of a resource that holds nothing."""
    return nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "summary": "Un résumé",
            "resource_type": ResourceType.objects.get(slug="guide").pk,
            "authors": inline_formset([]),
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
            "body": streamfield([]),
            "related_resources": inline_formset([]),
            "themes": [],
            "audiences": [],
            "territory_scope": "national",
            "territory": "",
            "tags": "",
            "seo_title": "",
            "search_description": "",
            "go_live_at": "",
            "expire_at": "",
            "comments": inline_formset([]),
            **changes,
        }
    )


# Choosers


CHOOSERS = {"choose", "choose_results", "chosen", "chosen_multiple", "select_format"}
NO_CHOICE = {"create"}


def test_every_chooser_of_files_is_known() -> None:
    found = {
        name
        for path, _namespace, name in addresses(get_resolver().url_patterns)
        if path.startswith(("admin/documents/chooser/", "admin/images/chooser/"))
    }

    assert found == CHOOSERS | NO_CHOICE


def choosers_of(model: type[Any]) -> set[str]:
    return CHOOSERS if model is Image else CHOOSERS - {"select_format"}


def ask_chooser(client: Client, name: str, file: Any, referer: str = "") -> Any:
    """Ask a chooser for one file."""
    base = f"/admin/{kind_of(type(file))}/chooser"
    address = {
        "choose": f"{base}/",
        "choose_results": f"{base}/results/?q={file.title.split()[0]}",
        "chosen": f"{base}/chosen/{file.pk}/",
        "chosen_multiple": f"{base}/chosen-multiple/?id={file.pk}",
        "select_format": f"{base}/{file.pk}/select_format/",
    }[name]
    headers = {"referer": f"http://testserver{referer}"} if referer else {}
    return client.get(address, headers=headers)


def is_offered(response: Any, file: Any) -> bool:
    if response.status_code != 200:
        assert response.status_code in {302, 403}
        return False
    text = response.content.decode()
    # A chooser answers in JSON, or with a piece of a page.
    return file.title in (str(json.loads(text)) if text.startswith("{") else text)


@pytest.mark.parametrize("group", [*GROUPS, "superuser"])
@pytest.mark.parametrize("model", [Document, Image])
def test_no_chooser_offers_a_file_from_outside(
    draft: ResourcePage, group: str, model: type[Any]
) -> None:
    client, _user = team(group)
    own = ImageFactory(title="Notre photo") if model is Image else DocumentFactory(title="Le nôtre")
    other = ResourcePageFactory()

    for name in choosers_of(model):
        for referer in ("", edit_address(other), "/admin/", "/ailleurs/"):
            response = ask_chooser(client, name, external(model), referer)
            assert not is_offered(response, external(model)), (name, referer)
        assert is_offered(ask_chooser(client, name, own, edit_address(other)), own), name


@pytest.mark.parametrize("model", [Document, Image])
def test_the_draft_of_the_contribution_is_offered_its_files(
    draft: ResourcePage, model: type[Any]
) -> None:
    client, _user = team("Relecture")

    for name in choosers_of(model):
        response = ask_chooser(client, name, external(model), edit_address(draft))
        assert is_offered(response, external(model)), name


def test_a_partner_has_no_chooser(draft: ResourcePage) -> None:
    client = Client()
    client.force_login(member("Partenaires"))

    response = ask_chooser(client, "chosen", external(Document), edit_address(draft))

    assert response.status_code in {302, 403}


@pytest.mark.parametrize("group", GROUPS)
def test_once_published_its_files_are_everybody_s(
    draft: ResourcePage, group: str, director: User, coordinator: User
) -> None:
    document = external(Document)
    for user in (director, coordinator):
        page = ResourcePage.objects.get()
        page.current_workflow_task.on_action(
            page.current_workflow_task_state, user, "approve", **ticks()
        )
    assert ResourcePage.objects.get().live
    client, _user = team(group)

    response = ask_chooser(client, "chosen", document)

    assert is_offered(response, document)


# Posting their ids anyway


def places(file: Any) -> dict[str, dict[str, Any]]:
    """Return each place of a form in which a file can be, with this one."""
    if isinstance(file, Image):
        described = {"image": file.pk, "alt_text": "Une main", "decorative": ""}
        return {
            "cover": {"cover": file.pk},
            "body": {"body": streamfield([("image", {"image": described, "caption": ""})])},
        }
    link = rich_text(f'<p><a linktype="document" id="{file.pk}">lien</a></p>')
    return {
        "document": {"document": file.pk},
        "attachments": {"attachments": inline_formset([{"document": file.pk, "title": ""}])},
        "body": {"body": streamfield([("document", {"document": file.pk, "title": ""})])},
        "rich text": {"body": streamfield([("rich_text", link)])},
    }


PLACES = [(Document, place) for place in ("document", "attachments", "body", "rich text")] + [
    (Image, place) for place in ("cover", "body")
]


@pytest.mark.parametrize("model,place", PLACES)
def test_a_form_that_holds_one_is_refused(
    draft: ResourcePage, model: type[Any], place: str
) -> None:
    page = ResourcePageFactory(title="La nôtre", slug="la-notre")
    posted = form_of(page, **places(external(model))[place])
    adding = reverse(
        "wagtailadmin_pages:add", args=["resources", "resourcepage", resource_index().pk]
    )

    for group in [*GROUPS, "superuser"]:
        client, _user = team(group)
        for address, slug in ((edit_address(page), page.slug), (adding, "nouvelle")):
            response = client.post(address, posted | {"slug": slug})

            assert response.status_code == 200
            assert "contribution en relecture" in response.content.decode()
    assert not page.revisions.exists()
    assert not ResourcePage.objects.filter(slug="nouvelle").exists()


@pytest.mark.parametrize("model,place", PLACES)
def test_the_draft_of_the_contribution_keeps_them(
    draft: ResourcePage, model: type[Any], place: str
) -> None:
    client, _user = team("Relecture")

    response = client.post(edit_address(draft), form_of(draft, **places(external(model))[place]))

    assert response.status_code == 302, response.context["form"].errors


def test_a_snippet_that_holds_one_is_refused(draft: ResourcePage) -> None:
    funder = FunderFactory(logo=ImageFactory())
    client, _user = team("superuser")
    address = reverse("wagtailsnippets_home_funder:edit", args=[funder.pk])

    response = client.post(
        address,
        {"name": funder.name, "url": "", "logo": external(Image).pk, "sort_order": "0"},
    )

    assert response.status_code == 200
    assert "contribution en relecture" in response.content.decode()
    assert Funder.objects.get().logo_id == funder.logo_id


def published_page(page: Any, funder: Any) -> None:
    page.save_revision().publish()


def saved_funder(page: Any, funder: Any) -> None:
    funder.save()


@pytest.mark.parametrize("make_public", [published_page, saved_funder])
def test_code_that_makes_one_public_is_refused(draft: ResourcePage, make_public: Any) -> None:
    page, funder = ResourcePageFactory(), FunderFactory()
    page.document = external(Document)
    page.body = stream(("document", {"document": external(Document).pk, "title": ""}))
    funder.logo = external(Image)

    with pytest.raises(PermissionDenied, match="contribution en relecture"):
        make_public(page, funder)

    assert not ResourcePage.objects.get(pk=page.pk).document_id


def test_the_right_to_publish_is_none_to_publish_them(draft: ResourcePage, director: User) -> None:
    page = ResourcePageFactory()
    page.attachments.create(document=external(Document))

    reason = refusal(page, page.serializable_data(), Actor(director))

    assert "La fiche" in (reason or "")
    page.attachments.set([])
    assert refusal(page, page.serializable_data(), Actor(director)) is None


def test_the_files_of_an_earlier_release_are_marked(draft: ResourcePage) -> None:
    ExternalContent.objects.exclude(content_type__model="page").delete()
    document = draft.document
    assert document is not None
    assert not is_external_file(document)

    import_module("contributions.migrations.0009_mark_files").mark(apps, None)

    assert is_external_file(document)
    assert is_external_file(external(Image))
    assert not is_external_file(DocumentFactory())


def test_a_copy_of_the_draft_gives_nothing_to_the_public(draft: ResourcePage) -> None:
    copy = CopyPageAction(
        draft, to=resource_index(), update_attrs={"slug": "copie"}, keep_live=True
    ).execute(skip_permission_checks=True)

    document = external(Document)

    assert not ResourcePage.objects.get(pk=copy.pk).live
    assert publicly_served_file(document) is None


def test_served_to_nobody_even_if_something_public_refers_to_it(
    draft: ResourcePage, client: Client
) -> None:
    document, page = external(Document), ResourcePageFactory()
    ItemReference.objects.create(item=Item.objects.get(page=page), kind="document", key=document.pk)

    assert client.get(document.url).status_code == 404
    assert document.pk not in public_file_keys(Document)


def test_its_screen_explains_where_it_comes_from(draft: ResourcePage) -> None:
    client, _user = team("Relecture")

    text = client.get(f"/admin/documents/edit/{external(Document).pk}/").content.decode()

    assert "Ce fichier vient d'une contribution en relecture" in text
    assert "Venue d&#x27;ailleurs" in text
    assert 'type="file"' in text


def test_it_is_not_deleted_under_its_draft(draft: ResourcePage) -> None:
    client, _user = team("Relecture")
    assert draft.document is not None

    response = client.post(f"/admin/documents/delete/{draft.document.pk}/")

    assert response.status_code == 409
    assert "Venue d&#x27;ailleurs" in response.content.decode()


@pytest.mark.parametrize("group", [*GROUPS, "superuser"])
def test_what_somebody_approved_is_not_replaced_before_the_end_of_the_review(
    draft: ResourcePage, group: str, director: User
) -> None:
    """Who validates could else put a file of their own under the words of others."""
    document = draft.document
    assert document is not None
    page = ResourcePage.objects.get()
    page.current_workflow_task.on_action(
        page.current_workflow_task_state, director, "approve", **ticks()
    )
    before = document.file.name
    client, _user = team(group)
    address = f"/admin/documents/edit/{document.pk}/"

    response = client.post(
        address,
        {"title": "SECRET", "file": text_pdf("SECRET"), "collection": document.collection_id},
        follow=True,
    )

    assert "une personne a déjà approuvé" in html.unescape(response.content.decode())
    document.refresh_from_db()
    assert document.title != "SECRET"
    assert document.file.name == before


def test_before_any_approval_it_may_be_replaced(draft: ResourcePage) -> None:
    document = draft.document
    assert document is not None
    client, _user = team("Relecture")

    client.post(
        f"/admin/documents/edit/{document.pk}/",
        {"title": "Anonymisé", "file": text_pdf("Anonymisé"), "collection": document.collection_id},
    )

    document.refresh_from_db()
    assert document.title == "Anonymisé"
    assert is_external_file(document)


def test_moving_a_file_to_another_collection_releases_nothing(draft: ResourcePage) -> None:
    document = external(Document)
    client, _user = team("Relecture")
    elsewhere = Collection.get_first_root_node().add_child(name="Ailleurs")

    client.post(
        f"/admin/bulk/core/document/add_to_collection/?id={document.pk}",
        {"collection": elsewhere.pk},
    )

    document.refresh_from_db()
    assert document.collection == elsewhere
    assert is_external_file(document)
