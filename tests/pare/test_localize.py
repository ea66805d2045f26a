"""Every page type and every vocabulary can be translated from the first migration."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import polib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from wagtail.models import Locale, TranslatableMixin, WorkflowState
from wagtail.snippets.models import get_snippet_models
from wagtail_localize.models import (
    OverridableSegment,
    StringSegment,
    StringTranslation,
    Translation,
    TranslationSource,
)

from core.models import Audience, ResourceType, Territory, Theme
from core.registry import page_types
from home.models import HomePage, StandardPage
from resources.models import NewsPage
from review.actors import acting
from tests.factories import (
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    publish,
    resource_index,
    stream,
)
from tests.factories.contributions import member, ticks
from tests.factories.events import SECRET, WebinarPageFactory
from tests.factories.network import StructureFactory
from tests.factories.translations import translate, translation_in, write_words

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(db: None) -> Locale:
    return Locale.objects.create(language_code="en")


def test_whatever_has_words_is_translatable() -> None:
    models = [*page_types(), *get_snippet_models()]

    assert all(issubclass(m, TranslatableMixin) for m in models if m is not Territory)


def write(translation: Translation, words: dict[str, str]) -> None:
    """Translate as a translator does with a PO file, and publish."""
    write_words(translation, words)
    with acting(system="demonstration"):
        translation.save_target(publish=True)


def test_a_translation_follows_what_its_page_chooses_among(home: HomePage, english: Locale) -> None:
    """What wagtail-localize alone does not do: it leaves many-to-many fields as they were."""
    translate(home, english)
    themes = {slug: Theme.objects.get(slug=slug) for slug in ("soin", "fugue")}
    page = ResourcePageFactory(themes=[themes["soin"]], audiences=Audience.objects.all()[:2])
    translate(page.get_parent().specific, english)
    translate(page, english)
    source = TranslationSource.objects.get_for_instance(page)

    page.themes = [themes["fugue"]]
    page.audiences = []
    page.resource_type = ResourceType.objects.get(slug="rapport")
    publish(page)
    source.update_from_db()
    with acting(system="demonstration"):
        Translation.objects.get(source=source).save_target()

    translated = page.get_translation(english)
    assert [theme.slug for theme in translated.themes.all()] == ["fugue"]
    assert list(translated.audiences.all()) == []
    assert translated.resource_type.slug == "rapport"


def test_a_translated_page_leads_to_translations(home: HomePage, english: Locale) -> None:
    """Pages are chosen once, in French: links, teasers and sections follow the reader."""
    known, unknown = StandardPageFactory(title="Connue"), StandardPageFactory(title="Inconnue")
    body = stream(
        (
            "rich_text",
            f'<p><a linktype="page" id="{known.pk}">a</a> '
            f'<a linktype="page" id="{unknown.pk}">b</a></p>',
        ),
        ("linked_content", {"title": "", "pages": [known.pk, unknown.pk]}),
        (
            "call_to_action",
            {"title": "c", "text": "", "button": "d", "page": known.pk, "url": ""},
        ),
    )
    related = ResourcePageFactory(title="Ressource")
    page = NewsPageFactory(body=body, linked_resource=related)
    home.sections = stream(
        ("latest", {"title": "Ressources", "section": resource_index().pk, "count": 3})
    )
    publish(home)
    for each in (home, resource_index(), page.get_parent().specific, known, page, related):
        translate(each, english)
    for each, title in ((known, "Known"), (related, "Resource"), (home, "Home")):
        copy = each.get_translation(english)
        copy.title = title
        publish(copy)
    for each in (resource_index(), page.get_parent().specific):
        publish(each.get_translation(english))

    data = page.get_translation(english).to_schema("")
    text, linked, action = data.body
    paths = re.findall(r'href="([^"]+)"', text.html)
    assert paths == [known.get_translation(english).url, unknown.url]
    assert [(teaser.title, teaser.is_fallback) for teaser in linked.items] == [
        ("Known", False),
        ("Inconnue", True),
    ]
    assert action.url == known.get_translation(english).url
    assert data.linked_resource.title == "Resource"
    (section_,) = home.get_translation(english).to_schema("").sections
    assert section_.link.path == resource_index().get_translation(english).url
    assert [teaser.title for teaser in section_.items] == ["Resource"]
    assert page.to_schema("").body[1].items[0].title == "Connue"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Theme.objects.get(slug="soin"),
        EmergencyNumberFactory,
        FunderFactory,
    ],
    ids=["theme", "emergency number", "funder"],
)
def test_a_snippet_can_be_submitted_for_translation(english: Locale, make: Any) -> None:
    snippet = make()

    assert translate(snippet, english).locale == english


def test_an_editor_submits_a_page(home: HomePage, english: Locale, editor_client: Client) -> None:
    page = StandardPageFactory(title="À propos", slug="a-propos")
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])

    assert editor_client.get(address).status_code == 200
    response = editor_client.post(address, {"locales": [english.pk], "include_subtree": ""})

    assert response.status_code == 302
    translated = StandardPage.objects.get(locale=english)
    assert translated.get_parent().specific == home.get_translation(english)
    editing = editor_client.get(reverse("wagtailadmin_pages:edit", args=[translated.pk]))
    assert editing.status_code == 200


def segments(instance: Any, locale: Locale) -> str:
    """Return all that a translator is given of something."""
    source, _ = TranslationSource.update_or_create_from_instance(instance)
    translation = Translation.objects.create(source=source, target_locale=locale)
    return "\n".join(entry.msgid for entry in translation.export_po())


def test_a_confidential_address_is_given_to_no_translator(english: Locale) -> None:
    shelter = StructureFactory(name="Foyer", shelter=True, description="Une maison.")

    given = segments(shelter, english)

    assert "Une maison." in given
    for secret in (shelter.street, shelter.postcode, shelter.municipality):
        assert secret
        assert secret not in given


def test_a_join_link_is_given_to_no_translator(home: HomePage, english: Locale) -> None:
    event = WebinarPageFactory()
    translate(home, english)
    translate(event.get_parent().specific, english)

    assert SECRET not in segments(event, english)


def test_what_filters_and_telephones_take_is_the_same_in_every_language(english: Locale) -> None:
    theme = Theme.objects.get(slug="soin")
    number = EmergencyNumberFactory(number="116 000")

    assert "soin" not in segments(theme, english).splitlines()
    assert "116 000" not in segments(number, english)
    source = TranslationSource.objects.get_for_instance(theme)
    with acting(system="demonstration"):
        Translation.objects.get(source=source).save_target()
    assert theme.get_translation(english).slug == "soin"


def test_a_machine_translates_only_where_one_was_chosen(
    home: HomePage, english: Locale, editor_client: Client, settings: Any
) -> None:
    page = StandardPageFactory(title="Le projet", slug="le-projet")
    translate(home, english)
    translated = translate(page, english)
    translation = Translation.objects.get(source__object_id=page.translation_key)
    editing = reverse("wagtailadmin_pages:edit", args=[translated.pk])
    ask = reverse("wagtail_localize:machine_translate", args=[translation.pk])
    assert ask not in editor_client.get(editing).content.decode()
    assert editor_client.post(ask).status_code == 404

    settings.WAGTAILLOCALIZE_MACHINE_TRANSLATOR = {
        "CLASS": "wagtail_localize.machine_translators.dummy.DummyTranslator"
    }
    assert ask in editor_client.get(editing).content.decode()
    editor_client.post(ask)

    done, total = translation.get_progress()[::-1]
    assert done == total


def test_the_dashboard_lists_structures_to_translate_again(
    english: Locale, editor_client: Client, count_queries: Any
) -> None:
    structure = StructureFactory(name="La Passerelle", description="<p>Un accueil de jour.</p>")
    translated = translate(structure, english)
    address = reverse(structure.snippet_viewset.get_url_name("edit"), args=[translated.pk])

    def shown() -> str:
        return editor_client.get("/admin/").content.decode()

    assert address in shown()
    write(translation_in(translated), {})
    assert "Traductions à reprendre" not in shown()

    structure.refresh_from_db()
    structure.description = "<p>Un accueil de jour et de nuit.</p>"
    publish(structure)

    assert "Le contenu français a changé" in shown()
    few = count_queries(shown)
    for _ in range(3):
        translate(StructureFactory(description="<p>Un accueil.</p>"), english)
    assert count_queries(shown) == few


def test_the_dashboard_lists_what_is_to_translate_again(
    home: HomePage,
    english: Locale,
    editor_client: Client,
    count_queries: Any,
) -> None:
    def shown() -> str:
        return editor_client.get("/admin/").content.decode()

    page = StandardPageFactory(title="Le projet")
    translate(home, english)
    translate(page, english)
    assert "Des textes ne sont pas encore traduits" in shown()
    for source in TranslationSource.objects.all():
        write(Translation.objects.get(source=source), {"Le projet": "The project"})
    assert "Traductions à reprendre" not in shown()

    page.title = "Le projet PARÉ"
    publish(page)

    assert "The project" in shown()
    assert "La page française a changé" in shown()
    few = count_queries(shown)
    for number in range(5):
        other = StandardPageFactory(title=f"Page {number}")
        translate(other, english)
    assert count_queries(shown) == few


@pytest.fixture
def translated(home: HomePage, english: Locale) -> NewsPage:
    """News in English, all of whose texts are still to be translated."""
    page = NewsPageFactory(title="Une actualité", summary="Un résumé.")
    for each in (home, page.get_parent().specific, page):
        translate(each, english)
    return page.get_translation(english)


@pytest.mark.parametrize("group", ["Direction", "Coordination", "Relecture"])
def test_everyone_in_the_team_may_have_a_page_translated(
    group: str, english: Locale, client: Client
) -> None:
    page = StandardPageFactory(title="À propos", slug="a-propos")
    client.force_login(member(group))

    response = client.post(
        reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
        {"locales": [english.pk], "include_subtree": ""},
    )

    assert response.status_code == 302
    assert StandardPage.objects.filter(locale=english).exists()


def test_a_translator_writes_texts_and_exchanges_po_files(
    translated: NewsPage, client: Client
) -> None:
    client.force_login(member("Relecture"))
    translation = translation_in(translated)
    summary = StringSegment.objects.get(source=translation.source, context__path="summary")

    written = client.put(
        reverse("wagtail_localize:edit_string_translation", args=[translation.pk, summary.pk]),
        "value=A+summary.",
        content_type="application/x-www-form-urlencoded",
    )
    given = client.get(reverse("wagtail_localize:download_pofile", args=[translation.pk]))
    po = polib.pofile(given.content.decode())
    po.find("Une actualité").msgstr = "Some news"
    file = SimpleUploadedFile("en.po", str(po).encode())
    imported = client.post(
        reverse("wagtail_localize:upload_pofile", args=[translation.pk]), {"file": file}
    )

    assert (written.status_code, imported.status_code) == (201, 302)
    assert po.find("Un résumé.").msgstr == "A summary."
    shown = client.get(reverse("wagtailadmin_pages:edit", args=[translated.pk])).content.decode()
    assert "Some news" in shown
    assert "A summary." in shown


def test_a_document_may_be_another_one_in_a_language_while_dates_follow_the_french(
    home: HomePage, english: Locale, client: Client
) -> None:
    page = ResourcePageFactory(document=DocumentFactory(), published_on=dt.date(2024, 4, 3))
    for each in (home, page.get_parent().specific, page):
        translate(each, english)
    translation = translation_in(page.get_translation(english))
    segment = OverridableSegment.objects.get(source=translation.source, context__path="document")
    guide = DocumentFactory(title="Guide in English")
    client.force_login(member("Relecture"))

    chosen = client.put(
        reverse("wagtail_localize:edit_override", args=[translation.pk, segment.pk]),
        f"value={guide.pk}",
        content_type="application/x-www-form-urlencoded",
    )
    page.published_on = dt.date(2025, 1, 2)
    publish(page)
    translation.source.update_from_db()
    with acting(system="demonstration"):
        translation.save_target()

    assert chosen.status_code == 201
    translated = page.get_translation(english)
    assert translated.document == guide
    assert translated.published_on == dt.date(2025, 1, 2)
    assert page.document != guide


def test_a_translation_is_published_by_the_review(translated: NewsPage, client: Client) -> None:
    translator, director, coordinator = map(member, ("Relecture", "Direction", "Coordination"))
    translation = translation_in(translated)
    po = translation.export_po()
    po.find("Une actualité").msgstr = "Some news"
    translation.import_po(po)
    client.force_login(translator)
    address = reverse("submit_translation_for_review", args=[translated.pk])
    editing = reverse("wagtailadmin_pages:edit", args=[translated.pk])

    assert address in client.get(editing).content.decode()
    refused = client.post(editing, {"action": "publish"})
    assert refused.status_code == 302
    assert not NewsPage.objects.get(pk=translated.pk).live
    assert client.get(address).status_code == 200
    assert client.post(address).url == editing
    shown = client.get(editing).content.decode()
    assert address not in shown
    assert "Cette traduction est en relecture" in shown

    for reviewer in (director, coordinator):
        page = NewsPage.objects.get(pk=translated.pk)
        assert not page.live
        client.force_login(reviewer)
        state = page.current_workflow_task_state
        approved = client.post(
            reverse("wagtailadmin_pages:workflow_action", args=[page.pk, "approve", state.pk]),
            dict.fromkeys(ticks(), "on"),
        )
        assert approved.status_code in {200, 302}
    page = NewsPage.objects.get(pk=translated.pk)
    assert (page.live, page.title) == (True, "Some news")


def test_only_a_translation_that_one_may_edit_is_handed_over(
    translated: NewsPage, client: Client
) -> None:
    french = NewsPage.objects.get(locale__language_code="fr")
    address = "submit_translation_for_review"
    client.force_login(member("Partenaires"))

    assert client.post(reverse(address, args=[translated.pk])).status_code == 403
    client.force_login(member("Relecture"))
    assert client.post(reverse(address, args=[french.pk])).status_code == 302
    assert not WorkflowState.objects.exists()


def test_the_day_of_a_translated_text_is_that_of_paris_in_french() -> None:
    after_midnight = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)
    row = StringTranslation(
        updated_at=after_midnight, translation_type=StringTranslation.TRANSLATION_TYPE_MANUAL
    )

    with override("fr"):
        assert row.get_comment() == "Traduit manuellement le 1er novembre 2026"
