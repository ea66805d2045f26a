"""Files in public use are changed by those who publish, and what is used is not deleted.

The ways are those that Wagtail's administration has an address for: a new one is a failure until
it is listed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.models import Collection, ModelLogEntry

from core.models import Document, Image, Rendition
from core.models.media import FileInPublicUse
from published.library import find_uses
from tests.factories import (
    DocumentFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    image_file,
    stream,
    text_pdf,
)
from tests.factories.contributions import member
from tests.factories.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.models import User

pytestmark = pytest.mark.django_db

GROUPS = ["Direction", "Coordination", "Relecture"]
AJAX = {"x-requested-with": "XMLHttpRequest"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def content_of(file: Document | Image) -> bytes:
    file.refresh_from_db()
    with file.file.open("rb") as stored:
        return stored.read()


def state_of(file: Any) -> dict[str, Any] | None:
    """Return all that is public of a file, or ``None`` if it is deleted."""
    found = type(file).objects.filter(pk=file.pk).first()
    if found is None:
        return None
    fields = {
        field.attname: getattr(found, field.attname)
        for field in found._meta.concrete_fields
        if field.name not in {"file", "public_version"}
    }
    return fields | {
        "file": str(found.file.name),
        "content": content_of(found),
        "tags": sorted(tag.name for tag in found.tags.all()),
    }


def new_document() -> ContentFile:
    return text_pdf("Autre texte", name="autre.pdf")


def used_document() -> Document:
    document = DocumentFactory(title="Le guide", file=text_pdf("Avant"))
    ResourcePageFactory(title="La page du guide", document=document)
    return document


def used_image() -> Image:
    image = ImageFactory(title="La photo", description="Une main", credit="Léa")
    NewsPageFactory(title="La page de la photo", image=image)
    return image


def document_form(document: Document, **changes: Any) -> dict[str, Any]:
    return {"title": document.title, "collection": document.collection_id, "tags": "", **changes}


def image_form(image: Image, **changes: Any) -> dict[str, Any]:
    return {
        "title": image.title,
        "description": image.description,
        "credit": image.credit,
        "collection": image.collection_id,
        "tags": "",
        "focal_point_x": "",
        "focal_point_y": "",
        "focal_point_width": "",
        "focal_point_height": "",
        **changes,
    }


def edit(client: Client, item: Any, /, **changes: Any) -> Any:
    form = document_form if isinstance(item, Document) else image_form
    address = reverse(f"wagtail{kind_of(item)}:edit", args=[item.pk])
    return client.post(address, form(item) | changes, follow=True)


def kind_of(file: Any) -> str:
    return "docs" if isinstance(file, Document) else "images"


# Every way of changing a file


def prefixed(prefix: str, data: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}-{name}": value for name, value in data.items()}


def other_collection() -> Collection:
    return Collection.objects.filter(name="Autre").first() or (
        Collection.get_first_root_node().add_child(name="Autre")
    )


WAYS: dict[str, Callable[[Client, Any], Any]] = {
    "wagtaildocs:edit": lambda client, file: client.post(
        f"/admin/documents/edit/{file.pk}/",
        document_form(
            file,
            title="SECRET",
            file=new_document(),
            tags="SECRET",
            collection=other_collection().pk,
        ),
    ),
    "wagtaildocs:delete": lambda client, file: client.post(f"/admin/documents/delete/{file.pk}/"),
    "wagtaildocs:edit_multiple": lambda client, file: client.post(
        f"/admin/documents/multiple/{file.pk}/",
        prefixed(f"doc-{file.pk}", document_form(file, title="SECRET", tags="SECRET")),
        headers=AJAX,
    ),
    "wagtaildocs:delete_multiple": lambda client, file: client.post(
        f"/admin/documents/multiple/{file.pk}/delete/", headers=AJAX
    ),
    "wagtailimages:edit": lambda client, file: client.post(
        f"/admin/images/{file.pk}/",
        image_form(
            file,
            title="SECRET",
            description="SECRET",
            credit="SECRET",
            file=image_file("autre.jpg", color="red"),
            tags="SECRET",
            collection=other_collection().pk,
            focal_point_x="5",
            focal_point_y="5",
            focal_point_width="5",
            focal_point_height="5",
        ),
    ),
    "wagtailimages:delete": lambda client, file: client.post(f"/admin/images/{file.pk}/delete/"),
    "wagtailimages:edit_multiple": lambda client, file: client.post(
        f"/admin/images/multiple/{file.pk}/",
        prefixed(f"image-{file.pk}", image_form(file, title="SECRET", description="SECRET")),
        headers=AJAX,
    ),
    "wagtailimages:delete_multiple": lambda client, file: client.post(
        f"/admin/images/multiple/{file.pk}/delete/", headers=AJAX
    ),
}
BULK: dict[str, dict[str, Any]] = {
    "delete": {},
    "add_tags": {"tags": "SECRET"},
    "add_to_collection": {},
}
HARMLESS = {
    *("index", "index_results", "choose", "choose_results", "chosen", "chosen_multiple"),
    *("document_usage", "image_usage", "url_generator", "url_generator_output", "preview"),
    *("select_format", "listing", "detail", "find"),
    # New files, which nothing public uses.
    *("add", "add_multiple", "create", "delete_upload_multiple"),
    *("create_multiple_from_uploaded_document", "create_multiple_from_uploaded_image"),
}


def addresses(
    patterns: list[Any], path: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, str]]:
    for pattern in patterns:
        here = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here, pattern.namespace or namespace)
        elif isinstance(pattern, URLPattern):
            yield here, namespace, pattern.name or ""


def test_every_address_of_the_library_is_known() -> None:
    found = {
        f"{namespace}:{name}"
        for path, namespace, name in addresses(get_resolver().url_patterns)
        if path.startswith(("admin/documents/", "admin/images/", "admin/api/"))
        if name and ("documents" in path or "images" in path)
    }

    unknown = {each for each in found - set(WAYS) if each.split(":")[1] not in HARMLESS}

    assert set(WAYS) <= found
    assert not unknown


@pytest.mark.parametrize("model", [Document, Image])
def test_every_bulk_action_is_known(model: Any) -> None:
    actions = bulk_action_registry.get_bulk_actions_for_model(
        model._meta.app_label, model._meta.model_name
    )

    assert {action.action_type for action in actions} == set(BULK)


@pytest.mark.parametrize("way", WAYS)
def test_relecture_changes_nothing_public(way: str) -> None:
    file = used_document() if way.startswith("wagtaildocs") else used_image()
    before = state_of(file)

    response = WAYS[way](client_of(member("Relecture")), file)

    assert response.status_code in {302, 403, 409}
    assert state_of(file) == before


@pytest.mark.parametrize("make", [used_document, used_image])
@pytest.mark.parametrize("action", BULK)
def test_relecture_changes_nothing_public_in_bulk(make: Callable[[], Any], action: str) -> None:
    file = make()
    client = client_of(member("Relecture"))
    before = state_of(file)
    address = reverse("wagtail_bulk_action", args=["core", type(file)._meta.model_name, action])
    data = BULK[action] | ({"collection": other_collection().pk} if "to_" in action else {})

    screen = client.get(f"{address}?id={file.pk}")
    client.post(f"{address}?id={file.pk}", data)

    assert "Ces fichiers restent comme ils sont" in screen.content.decode()
    assert state_of(file) == before


@pytest.mark.parametrize("way", WAYS)
def test_relecture_changes_what_nothing_public_uses(way: str) -> None:
    file = DocumentFactory() if way.startswith("wagtaildocs") else ImageFactory()
    before = state_of(file)

    response = WAYS[way](client_of(member("Relecture")), file)

    assert response.status_code in {200, 302}
    assert state_of(file) != before


# The screen of a file


@pytest.mark.parametrize("make", [used_document, used_image])
@pytest.mark.parametrize("group", GROUPS)
def test_the_screen_shows_where_a_file_is_used(make: Callable[[], Any], group: str) -> None:
    file = make()
    kind = "docs" if isinstance(file, Document) else "images"
    address = reverse(f"wagtail{kind}:edit", args=[file.pk])

    text = client_of(member(group)).get(address).content.decode()

    assert "Utilisé dans" in text
    assert "La page d" in text
    assert "public aussitôt" in text
    assert ("Seules la Direction et" in text) == (group == "Relecture")
    assert ('name="title"' in text) == (group != "Relecture")
    assert ('type="file"' in text) == (group != "Relecture")


def test_a_refused_change_names_who_may() -> None:
    response = edit(client_of(member("Relecture")), used_document(), title="SECRET")

    assert response.status_code == 200
    assert "Seules la Direction et" in response.content.decode()


@pytest.mark.parametrize("group", ["Direction", "Coordination"])
def test_a_publisher_replaces_a_public_document(client: Client, group: str) -> None:
    document = used_document()
    user = member(group)

    response = edit(client_of(user), document, title="Le guide 2", file=new_document())

    assert response.status_code == 200
    document.refresh_from_db()
    assert document.public_version.file == document.file
    assert document.public_version.admitted_by == user
    assert b"autre.pdf" in client.get(ResourcePageFactory().url).content or document.filename
    assert client.get(document.url).getvalue() == content_of(document)
    entry = ModelLogEntry.objects.get(action="core.replace_file")
    assert entry.user == user
    assert entry.data["after"] == document.file_hash != entry.data["before"]


@pytest.mark.parametrize("group", ["Direction", "Coordination"])
def test_a_publisher_changes_the_words_of_a_public_image(client: Client, group: str) -> None:
    image = used_image()

    edit(client_of(member(group)), image, description="Deux mains", credit="Zoé")

    image.refresh_from_db()
    assert (image.description, image.credit) == ("Deux mains", "Zoé")


def test_what_a_private_or_expired_page_uses_is_public_again_without_a_look() -> None:
    document = DocumentFactory()
    ResourcePageFactory(document=document, expire_at=timezone.now())

    edit(client_of(member("Relecture")), document, title="SECRET")

    document.refresh_from_db()
    assert document.title != "SECRET"


def test_what_a_scheduled_page_will_show_is_a_publisher_s_too() -> None:
    document = DocumentFactory()
    page = ResourcePageFactory(live=False)
    page.document = document
    page.go_live_at = timezone.now() + timezone.timedelta(days=1)
    publish(page)

    edit(client_of(member("Relecture")), document, title="SECRET")

    document.refresh_from_db()
    assert document.title != "SECRET"


# Deletion


@pytest.mark.parametrize("make", [used_document, used_image])
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_deletes_what_a_page_shows(make: Callable[[], Any], group: str, method: str) -> None:
    file = make()
    kind = "docs" if isinstance(file, Document) else "images"

    response = getattr(client_of(member(group)), method)(
        reverse(f"wagtail{kind}:delete", args=[file.pk])
    )

    text = response.content.decode()
    assert response.status_code == (200 if method == "get" else 409)
    assert "Suppression impossible" in text
    assert "La page d" in text
    assert "/edit/" in text
    assert type(file).objects.filter(pk=file.pk).exists()


@pytest.mark.parametrize("how", ["column", "attachment", "rich text", "block"])
def test_nobody_deletes_what_a_draft_uses(how: str) -> None:
    document = DocumentFactory()
    page = ResourcePageFactory(title="Le brouillon")
    if how == "column":
        page.document = document
    elif how == "attachment":
        page.attachments.create(document=document)
    elif how == "rich text":
        page.body = stream(("rich_text", f'<a linktype="document" id="{document.pk}">lien</a>'))
    else:
        page.body = stream(("document", {"document": document.pk, "title": ""}))
    page.save_revision()
    client = client_of(member("Direction"))

    response = client.post(f"/admin/documents/delete/{document.pk}/")

    assert response.status_code == 409
    assert "Le brouillon" in response.content.decode()
    assert client.get(f"/admin/pages/{page.pk}/edit/").status_code == 200


def test_what_is_used_by_something_without_a_page_is_named_too() -> None:
    funder = FunderFactory(logo=ImageFactory())

    (use,) = find_uses(funder.logo)

    assert (use.title, use.is_public) == (str(funder), True)


@pytest.mark.parametrize("group", GROUPS)
def test_what_nothing_uses_is_deleted_with_its_stored_file(
    group: str, django_capture_on_commit_callbacks: Any
) -> None:
    document, image = DocumentFactory(), ImageFactory()
    rendition = image.get_rendition("width-40")
    stored = [(each.file.storage, each.file.name) for each in (document, image, rendition)]
    client = client_of(member(group))

    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/admin/documents/delete/{document.pk}/")
        client.post(f"/admin/images/{image.pk}/delete/")

    assert not Document.objects.exists()
    assert not Image.objects.exists()
    assert not any(storage.exists(name) for storage, name in stored)


# Pictures


def test_a_replaced_image_is_drawn_anew(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    image = ImageFactory(file=image_file(color="blue"))
    page = StandardPageFactory(image=image)
    before = image.get_rendition("width-40")
    old = (image.file.storage, str(image.file.name))
    assert client.get(page.url).status_code == 200

    with django_capture_on_commit_callbacks(execute=True):
        edit(client_of(member("Direction")), image, file=image_file(color="red"))

    image.refresh_from_db()
    after = image.get_rendition("width-40")
    assert after.pk != before.pk
    assert not before.file.storage.exists(before.file.name)
    assert not old[0].exists(old[1])
    assert not Rendition.objects.filter(pk=before.pk).exists()


def test_nobody_replaces_a_public_image_behind_the_screens() -> None:
    image = used_image()
    before = content_of(image)

    image.file = image_file(color="red")
    with pytest.raises(FileInPublicUse):
        image.save()

    assert content_of(image) == before


def test_an_old_version_that_used_a_deleted_document_can_be_put_back() -> None:
    document, other = DocumentFactory(), DocumentFactory()
    page = ResourcePageFactory()
    page.document = document
    page.attachments.create(document=other)
    old = page.save_revision()
    page = old.as_object()
    page.document = None
    page.attachments.set([])
    publish(page)
    client = client_of(member("Direction"))
    for each in (document, other):
        client.post(f"/admin/documents/delete/{each.pk}/")
    assert not Document.objects.exists()

    response = client.get(f"/admin/pages/{page.pk}/revisions/{old.pk}/revert/")

    assert response.status_code == 200
    call_command("check")
