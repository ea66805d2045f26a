"""Nothing of an unapproved contribution reaches those who should not see it, on any route.

Every address of the project is asked for, with the keys of what must stay
hidden. The same walk by someone of the team finds it: else it would prove
nothing.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image as Pillow
from wagtail.models import APIToken, Page

from contributions.drafts import make_draft
from contributions.lifecycle import transition
from contributions.models import Contribution, ContributionFile, ContributionState
from contributions.tokens import follow_up_token
from core.models import Document, Image
from tests.factories import UserFactory
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    member,
)
from tests.factories.files import image_file, text_pdf
from tests.factories.review import approve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import User

# What an engine could find otherwise, tests of items and of hidden pages look for on both.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

SECRET = "zorglub"
"""In every text, title and name of what must stay hidden."""


@dataclass
class Hidden:
    """What must stay hidden: a contribution with its draft in review, and one not read yet."""

    contribution: Contribution
    unread: Contribution
    draft: Any
    document: Document
    image: Image
    contents: list[bytes]


@pytest.fixture
def hidden(sections: None, reviewer: User) -> Hidden:
    contribution = ContributionFactory(
        title=f"{SECRET} titre",
        text=f"{SECRET} texte",
        person_name=f"{SECRET} personne",
        structure_name=f"{SECRET} structure",
        link=f"https://{SECRET}.example/",
        account=member("Partenaires", "autre-partenaire"),
    )
    pdf = text_pdf(SECRET, name=f"{SECRET}.pdf")
    photo = image_file(f"{SECRET}.jpg", size=(300, 200))
    ContributionFileFactory(contribution=contribution, file=pdf, name=f"{SECRET}.pdf")
    ContributionFileFactory(
        contribution=contribution, file=photo, name=f"{SECRET}.jpg", media_type="image/jpeg"
    )
    draft = make_draft(contribution, reviewer)
    unread = ContributionFactory(title=f"{SECRET} non lue", text=SECRET)
    ContributionFileFactory(contribution=unread, name=f"{SECRET}-2.pdf")
    ContributionFileFactory(contribution=unread, name=f"{SECRET}-3.pdf", state="checking")
    contents = []
    for file in ContributionFile.objects.all():
        with file.file.open("rb") as stored:
            contents.append(stored.read())
    return Hidden(
        contribution, unread, draft, Document.objects.get(), Image.objects.get(), contents
    )


def routes(
    patterns: list[Any] | None = None, before: str = "", names: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any]]:
    """Yield every route of the project, with the pattern that it ends with."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern


def addresses(hidden: Hidden) -> list[str]:
    """Return an address for each route, with the keys of what is hidden."""
    found: set[str] = set()
    for route, pattern in routes():
        for values in candidates(route, hidden):
            path = fill(route, pattern, values)
            if path is not None:
                found.add("/" + path)
    found |= set(others(hidden))
    # Signing out would end the walk.
    return sorted(path for path in found if "logout" not in path)


def candidates(route: str, hidden: Hidden) -> list[dict[str, Any]]:
    """Return what to put in the place of the arguments, by where the route is."""
    key: Any = hidden.draft.pk
    if "image" in route:
        key = hidden.image.pk
    elif "document" in route:
        key = hidden.document.pk
    elif "contributions/" in route:
        key = hidden.contribution.pk
    file = hidden.contribution.files.first()
    values = {
        "int": key,
        "str": str(key),
        "slug": hidden.draft.slug,
        "uuid": file.uuid if file else None,
        "path": f"actualites/{hidden.draft.slug}",
        "revision_id": hidden.draft.latest_revision_id,
        "app_label": "resources",
        "model_name": "newspage",
        "content_type_app_name": "resources",
        "content_type_model_name": "newspage",
        "object_id": str(key),
        "page_id": hidden.draft.pk,
        "document_filename": hidden.document.filename,
        "filter_spec": "width-100",
        "token": "faux",
        "action": "message",
    }
    return [values]


