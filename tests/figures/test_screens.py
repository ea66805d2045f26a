"""The screens of the figures, as the team sees them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from core.models import Document, Image, Theme
from figures.models import DailyTotal, SearchedDay, SearchedWords
from figures.plots import bar_chart
from figures.wagtail_hooks import SCREENS
from published.models import LinkedAddress, LinkUse
from tests.factories import DocumentFactory, ImageFactory, NewsPageFactory, ResourcePageFactory
from tests.factories.contributions import member
from tests.factories.network import StructureFactory
from tests.factories.publishing import publish
from tests.factories.translations import translate, translate_with_parents

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

LAST_YEAR = "2025"


def count(counted: str, thing: Any = None, total: int = 1, days_ago: int = 0) -> None:
    day = timezone.localdate() - dt.timedelta(days=days_ago)
    key = thing.pk if thing else 0
    DailyTotal.objects.create(day=day, counted=counted, thing_id=key, total=total)


def searched(words: str, total: int = 1, without_result: int = 0) -> None:
    row = SearchedWords.objects.create(words=words)
    SearchedDay.objects.create(
        words=row, day=timezone.localdate(), total=total, without_result=without_result
    )


@pytest.fixture(scope="module")
def reader(module_transaction: None) -> Any:
    return member("Relecture", "relectrice")


@pytest.fixture
def client(reader: Any) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def titles(response: Any) -> list[str]:
    return [line.title for line in response.context["table"].data]


def test_the_overview_adds_up(client: Client) -> None:
    page, structure = NewsPageFactory(title="Lue"), StructureFactory(name="La Passerelle")
    document = DocumentFactory(title="Le guide")
    count("page", page, 1200)
    count("page", page, 34, days_ago=3)
    count("page", page, 5, days_ago=40)
    count("structure", structure, 7)
    count("document", document, 3)
    count("search", total=9)
    searched("emprise", 6, without_result=2)

    content = client.get("/admin/chiffres/").content.decode()

    for text in ("1 234", "Lue", "La Passerelle", "Le guide", "emprise"):
        assert text in content.replace("\N{NO-BREAK SPACE}", " ").replace("\u202f", " ")
    assert reverse("figures_thing", args=["page", page.pk]) in content
    assert f"{reverse('search')}?q=emprise" in content
    assert "Ne sont pas comptés" in content


@pytest.mark.parametrize(
    "query, rows",
    [
        ({}, 30),
        ({"periode": "12m"}, 12),
        ({"periode": LAST_YEAR}, 12),
        ({"du": "2026-01-15", "au": "2026-01-20"}, 6),
        ({"du": "15/01/2026", "au": "20/01/2026"}, 6),
        ({"au": "2026-01-20"}, 30),
        # What makes no sense is explained, and the last 30 days are shown.
        ({"du": "2026-02-15", "au": "2026-01-20"}, 30),
        ({"du": "hier"}, 30),
        ({"periode": "x"}, 30),
    ],
)
def test_a_period_can_be_chosen(client: Client, query: dict[str, str], rows: int) -> None:
    response = client.get("/admin/chiffres/", query)

    assert len(response.context["table"].data) == rows
    assert ("error-message" in response.content.decode()) == (
        not response.context["period_form"].is_valid()
    )


def test_a_period_is_typed_as_every_date_of_the_administration(client: Client) -> None:
    content = client.get("/admin/chiffres/", {"du": "15/01/2026"}).content.decode()

    assert 'type="date"' not in content
    assert 'name="du" value="15/01/2026"' in content
    assert content.count("date-time-chooser.js") == 1


def test_a_plot_without_a_number_is_a_sentence(client: Client) -> None:
    empty = client.get("/admin/chiffres/").content.decode()
    count("document", DocumentFactory(), 3)

    one = client.get("/admin/chiffres/").content.decode()

    assert "<svg" not in empty.partition("figures__plot")[2].partition("figures__lists")[0]
    assert empty.count("Rien à montrer pour cette période") == 3
    assert one.count("Rien à montrer pour cette période") == 2


def test_exports_have_what_is_shown(client: Client) -> None:
    count("page", NewsPageFactory(title="=1+1"), 12)

    days = client.get("/admin/chiffres/", {"export": "csv", "periode": "12m"})
    pages = client.get("/admin/chiffres/lus/", {"export": "csv"})
    book = client.get("/admin/chiffres/lus/", {"export": "xlsx"})

    first, *lines = days.getvalue().decode("utf-8-sig").splitlines()
    assert first.startswith("Mois;Pages lues;Fiches de l'annuaire lues")
    assert lines[-1].split(";")[1] == "12"
    assert "'=1+1;12;Actualité;Français" in pages.getvalue().decode()
    assert b"".join(book.streaming_content).startswith(b"PK")


def test_what_was_never_opened_leads_to_its_editor(client: Client) -> None:
    read, unread = NewsPageFactory(title="Lue"), NewsPageFactory(title="Oubliée")
    structure, seen = StructureFactory(name="Perdue"), StructureFactory(name="Vue")
    # A page with the key of a structure is another thing.
    count("page", read)
    count("structure", seen)
    DailyTotal.objects.get_or_create(
        day=timezone.localdate(), counted="page", thing_id=structure.pk
    )
    NewsPageFactory(title="Brouillon", live=False)

    response = client.get("/admin/chiffres/jamais-ouverts/")

    shown = titles(response)
    assert {"Oubliée", "Perdue"} <= set(shown)
    assert not {"Lue", "Vue", "Brouillon"} & set(shown)
    assert reverse("wagtailadmin_pages:edit", args=[unread.pk]) in response.content.decode()


def test_the_oldest_contents_come_first(client: Client) -> None:
    new, old = NewsPageFactory(title="Neuve"), NewsPageFactory(title="Vieille")
    long_ago = timezone.now() - dt.timedelta(days=900)
    type(old.published_item).objects.filter(page=old).update(updated_at=long_ago)

    shown = titles(client.get("/admin/chiffres/age/"))

    assert shown[0] == "Vieille"
    assert new.title in shown


def test_resources_without_a_theme_are_listed(client: Client) -> None:
    ResourcePageFactory(title="Classée", themes=[Theme.objects.get(slug="reperage")])
    ResourcePageFactory(title="Sans rien", themes=[])
    NewsPageFactory(title="Une actualité")

    assert titles(client.get("/admin/chiffres/sans-theme/")) == ["Sans rien"]


def test_files_that_some_can_not_read_come_with_what_to_do(client: Client) -> None:
    for title, state, is_tagged in (
        ("Numérisé", Document.TextState.SCANNED, False),
        ("Sans balises", Document.TextState.READ, False),
        ("Lisible", Document.TextState.READ, True),
        ("En lecture", Document.TextState.PENDING, None),
    ):
        document = DocumentFactory(title=title)
        Document.objects.filter(pk=document.pk).update(text_state=state, is_tagged=is_tagged)
    publish(ResourcePageFactory(document=Document.objects.get(title="Sans balises")))
    ImageFactory(title="Muette", description="")
    ImageFactory(title="Décrite", description="Une main tendue")

    documents = client.get("/admin/chiffres/documents/")
    images = client.get("/admin/chiffres/images/")

    assert [(line.title, line.is_public) for line in documents.context["table"].data] == [
        ("Sans balises", "oui"),
        ("Numérisé", "non"),
    ]
    assert "Numérisé, sans texte" in documents.content.decode()
    assert titles(images) == ["Muette"]
    muted = Image.objects.get(title="Muette")
    assert reverse("wagtailimages:edit", args=[muted.pk]) in images.content.decode()


def break_link(thing: Any, url: str) -> None:
    address = LinkedAddress.objects.create(url=url, is_broken=True, problem="gone", status=404)
    content_type = ContentType.objects.get_for_model(thing)
    LinkUse.objects.create(address=address, content_type=content_type, thing_id=thing.pk)


def test_broken_links_lead_to_the_editor_of_what_has_them(client: Client) -> None:
    page, structure = NewsPageFactory(title="Une actualité"), StructureFactory(name="Passerelle")
    break_link(page, "https://ailleurs.fr/")
    break_link(structure, "/ici/")
    break_link(NewsPageFactory(draft=True, title="Brouillon"), "https://brouillon.fr/")
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])

    everything = client.get("/admin/chiffres/liens/")
    export = client.get("/admin/chiffres/liens/", {"export": "csv", "liens": "ailleurs"})

    assert titles(everything) == ["Une actualité", "Passerelle"]
    assert f'href="{edit}"' in everything.content.decode()
    assert titles(client.get("/admin/chiffres/liens/", {"liens": "ici"})) == ["Passerelle"]
    (line,) = export.getvalue().decode("utf-8-sig").splitlines()[1:]
    assert line == "Une actualité;Actualité;Français;https://ailleurs.fr/;page introuvable (404);"


def test_translations_to_bring_up_to_date_are_listed_with_those_of_structures(
    client: Client,
) -> None:
    english = Locale.objects.create(language_code="en")
    page, structure = NewsPageFactory(title="Une actualité"), StructureFactory(name="Passerelle")
    translate_with_parents(page, english)
    translated = translate(structure, english)
    mine = reverse(structure.snippet_viewset.get_url_name("edit"), args=[translated.pk])

    response = client.get("/admin/chiffres/traductions/")
    export = client.get("/admin/chiffres/traductions/", {"export": "csv"})

    assert {"Une actualité", "Passerelle"} <= set(titles(response))
    assert mine in response.content.decode()
    assert "Passerelle;Structure;English;Des textes" in export.getvalue().decode()


def test_a_thing_has_its_own_figures(client: Client) -> None:
    page, other = NewsPageFactory(title="Celle-ci"), NewsPageFactory()
    count("page", page, 5)
    count("page", other, 70)

    response = client.get(reverse("figures_thing", args=["page", page.pk]))

    assert response.context["sums"] == [("Pages lues", 5)]
    assert reverse("wagtailadmin_pages:edit", args=[page.pk]) in response.content.decode()
    for missing in (("page", 99999), ("search", 0), ("x", 1)):
        assert client.get(reverse("figures_thing", args=missing)).status_code == 404


def test_the_editor_shows_how_often_it_was_opened(client: Client) -> None:
    page, structure = NewsPageFactory(), StructureFactory()
    count("page", page, 4)
    count("page", page, 9, days_ago=31)
    for address, key, text in (
        (reverse("wagtailadmin_pages:edit", args=[page.pk]), ("page", page.pk), "Ouvert 4 fois"),
        (
            reverse(structure.snippet_viewset.get_url_name("edit"), args=[structure.pk]),
            ("structure", structure.pk),
            "Ouvert 0 fois",
        ),
    ):
        content = " ".join(client.get(address).content.decode().split())

        assert text in content
        assert reverse("figures_thing", args=key) in content


@pytest.mark.parametrize("end", SCREENS)
def test_queries_do_not_grow_with_rows(
    client: Client, count_queries: Callable[..., int], end: str
) -> None:
    def add(number: int) -> None:
        for _ in range(number):
            page, structure = ResourcePageFactory(themes=[]), StructureFactory()
            count("page", page)
            count("structure", structure)
            count("document", DocumentFactory())
            NewsPageFactory()
            ImageFactory(description="")
            Document.objects.update(is_tagged=False)
            searched(f"mot {page.pk}", 2, without_result=1)

            if end == "liens/":
                break_link(page, f"https://exemple.fr/{page.pk}")
                break_link(structure, f"https://exemple.fr/{page.pk}/s")
                leads_nowhere = f'<p><a linktype="page" id="{10**6 + page.pk}">x</a></p>'
                NewsPageFactory(body=[("rich_text", leads_nowhere)])
            if end == "traductions/":
                translate_with_parents(page, english)
                translate(structure, english)

    english = Locale.objects.create(language_code="en")

    def cost() -> int:
        return count_queries(lambda: client.get(f"/admin/chiffres/{end}"))

    add(1)
    cost()
    before = cost()
    add(4)

    assert cost() == before


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_there_is_no_plot_of_nothing(values: list[int]) -> None:
    assert bar_chart(["janvier", "février"], {"Pages": values}) == ""


def test_a_plot_carries_no_script_and_no_style() -> None:
    plot = bar_chart(["<b>", "février"], {"Pages & fiches": [3, 4], "Autres": [0, 1]})

    assert not any(f"<{name}" in plot for name in ("script", "style", "b>", "title"))
    assert "Pages &amp; fiches" in plot
    assert 'aria-hidden="true"' in plot
