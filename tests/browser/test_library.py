"""The library as each of the team sees it: what is public is read, or replaced by a publisher."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from core.models import Document, Image
from resources.models import ResourcePage
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_contributions import person, sign_in
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    image_file,
    news_index,
    resource_index,
    text_pdf,
)
from tests.factories.contributions import ContributionFactory, ContributionFileFactory, member

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def show(page: Page, name: str) -> None:
    """Keep what a screen looks like, at both widths, where PARE_SCREENSHOTS names a folder."""
    folder = os.environ.get("PARE_SCREENSHOTS")
    for width, viewport in (("1280", DESKTOP), ("360", PHONE)):
        page.set_viewport_size(viewport)
        sideways = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, (name, width, sideways)
        if folder:
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size(DESKTOP)


@pytest.fixture
def public(db: None) -> tuple[Document, Image]:
    """A document and an image that the site shows."""
    resource_index()
    news_index()
    document = DocumentFactory(title="Le guide des professionnels", file=text_pdf("Avant"))
    image = ImageFactory(title="La photo", file=image_file(size=(640, 480)), credit="Léa")
    ResourcePageFactory(title="Repérer et signaler", document=document, cover=image)
    NewsPageFactory(title="Une journée à Lille", image=image)
    return document, image


def test_relecture_reads_what_is_public_and_is_told_who_may_change_it(
    public: tuple[Document, Image], open_page: Callable[..., Page]
) -> None:
    document, image = public
    person("Relecture", "relectrice")
    page = sign_in(open_page, "relectrice")

    page.goto(f"/admin/documents/edit/{document.pk}/")
    expect(page.get_by_text("Seules la Direction et")).to_be_visible()
    expect(page.get_by_role("link", name="Repérer et signaler")).to_be_visible()
    expect(page.locator("[name=title]")).to_have_count(0)
    show(page, "relecture-document")

    page.goto(f"/admin/images/{image.pk}/")
    expect(page.get_by_role("link", name="Une journée à Lille")).to_be_visible()
    expect(page.locator("[type=file]")).to_have_count(0)
    show(page, "relecture-image")

    page.goto(f"/admin/documents/delete/{document.pk}/")
    expect(page.get_by_role("heading", name="Suppression impossible")).to_be_visible()
    show(page, "relecture-suppression")

    page.goto(f"/admin/bulk/core/document/delete/?id={document.pk}")
    expect(page.get_by_text("Ces fichiers restent comme ils sont")).to_be_visible()
    show(page, "relecture-lot")


def test_direction_replaces_a_public_document_at_its_address(
    public: tuple[Document, Image],
    open_page: Callable[..., Page],
    expected: list[str],
    tmp_path: Path,
) -> None:
    # What crops images asks so whether a screen can be touched, of those that cannot.
    expected.append("script-src-attr 'none'")
    document, image = public
    person("Direction", "directrice")
    page = sign_in(open_page, "directrice")
    other = tmp_path / "guide-2027.pdf"
    other.write_bytes(text_pdf("Après").read())
    old = document.url

    page.goto(f"/admin/images/{image.pk}/")
    show(page, "direction-image")
    page.goto(f"/admin/documents/edit/{document.pk}/")
    show(page, "direction-document")
    page.locator("[name=file]").set_input_files(other)
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/admin/documents/")

    document.refresh_from_db()
    response = page.request.get(old)
    assert response.url.endswith(document.url)
    assert document.url.endswith("/guide-2027.pdf")
    assert response.headers["content-type"] == "application/pdf"


def test_the_chooser_offers_the_files_of_a_contribution_in_its_draft_alone(
    public: tuple[Document, Image], open_page: Callable[..., Page]
) -> None:
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE, title="Le guide d'ailleurs")
    ContributionFileFactory(contribution=contribution, name="venu-d-ailleurs.pdf")
    make_draft(contribution, member("Coordination"))
    draft = ResourcePage.objects.get(title="Le guide d'ailleurs")
    own = ResourcePage.objects.get(title="Repérer et signaler")
    person("Relecture", "relectrice")
    page = sign_in(open_page, "relectrice")

    for edited, is_offered in ((own, False), (draft, True)):
        page.goto(f"/admin/pages/{edited.pk}/edit/")
        chooser = page.locator("#id_document-chooser")
        chooser.get_by_role("button", name="Actions").click()
        page.get_by_role("button", name="Choisir un autre document").click()
        modal = page.locator(".modal-content")
        expect(modal.get_by_text("Le guide des professionnels")).to_be_visible()
        external: Any = modal.get_by_role("link", name="Venu d ailleurs")
        expect(external).to_have_count(1 if is_offered else 0)
        show(page, f"choix-{'brouillon' if is_offered else 'ailleurs'}")
        if is_offered:
            external.click()
            expect(page.locator(".modal-content")).to_have_count(0)
            expect(chooser).to_contain_text("Venu d ailleurs")