def fill(route: str, pattern: Any, values: dict[str, Any]) -> str | None:
    """Return a route with its arguments, or ``None`` for one made of a regular expression."""
    if pattern.pattern.converters or "<" in route:

        def value(match: re.Match[str]) -> str:
            kind, _colon, name = match.group(1).rpartition(":")
            return str(values.get(name, values.get(kind or "str")))

        route = re.sub(r"<([^>]+)>", value, route)
    if any(sign in route for sign in "^$()\\"):
        return None
    return route


def others(hidden: Hidden) -> list[str]:
    """Return addresses that no pattern gives: queries, regular expressions, files."""
    draft, document, image = hidden.draft, hidden.document, hidden.image
    return [
        f"/actualites/{draft.slug}/",
        f"/actualites/?q={SECRET}",
        "/actualites/",
        f"/recherche/?q={SECRET}",
        f"/api/v1/news/{draft.pk}/",
        "/api/v1/news/?limit=100",
        f"/api/v1/search/?q={SECRET}",
        f"/api/v1/search/suggest/?q={SECRET}",
        f"/api/v1/resolve/?path=/actualites/{draft.slug}/",
        f"/api/v2/pages/{draft.pk}/",
        "/api/v2/pages/?limit=100&fields=*",
        f"/api/v2/pages/find/?html_path=/actualites/{draft.slug}/",
        f"/api/v2/documents/{document.pk}/",
        "/api/v2/documents/?limit=100&fields=*",
        f"/api/v2/images/{image.pk}/",
        "/api/v2/images/?limit=100&fields=*",
        f"/documents/{document.pk}/{document.filename}",
        f"/media/{document.file.name}",
        f"/media/{image.file.name}",
        f"/media/images/{SECRET}.width-100.jpg",
        f"/media/contributions/{hidden.contribution.files.first().file.name}",
        f"/media/{hidden.contribution.files.first().file.name}",
        "/sitemap.xml",
        "/flux/actualites.atom",
        "/flux/ressources.atom",
        "/",
        f"/contribuer/suivi/{follow_up_token(hidden.contribution)[:-3]}/",
        f"/admin/pages/{draft.pk}/edit/preview/",
        f"/admin/pages/{draft.pk}/revisions/{draft.latest_revision_id}/view/",
        f"/admin/pages/{draft.pk}/revisions/{draft.latest_revision_id}/revert/",
        f"/admin/pages/{draft.pk}/view_draft/",
        f"/admin/pages/{draft.get_parent().pk}/",
        f"/admin/pages/search/?q={SECRET}",
        f"/admin/choose-page/?q={SECRET}",
        f"/admin/choose-page/{draft.get_parent().pk}/",
        f"/admin/choose-page/search/?q={SECRET}",
        f"/admin/images/chooser/?q={SECRET}",
        f"/admin/documents/chooser/?q={SECRET}",
        f"/admin/images/{image.pk}/preview/width-100/",
        f"/admin/contributions/?q={SECRET}",
    ]


def leaks(client: Client, path: str, hidden: Hidden) -> str:
    """Return what an address reveals of what is hidden, or nothing."""
    client.raise_request_exception = False
    answer = client.get(path, follow=False)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    data = body.decode("utf-8", "replace").lower()
    asked = path.lower()
    # What was asked for may be said again (« aucun résultat pour … »).
    if SECRET in data.replace(f"q={SECRET}", "") and not _is_only_the_question(data, asked):
        return "words"
    if body in hidden.contents or _is_picture(body):
        return "file"
    return ""


def _is_only_the_question(data: str, asked: str) -> bool:
    if f"q={SECRET}" not in asked and SECRET not in asked:
        return False
    # Everything that is hidden has more than the one word beside it.
    return not any(
        f"{SECRET} {word}" in data for word in ("titre", "texte", "personne", "structure", "non")
    )


def _is_picture(body: bytes) -> bool:
    try:
        with Pillow.open(io.BytesIO(body)) as picture:
            return picture.size in {(300, 200), (100, 66), (100, 67)}
    except (OSError, ValueError):
        return False


