"""The demonstration: complete, honest about what it invents, and loaded once."""

from __future__ import annotations

import io
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client, TestCase, override_settings
from PIL import Image as Pillow
from pypdf import PdfReader
from wagtail.models import ModelLogEntry, Page, PageLogEntry, ReferenceIndex, Revision

from core.blocks import block_names
from core.models import BasePage, Document, Image, IndexPage, User
from home.models import CampaignPage, EmergencyNumber, Funder, HomePage, SiteSettings, StandardPage
from home.site_info import serialize_site
from pare.demo.accounts import ROLES
from pare.demo.bodies import Bodies
from pare.demo.content import Content, french, read_agenda, read_content
from pare.demo.files import FOLDER, read_document
from pare.demo.load_log import LoadLog
from pare.demo.loader import PAGE_TYPES, load_demo
from resources.models import NewsPage, ResourcePage
from tests.factories import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNTED = (
    Page,
    Revision,
    PageLogEntry,
    Image,
    Document,
    EmergencyNumber,
    Funder,
    User,
)

STREAMS = ("body", "entrances", "missions", "key_figures", "sections", "members")


def run(**options: Any) -> str:
    """Run the command and return what it printed."""
    output = io.StringIO()
    call_command("load_demo", force=True, stdout=output, **options)
    return output.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in COUNTED}


@pytest.fixture(scope="class")
def demo(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Callable[[], Any]]]:
    """Load it once for all the tests here; give what waits for the transaction to be committed.

    The pictures are small and plain, since each page asks for several sizes of them: the covers
    have tests of their own.
    """
    with (
        django_db_blocker.unblock(),
        override_settings(VAR_DIR=tmp_path_factory.mktemp("var")),
        pytest.MonkeyPatch.context() as patch,
        transaction.atomic(),
    ):
        for user in ("loader", "agenda"):
            patch.setattr(f"pare.demo.{user}.read_cover", small_cover)
        with TestCase.captureOnCommitCallbacks() as waiting:
            run()
        yield waiting
        transaction.set_rollback(True)


def small_cover(key: str) -> ContentFile[bytes]:
    output = io.BytesIO()
    Pillow.new("RGB", (160, 90), "teal").save(output, "PNG")
    return ContentFile(output.getvalue(), f"{key}.png")


@pytest.fixture
def pages(demo: object, db: None) -> list[BasePage]:
    """Every page of the demonstration (apart from the agenda), as its own type."""
    keys = read_content().keys
    ids = LoadLog(("page", key) for key in keys).ids("page")
    assert set(ids) == set(keys)
    return [page.specific for page in Page.objects.filter(pk__in=ids.values())]


