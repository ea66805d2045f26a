"""The guide of the team, on the forge and in the administration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from pare import guide
from pare.guide import GUIDE, INDEX, REFERENCES, make_anchor, read_page
from review.groups import TEAM
from tests.factories.contributions import member

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.one_engine

PAGES = sorted(page.stem for page in GUIDE.glob("*.md"))
MAX_PICTURE_BYTES = 60_000


@pytest.fixture(scope="module")
def client(module_transaction: None) -> Client:
    client = Client()
    client.force_login(member("Relecture"))
    return client


def address(name: str) -> str:
    return "/admin/guide/" if name == INDEX else f"/admin/guide/{name}/"


@pytest.mark.parametrize("name", [*PAGES, *REFERENCES])
def test_each_page_opens_and_its_links_lead_somewhere(client: Client, name: str) -> None:
    shown = client.get(address(name)).content.decode()
    article = shown.partition("<article")[2].partition("</article>")[0]
    links = re.findall(r'(?:href|src)="([^"]+)"', article)

    for link in links:
        path, _mark, anchor = unquote(link).partition("#")
        if "://" in link:
            continue
        response = client.get(path) if path else None
        assert response is None or response.status_code == 200, link
        if anchor:
            text = response.content.decode() if response else shown
            assert f'id="{anchor}"' in text, link
    assert "](" not in article


def test_the_index_leads_to_each_page(client: Client) -> None:
    shown = client.get(address(INDEX)).content.decode()

    jobs = [name for name in PAGES if name != INDEX]

    assert [name for name in jobs if f'href="{address(name)}"' not in shown] == []


def test_the_dashboard_leads_to_the_guide(client: Client) -> None:
    summary = client.get("/admin/").content.decode().partition("<main")[2]

    assert f'href="{address(INDEX)}"' in summary


def test_partners_have_no_guide(module_transaction: None) -> None:
    client = Client()
    client.force_login(member("Partenaires"))
    picture = next((GUIDE / "images").glob("*.webp")).name

    for path in ("/admin/guide/", "/admin/guide/editeurs/", f"/admin/guide/images/{picture}"):
        assert client.get(path).status_code == 403


def test_accounts_that_are_not_of_the_team_have_no_guide(module_transaction: None) -> None:
    group = Group.objects.create(name="Stagiaires")
    group.permissions.add(Permission.objects.get(codename="access_admin"))
    client = Client()
    client.force_login(member("Stagiaires"))

    assert client.get("/admin/").status_code == 200
    for path in ("/admin/guide/", "/admin/guide/images/traduire-langue.webp"):
        assert client.get(path).status_code in {302, 403}


def test_strangers_have_no_guide(db: None) -> None:
    for path in ("/admin/guide/", "/admin/guide/images/fiche.webp"):
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("name", ["inconnue", "safety", "developing"])
def test_what_is_not_of_the_guide_is_not_there(client: Client, name: str) -> None:
    assert client.get(address(name)).status_code == 404


def test_pictures_are_small_and_each_is_shown() -> None:
    pictures = {path.name: path.stat().st_size for path in (GUIDE / "images").glob("*")}
    named = "".join(page.read_text(encoding="utf-8") for page in GUIDE.glob("*.md"))
    shown = set(re.findall(r"\]\(images/([^)]+)\)", named))

    assert set(pictures) == shown
    assert {name for name, size in pictures.items() if size > MAX_PICTURE_BYTES} == set()


def test_pictures_are_described() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in GUIDE.glob("*.md"))

    assert "![](" not in text


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(guide, "DOCS", tmp_path)
    monkeypatch.setattr(guide, "GUIDE", tmp_path / "guide")
    (tmp_path / "guide").mkdir()
    (tmp_path / "relecture.md").write_text("# Relecture\n")
    (tmp_path / "safety.md").write_text("# Safety\n")
    return tmp_path / "guide" / "essai.md"


def test_links_lead_to_the_admin_or_become_text(page: Path) -> None:
    page.write_text(
        "# Essai\n\n[a](../relecture.md#la-règle) [b](../safety.md) [c](https://example.org/)"
        " [d](essai.md)\n\n![Une image](images/essai.webp)\n"
    )

    html = read_page(page).html

    assert 'href="/admin/guide/relecture/#la-r%C3%A8gle"' in html
    assert " b " in html
    assert "safety" not in html
    assert 'href="https://example.org/"' in html
    assert 'href="/admin/guide/essai/"' in html
    assert 'src="/admin/guide/images/essai.webp"' in html


def test_raw_html_and_scripts_are_text(page: Path) -> None:
    page.write_text("# Essai\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1))\n")

    html = read_page(page).html

    assert "<script" not in html
    assert "<a" not in html


def test_anchors_are_those_of_the_forge() -> None:
    assert make_anchor("L'accueil : qu'est-ce qui m'attend ?") == (
        "laccueil--quest-ce-qui-mattend-"
    )


def test_all_groups_of_the_team_are_of_it(module_transaction: None) -> None:
    from review.groups import is_team

    assert all(is_team(member(group)) for group in TEAM)
    assert not is_team(member("Partenaires"))
