"""The reading of a draft: it explains and points at the words, and refuses nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from wagtail.models import Locale

from core.models import Audience, Document
from resources.models import NewsPage
from review.proofreading.findings import Topic
from review.proofreading.passages import Passage, Place, find_passages
from review.proofreading.people import first_names
from review.proofreading.reading import read_draft, read_translation
from review.proofreading.sources import check_numbers
from review.proofreading.terminology import load_entries
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    full_body,
    stream,
)
from tests.factories.contributions import member
from tests.factories.network import StructureFactory
from tests.factories.translations import translate_with_parents, translation_in, write_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail_localize.models import Translation

    from core.models import User
    from home.models import HomePage
    from review.proofreading.findings import Finding

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def read(summary: str = "", *blocks: tuple[str, Any]) -> list[Finding]:
    page = NewsPage(title="Titre", summary=summary, body=stream(*blocks))
    page.locale = Locale.get_default()
    return read_draft(page)


def words_of(findings: list[Finding], topic: Topic) -> list[str]:
    return [each.words for each in findings if each.topic is topic]


@pytest.mark.parametrize(
    "text,words",
    [
        ("La pédopornographie en ligne", "pédopornographie"),
        ("des images pédopornographiques", "pédopornographiques"),
        ("la prostitution enfantine", "prostitution enfantine"),
        ("un mineur prostitué", "mineur prostitué"),
        ("les mineur·es prostitué·es", "mineur·es prostitué·es"),
        ("les prostituées mineures", "prostituées mineures"),
        ("une travailleuse du sexe mineure", "travailleuse du sexe mineure"),
        ("le tourisme sexuel", "tourisme sexuel"),
        ("Le client paie.", "client"),
        ("Elle se prostitue.", "se prostitue"),
        ("une relation consentie", "relation consentie"),
        ("une mineure consentante", "mineure consentante"),
        ("le michetonnage", "michetonnage"),
        ("un loverboy", "loverboy"),
    ],
)
def test_a_word_to_avoid_is_pointed_at_with_what_to_write(text: str, words: str) -> None:
    (finding,) = read(f"Ils disent : {text}. Fin.")

    assert finding.topic is Topic.WORDS
    assert finding.words == words
    assert "Plutôt : « " in finding.advice or "Plutôt : dites" in finding.advice
    assert finding.place is not None
    assert finding.place.label == "Résumé"


@pytest.mark.parametrize(
    "text",
    [
        "La lutte contre la prostitution des mineurs",
        "Des mineur·es victimes de prostitution",
        "La clientèle, le clientélisme et une passerelle",
        "Le consentement s'apprend à l'école.",
        "Prévention de l'exploitation sexuelle des enfants",
    ],
)
def test_the_right_words_are_left_alone(text: str) -> None:
    assert read(text) == []


def test_each_word_has_a_replacement_and_a_reason() -> None:
    assert len(load_entries()) > 10
    for entry in load_entries():
        assert entry.instead
        assert entry.why.endswith(".")
    assert len(first_names()) > 400


@pytest.mark.parametrize(
    "text",
    [
        "Léa, 15 ans, vit à Roubaix.",
        "À Lyon, Inès a 14 ans quand tout commence.",
        "Mamadou (16\xa0ans) est accueilli dans un foyer près de Saint-Denis.",
    ],
)
def test_a_first_name_an_age_and_a_place_are_found(text: str) -> None:
    (finding,) = read(text)

    assert finding.topic is Topic.PEOPLE
    assert finding.title == "Un prénom, un âge et un lieu"
    assert any(character.isdigit() for character in finding.words)


@pytest.mark.parametrize(
    "text",
    [
        "Léa, 15 ans, raconte.",
        "À Roubaix, une jeune fille de 15 ans raconte.",
        "Claire Martin dirige la structure à Lyon depuis 25 ans.",
        "Les 13 à 17 ans sont les plus touchés en France.",
    ],
)
def test_two_of_the_three_are_not_enough(text: str) -> None:
    assert words_of(read(text), Topic.PEOPLE) == []


def test_a_face_or_a_place_in_the_description_of_a_picture_is_found() -> None:
    alt = "Visage d'une adolescente devant le collège Jules-Ferry"
    picture = {"image": ImageFactory().pk, "alt_text": alt, "decorative": False}

    findings = read("", ("image", {"image": picture, "caption": ""}))

    assert words_of(findings, Topic.PEOPLE) == ["Visage", "collège Jules-Ferry"]
    assert findings[0].place is not None
    assert findings[0].place.label == "Contenu, bloc 1 (Image)"
    assert findings[0].place.block_id


def test_a_page_for_young_people_gives_a_number() -> None:
    young = Audience.objects.get(slug="mineurs", locale__language_code="fr")
    page = ResourcePageFactory()
    assert read_draft(page) == []

    page.audiences = [young]
    assert [each.topic for each in read_draft(page)] == [Topic.HELP]

    page.summary = "Appelle le 30\xa018."
    assert read_draft(page) == []


def test_figures_have_a_source_and_a_date() -> None:
    figures = [
        {"value": "7 000", "label": "mineurs", "source": "", "source_url": ""},
        {"value": "13", "label": "ans", "source": "Une enquête", "source_url": ""},
        {"value": "80 %", "label": "filles", "source": "Rapport, 2021", "source_url": ""},
    ]
    text = "<p>Ils sont 12 000. Appelez le 116 000.</p><p>Selon le rapport, 40 %.</p>"

    findings = read("", ("key_figures", {"figures": figures}), ("rich_text", text))

    assert [(each.title, each.words) for each in findings] == [
        ("Chiffre clé sans source", "7 000 mineurs"),
        ("Chiffre clé sans date", "13 ans"),
        ("Chiffre sans source", "12 000"),
    ]


def test_links_name_their_targets() -> None:
    text = (
        '<p>Voir <a href="https://example.org/">ici</a>, <a href="https://example.org/"></a>'
        ' ou <a href="https://example.org/">le guide</a>.</p>'
    )

    findings = read("", ("rich_text", text))

    assert [each.title for each in findings] == [
        "Lien qui ne dit pas où il mène",
        "Lien sans texte",
    ]


@pytest.mark.parametrize(
    "is_tagged,state,title",
    [
        (False, Document.TextState.READ, "PDF non balisé"),
        (None, Document.TextState.SCANNED, "Document sans texte"),
        (True, Document.TextState.READ, None),
        (None, Document.TextState.READ, None),
    ],
)
def test_a_document_that_can_t_be_read_aloud_is_named(
    is_tagged: bool | None, state: str, title: str | None
) -> None:
    document = DocumentFactory(title="Le guide")
    Document.objects.filter(pk=document.pk).update(is_tagged=is_tagged, text_state=state)

    findings = read("", ("document", {"document": document.pk, "title": ""}))

    assert [(each.title, each.place and each.place.label) for each in findings] == (
        [(title, "Le guide")] if title else []
    )


def test_quotes_keep_their_words() -> None:
    (finding,) = read("", ("quote", {"text": "Mon client m'attendait.", "attribution": ""}))

    assert "citation" in finding.advice


def test_every_block_is_read() -> None:
    body = full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
    page = StandardPageFactory(body=body)

    texts = " ".join(passage.text for passage in find_passages(page))

    for words in (
        *("Ce que vous pouvez faire", "Une main tendue", "Une légende", "On m'a écoutée."),
        *("Le guide complet", "Bonjour.", "7 000 à 10 000", "Appeler le 119", "Qui appeler ?"),
        *("Qui fait quoi", "ASE"),
    ):
        assert words in texts


def test_a_longer_draft_costs_no_query_more(count_queries: Callable[..., int]) -> None:
    def body(size: int) -> str:
        picture = {"image": ImageFactory().pk, "alt_text": "Une main", "decorative": False}
        block = ("image", {"image": picture, "caption": ""})
        file = ("document", {"document": DocumentFactory().pk, "title": ""})
        return stream(*[block, file] * size)

    short, long = (NewsPageFactory(body=body(size)) for size in (1, 6))
    read_draft(short)
    for page in (short, long):
        page.refresh_from_db()

    assert count_queries(lambda: read_draft(short)) == count_queries(lambda: read_draft(long))


@pytest.mark.parametrize("group", ["Coordination", "Relecture"])
def test_who_writes_and_who_reviews_see_the_advice_and_save_as_before(group: str) -> None:
    page = NewsPageFactory(summary="La prostitution enfantine")
    structure = StructureFactory(description="<p>Pour les mineurs prostitués</p>")
    client = Client()
    client.force_login(member(group, group.lower()))

    for address, words in (
        (reverse("wagtailadmin_pages:edit", args=[page.pk]), "prostitution enfantine"),
        (f"/admin/snippets/network/structure/edit/{structure.pk}/", "mineurs prostitués"),
    ):
        html = client.get(address).content.decode()
        assert 'data-side-panel="proofreading"' in html
        assert f"<mark>{words}</mark>" in html
        assert "Mot à éviter" in html
        assert "css/proofreading" in html


@pytest.mark.parametrize(
    "link", ["click here", "Read more", "this link", "هنا", "اضغط هنا", "اقرأ المزيد"]
)
def test_a_link_that_names_nothing_is_found_in_other_languages(link: str) -> None:
    assert words_of(read("", ("rich_text", f'<p><a href="/x">{link}</a></p>')), Topic.LINKS) == [
        link
    ]


@pytest.mark.parametrize(
    "source, translated, lost",
    [
        ("Appelez le 119, puis le 3018.", "Call 119, then 3018.", []),
        ("Appelez le 119.", "اتصلوا على ١١٩.", []),
        ("7 000 à 10 000 enfants, 25 %", "7,000 to 10,000 children, 25%", []),
        ("Appelez le 119, puis le 3018.", "Call 911, then 3018.", ["119"]),
        ("En 2026, 7 000 enfants", "In 2025, 700 children", ["2026", "7000"]),
        ("À 14 h 30, le 8 mars", "At 2.30 p.m., on March 8th", []),
        ("https://exemple.fr/page119", "https://example.org/", []),
    ],
)
def test_a_number_that_a_translation_lost_is_found(
    source: str, translated: str, lost: list[str]
) -> None:
    before, after = ([Passage(text, Place("Texte"))] for text in (source, translated))

    assert [each.words for each in check_numbers(before, after)] == lost


LINK = '<a id="a1">%s</a>'
"""As the texts to translate have it."""


@pytest.fixture
def translation(home: HomePage) -> Translation:
    english = Locale.objects.create(language_code="en")
    page = ResourcePageFactory(
        title="Que faire ?",
        summary="Appelez le 119.",
        audiences=list(Audience.objects.filter(slug="mineurs")),
        body=stream(("rich_text", '<p><a href="https://exemple.fr">Le guide</a></p>')),
    )
    found = translation_in(translate_with_parents(page, english))
    write_words(found, {"Appelez le 119.": "Call 911.", LINK % "Le guide": LINK % "Here"})
    return found


def test_who_translates_reads_advice_on_the_words_of_the_translation(
    translation: Translation, reviewer: User
) -> None:
    page = translation.get_target_instance()
    client = Client()
    client.force_login(reviewer)

    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()

    assert 'data-side-panel="proofreading"' in html
    assert "css/proofreading" in html
    for advice in ("Lien qui ne dit pas où il mène", "Ni 119 ni 3018", "n'est pas dans la trad"):
        assert escape(advice) in html
    assert "<mark>119</mark>" in html
    assert "#block-" not in html


def test_the_advice_follows_a_text_that_was_just_saved(translation: Translation) -> None:
    assert {each.topic for each in read_translation(translation)} == {
        Topic.HELP,
        Topic.SOURCES,
        Topic.LINKS,
    }

    write_words(
        translation, {"Appelez le 119.": "Call 119.", LINK % "Le guide": LINK % "The guide"}
    )

    assert read_translation(translation) == []