class TestLoaded:
    """What is there once all of it is loaded."""

    def test_every_item_is_published(self, pages: list[BasePage]) -> None:
        titles = {page.title for page in pages if page.live and not page.has_unpublished_changes}

        content = read_content()
        items = [*content.pages, *content.resources, *content.news]
        assert titles == {item["title"] for item in items}
        assert len(content.resources) == 20
        assert len(content.news) == 9

    def test_real_items_are_facts_and_a_link(self, pages: list[BasePage]) -> None:
        real = [page for page in pages if not page.is_demo]

        assert len(real) == 9
        for page in real:
            match page:
                case ResourcePage():
                    assert page.external_url
                    assert page.document is None
                    assert not page.attachments.exists()
                    assert not page.body
                case NewsPage():
                    assert 'href="https://' in str(page.body)
                case _:
                    assert isinstance(page, CampaignPage)
                    assert page.external_url
                    assert not page.body

    def test_documents_belong_to_invented_items(self, pages: list[BasePage]) -> None:
        everywhere = [page for one in pages for page in one.get_translations(inclusive=True)]
        invented = {str(page.pk) for page in everywhere if page.is_demo}

        documents = Document.objects.filter(title__in={page.title for page in pages})
        assert documents.count() == 12
        for document in documents:
            users = ReferenceIndex.get_references_to(document).values_list("object_id", flat=True)
            assert users
            assert set(users) <= invented

    def test_an_unknown_day_shows_no_more_than_is_known(self, pages: list[BasePage]) -> None:
        precisions = {
            page.slug: page.published_on_precision
            for page in pages
            if isinstance(page, ResourcePage)
        }

        assert precisions["rapport-groupe-de-travail"] == "month"
        assert precisions["recherche-promifrance"] == "year"
        assert precisions["signaux-faibles"] == "day"

    def test_every_kind_of_block_appears(self, pages: list[BasePage]) -> None:
        kinds = {block.block_type for page in pages for block in getattr(page, "body", [])}

        assert kinds == set(block_names())

    def test_an_editor_could_save_every_page(self, pages: list[BasePage]) -> None:
        for page in pages:
            page.full_clean()
            for name in STREAMS:
                if stream := getattr(page, name, None):
                    stream.stream_block.clean(stream)

    def test_every_page_is_read_whole_on_the_site_and_in_the_api(
        self, pages: list[BasePage], client: Client
    ) -> None:
        endpoints = {ResourcePage: "resources", NewsPage: "news"}

        for page in pages:
            assert client.get(page.url).status_code == 200, page.url
            if isinstance(page, IndexPage):
                continue
            kind = endpoints.get(type(page), "pages")
            data = client.get(f"/api/v1/{kind}/{page.pk}/").json()
            assert data["title"] == page.title
            for name in STREAMS:
                assert len(data.get(name, [])) == len(getattr(page, name, [])), (page, name)

    def test_entrances_and_menu(self, pages: list[BasePage]) -> None:
        site = serialize_site("fr", "")
        home = next(page for page in pages if isinstance(page, HomePage)).to_schema("")

        paths = [link.path for link in site.menu]
        ours = ["/ressources/", "/actualites/", "/le-projet/", "/equipe/"]
        assert [path for path in paths if path in ours] == ours
        assert [entrance.url for entrance in home.entrances] == [
            "/jeunes/",
            "/parents/",
            "/professionnels/",
        ]
        assert [n.uri for n in site.emergency_numbers if n.is_prominent] == [
            "tel:119",
            "tel:116000",
            "tel:17",
            "sms:114",
        ]
        assert len(site.legal_links) == 4
        assert site.safety_link
        assert site.operator == "Droit d'Enfance"

    def test_invented_addresses_lead_nowhere_real(self, pages: list[BasePage]) -> None:
        known = {
            "cvm-mineurs.org",
            "fncidff.info",
            "formulaire.defenseurdesdroits.fr",
            "solidarites.gouv.fr",
            "www.acpe-asso.org",
            "www.cnil.fr",
            "www.defenseurdesdroits.fr",
            "www.egalite-femmes-hommes.gouv.fr",
            "www.example.org",
            "www.jeunes.gouv.fr",
            "www.legifrance.gouv.fr",
        }

        for page in pages:
            data = page.to_json()
            hosts = set(re.findall(r"https://([^/\"\\]+)", data))
            assert hosts <= known, page

    def test_the_text_of_a_file_is_read_once_committed(
        self, demo: list[Callable[[], Any]], db: None
    ) -> None:
        documents = Document.objects.order_by("pk")
        assert not documents.exclude(text_state=Document.TextState.PENDING).exists()

        demo[0]()

        document = documents.get(text_state=Document.TextState.READ)
        assert document.page_count in (2, 3, 4)
        assert "Document de démonstration" in document.text

    def test_a_second_run_leaves_everything_as_editors_left_it(self, pages: list[BasePage]) -> None:
        by_slug = {page.slug: page for page in pages}
        edited = by_slug["signaux-faibles"]
        edited.title = "Un titre choisi par une éditrice"
        publish(edited)
        by_slug["paroles-d-educateurs-1"].unpublish()
        by_slug["se-raccrocher"].delete()
        by_slug["je-gere"].move(by_slug["home"], pos="last-child")
        EmergencyNumber.objects.filter(number="3018").delete()
        SiteSettings.objects.update(contact_email="autre@example.org")
        before = counts()

        data = run()

        assert "déjà chargée" in data
        assert counts() == before
        assert ResourcePage.objects.get(slug="signaux-faibles").title == edited.title
        assert not ResourcePage.objects.get(slug="paroles-d-educateurs-1").live
        assert not ResourcePage.objects.filter(slug="se-raccrocher").exists()
        assert Page.objects.get(slug="je-gere").get_parent().slug == "home"
        assert SiteSettings.load().contact_email == "autre@example.org"


# A few items only


def only(*items: dict[str, Any]) -> Content:
    """Return a demonstration of a few pages of text."""
    site = read_content().site | {"illustrations": [], "funders": [], "emergency_numbers": []}
    return Content(site=site, pages=[*items], resources=[], news=[])