def walk(client: Client, hidden: Hidden) -> dict[str, str]:
    return {path: what for path in addresses(hidden) if (what := leaks(client, path, hidden))}


def test_the_walk_goes_everywhere(hidden: Hidden) -> None:
    paths = addresses(hidden)

    assert len(paths) > 200
    for part in ("/admin/pages/", "/api/v1/", "/api/v2/", "/contribuer/", "/admin/reports/"):
        assert any(path.startswith(part) for path in paths), part


def test_a_stranger_sees_nothing(hidden: Hidden) -> None:
    assert walk(Client(), hidden) == {}


@pytest.mark.parametrize("role", ["nobody", "Partenaires"])
def test_someone_who_signs_in_and_is_not_of_the_team_sees_nothing(
    hidden: Hidden, role: str
) -> None:
    user = member(role) if role == "Partenaires" else UserFactory()
    client = Client()
    client.force_login(user)

    assert walk(client, hidden) == {}


@pytest.mark.parametrize("role", ["Partenaires", "Relecture"])
def test_a_token_gives_no_more_than_its_user_has_on_the_public_api(
    hidden: Hidden, role: str
) -> None:
    _token, key = APIToken.create_token(user=member(role), name="test")
    client = Client(headers={"Authorization": f"Bearer {key}"})

    found = {
        path: what
        for path in addresses(hidden)
        if path.startswith(("/api/", "/actualites", "/documents", "/media", "/recherche"))
        and (what := leaks(client, path, hidden))
    }

    assert found == {}


def test_a_partner_sees_their_own_contribution_and_neither_its_draft_nor_another(
    hidden: Hidden,
) -> None:
    client = Client()
    client.force_login(hidden.contribution.account)

    seen = walk(client, hidden)

    assert set(seen) <= {"/admin/mes-contributions/"}
    transition(hidden.contribution, ContributionState.CHANGES_REQUESTED)
    html = client.get(f"/admin/mes-contributions/{hidden.contribution.pk}/").content.decode()
    assert f"{SECRET} titre" in html
    assert "non lue" not in client.get("/admin/mes-contributions/").content.decode()


def test_the_team_finds_it_by_the_same_walk(hidden: Hidden) -> None:
    client = Client()
    client.force_login(member("Relecture"))

    seen = walk(client, hidden)

    assert f"/admin/contributions/{hidden.contribution.pk}/" in seen
    assert "file" in seen.values()
    assert any("/admin/pages/" in path for path in seen)
    # Never on the public side, even for the team: previews are in the admin.
    assert not [path for path in seen if not path.startswith(("/admin/", "/documents/"))]


def test_once_it_is_validated_anyone_sees_it(
    hidden: Hidden, director: User, coordinator: User
) -> None:
    approve(hidden.draft, director)
    approve(hidden.draft, coordinator)

    seen = walk(Client(), hidden)

    assert f"/actualites/{hidden.draft.slug}/" in seen
    assert f"/api/v1/news/{hidden.draft.pk}/" in seen
    assert f"/documents/{hidden.document.pk}/{hidden.document.filename}" in seen
    # Who sent it is never said, nor what is still unread.
    for path in seen:
        page = Client().get(path)
        body = b"".join(page.streaming_content) if page.streaming else page.content
        assert f"{SECRET} personne" not in body.decode("utf-8", "replace")
        assert f"{SECRET} non lue" not in body.decode("utf-8", "replace")


def test_the_renditions_of_a_hidden_image_have_no_address_that_one_guesses(
    hidden: Hidden,
) -> None:
    rendition = hidden.image.get_rendition("width-100")

    folder = rendition.file.name.split("/")[-2]
    assert len(folder) == 20
    assert str(hidden.image.pk) != folder
    for guess in ("", f"{hidden.image.pk}/", "original_images/"):
        path = f"/media/images/{guess}{rendition.file.name.split('/')[-1]}"
        assert Client().get(path).status_code == 404
    assert Page.objects.filter(pk=hidden.draft.pk, live=False).exists()