def page_item(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "type": "standard", "parent": "home", "title": key, "summary": ""} | fields


HOME = next(item for item in read_content().pages if item["type"] == "home")


def test_a_home_page_that_an_editor_saved_is_left_alone(home: HomePage) -> None:
    home.tagline = "Une accroche choisie"
    publish(home)

    load_demo(only(HOME, page_item("aide")))

    assert HomePage.objects.get().tagline == "Une accroche choisie"
    assert not StandardPage.objects.exists()


def test_an_address_that_is_taken_is_left_to_its_page(home: HomePage) -> None:
    # One that has a cover.
    home.add_child(instance=StandardPage(title="La nôtre", slug="se-raccrocher"))
    images = Image.objects.count()

    for _time in range(2):
        load_demo(only(HOME, page_item("se-raccrocher")))

    assert StandardPage.objects.get().title == "La nôtre"
    assert Image.objects.count() == images + 1  # That of the home page.


def test_what_is_added_later_is_loaded_beside_what_was_deleted(home: HomePage) -> None:
    load_demo(only(HOME, page_item("aide")))
    StandardPage.objects.get(slug="aide").delete()
    text = '<p>Lire <a href="page:aide">l\'aide</a> ou <a href="tel:119">ceci</a>.</p>'
    late = page_item("contact", body=[{"rich_text": text}])

    made = load_demo(only(HOME, page_item("aide"), late))

    page = StandardPage.objects.get()
    assert made["page"] == 1
    assert page.slug == "contact"
    assert page.body[0].value.source == '<p>Lire l\'aide ou <a href="tel:119">ceci</a>.</p>'


def test_an_emptied_log_brings_no_duplicates(home: HomePage) -> None:
    content = only(HOME, page_item("aide"))
    content.site["emergency_numbers"] = read_content().site["emergency_numbers"]
    load_demo(content)
    PageLogEntry.objects.all().delete()
    ModelLogEntry.objects.all().delete()

    made = load_demo(content)

    assert not made
    assert StandardPage.objects.count() == 1


# The administrator


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Path]:
    """Run the command without its content, in a folder of its own."""
    monkeypatch.setattr("pare.management.commands.load_demo.load_demo", lambda: load_demo(only()))
    with override_settings(VAR_DIR=tmp_path / "var"):
        yield tmp_path / "var" / "admin-password.txt"


def test_the_first_run_makes_an_administrator(var: Path) -> None:
    data = run(base_url="http://localhost:8123/")

    password = var.read_text().strip()
    admin = User.objects.get()
    assert admin.is_superuser
    assert admin.check_password(password)
    assert password in data
    assert stat.S_IMODE(var.stat().st_mode) == 0o600
    for address in ("/", "/admin/", "/api/v1/docs/"):
        assert f"http://localhost:8123{address}\n" in data


def test_a_later_run_prints_where_the_password_is(var: Path) -> None:
    run()

    data = run()

    assert str(var) in data
    assert var.read_text().strip() not in data
    assert User.objects.count() == 1


def test_a_password_that_changed_is_not_spoken_of(var: Path) -> None:
    run()
    admin = User.objects.get()
    admin.set_password("choisi depuis")
    admin.save()

    assert "admin-password" not in run()


def test_an_administrator_who_was_there_or_left_gets_no_second(var: Path) -> None:
    run()
    User.objects.all().delete()

    assert "admin-password" not in run()
    assert not User.objects.exists()


# The account of each group


def test_each_group_has_an_account_to_try_it_as(var: Path, settings: Any) -> None:
    settings.DEBUG = True

    data = run()

    kept = var.with_name("demo-passwords.txt")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    passwords = dict(line.split() for line in kept.read_text().splitlines())
    assert set(passwords) == {"direction", "coordination", "relecture", "partenaires"}
    for user in User.objects.filter(is_superuser=False):
        assert [group.name.lower() for group in user.groups.all()] == [user.username]
        assert user.check_password(passwords[user.username])
        assert passwords[user.username] in data


def test_the_accounts_of_groups_are_made_once_and_printed_again(var: Path, settings: Any) -> None:
    settings.DEBUG = True
    first = run()
    User.objects.get(username="relecture").delete()
    changed = User.objects.get(username="direction")
    changed.set_password("choisi depuis")
    changed.save()

    data = run()

    assert [name for name in ROLES if f"  {name} " in first] == [*ROLES]
    assert [name for name in ROLES if f"  {name} " in data] == ["coordination", "partenaires"]
    assert not User.objects.filter(username="relecture").exists()


def test_production_gets_no_account_of_a_group(var: Path) -> None:
    assert "demo-passwords" not in run()

    assert User.objects.get().is_superuser
    assert not var.with_name("demo-passwords.txt").exists()


def test_it_refuses_where_debug_is_off(db: None) -> None:
    before = counts()

    with pytest.raises(CommandError, match="--force"):
        call_command("load_demo")

    assert counts() == before


# Texts and files


def test_keys_are_unique_and_references_lead_somewhere() -> None:
    content = read_content()
    keys = set(content.keys)
    items = [*content.pages, *content.resources, *content.news]
    assert len(keys) == len(items)

    texts = str(items)
    pages = set(re.findall(r"page:([\w-]+)", texts))
    pages |= {key for item in items for key in item.get("related", [])}
    pages |= {
        key
        for item in items
        for block in item.get("body", [])
        for key in block.get("linked_content", {}).get("pages", [])
    }
    documents = {item["key"] for item in items if item.get("format") == "pdf"}
    documents |= {each["key"] for item in items for each in item.get("attachments", [])}
    assert pages <= keys
    assert set(re.findall(r"'document': '([\w-]+)'", texts)) <= documents
    assert documents == {path.stem for path in (FOLDER / "documents").iterdir()}
    assert {item["type"] for item in content.pages} <= {*PAGE_TYPES, "home"}


@pytest.mark.parametrize(
    "plain, typeset",
    [
        ("Vrai ? Oui : « ça » !", "Vrai\u00a0? Oui\u00a0: «\u00a0ça\u00a0»\u00a0!"),
        ("116 000, 24 h/24, 7 j/7", "116\u00a0000, 24\u00a0h/24, 7\u00a0j/7"),
        ("loi n° 2002-305 du 4 mars", "loi n°\u00a02002-305 du 4 mars"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
    ],
)
def test_french_spaces(plain: str, typeset: str) -> None:
    assert french(plain) == typeset


def test_a_folded_text_is_rich_text() -> None:
    source = (
        '<p>Un <b>mot</b> &amp; un <a href="tel:119">lien</a>.</p> <ul> <li>un</li> <li>deux '
        'suite</li> </ul> <ol> <li><a href="page:a">x</a> <a href="page:b">y</a></li> </ol>'
    )

    assert Bodies({"a": 1}, {}, {}).rich_text(source) == (
        '<p>Un <b>mot</b> &amp; un <a href="tel:119">lien</a>.</p><ul><li>un</li><li>deux '
        'suite</li></ul><ol><li><a linktype="page" id="1">x</a> y</li></ol>'
    )


def test_every_cover_is_that_of_an_item_and_has_its_size() -> None:
    content = read_content()
    items = [*content.pages, *content.resources, *content.news, *read_agenda()["events"]]
    keys = {*content.site["illustrations"], *(item["key"] for item in items)}
    covers = [*(FOLDER / "covers").iterdir()]

    assert {path.stem for path in covers} <= keys
    assert {item["key"] for item in content.resources} <= {path.stem for path in covers}
    assert {item["key"] for item in read_agenda()["events"]} <= {path.stem for path in covers}
    for path in covers:
        with Pillow.open(path) as picture:
            assert picture.size == (1600, 900), path
            assert picture.format == "WEBP", path


@pytest.mark.parametrize("path", sorted((FOLDER / "documents").iterdir()), ids=lambda p: p.stem)
def test_a_pdf_can_be_read_and_is_as_accessible_as_it_claims(path: Path) -> None:
    content = read_content()
    titles = {
        each["key"]: each["title"]
        for item in content.resources
        for each in (item, *item.get("attachments", []))
    }

    reader = PdfReader(read_document(path.stem))

    assert reader.metadata is not None
    title = titles[path.stem].replace("'", "’")
    assert reader.metadata.title == title
    assert reader.root_object["/Lang"] == "fr-FR"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"]
    headings = [entry.title for entry in flat(reader.outline)]
    assert headings[0] == title
    assert len(headings) > 1
    for page in reader.pages:
        assert "Document de démonstration" in page.extract_text()
        fonts = page["/Resources"]["/Font"].values()
        assert all("/FontDescriptor" in font.get_object() for font in fonts)


def flat(outline: list[Any]) -> Iterator[Any]:
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry
