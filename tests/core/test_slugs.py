"""Slugs: ASCII made well from French, and the same in the browser as on the server."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import html5lib
import pytest
from django import forms
from django.contrib.admin.utils import quote
from django.urls import reverse
from wagtail.admin.forms.pages import CopyForm
from wagtail.models import Locale

from core.admin.slugs import SlugInput
from core.models import Theme
from core.slugs import make_slug, slug_formatters
from network.models import Structure
from resources.models import NewsPage
from scripts import node
from tests.factories import NewsPageFactory, UserFactory, news_index

if TYPE_CHECKING:
    from django.test import Client

TITLES = {
    "Guide test de l'éditrice": "guide-test-de-l-editrice",
    "L’œuvre d’Éric, ça et là": "l-oeuvre-d-eric-ca-et-la",
    "Les mineurs prostitué·es : qu'en dit‑on ?": "les-mineurs-prostitue-es-qu-en-dit-on",
    "Mineur•e•s, éducateur.rice.s et prostitué(e)s": (
        "mineur-e-s-educateur-rice-s-et-prostitue-e-s"
    ),
    "« Je gère » – 2,5 % des élèves": "je-gere-2-5-des-eleves",
    "  N° 12 — 1ʳᵉ journée, m² & co  ": "n-12-1re-journee-m2-co",
    "L\u2019e\u0301te\u0301 de\xa0l\u2019ASE": "l-ete-de-l-ase",
    "co\u00adordination": "coordination",
    "😀 Bonjour ❤️": "bonjour",
    "ÆSOP, NIÑO, straße, Łódź": "aesop-nino-strasse-lodz",
    "déjà_vu.pdf": "deja_vu-pdf",
    "حماية القاصرين، الآن؟": "حماية-القاصرين-الآن",
    "…": "",
}


@pytest.mark.parametrize("title,slug", TITLES.items())
def test_a_slug_is_readable_ascii(title: str, slug: str) -> None:
    assert make_slug(title) == slug
    assert make_slug(slug) == slug


def test_a_slug_has_the_length_and_the_letters_that_its_field_takes() -> None:
    assert make_slug("l'été dernier", max_length=6) == "l-ete"
    assert make_slug("حماية 119", ascii_only=True) == "119"


def test_the_browser_makes_the_same_slugs() -> None:
    if reason := node.why_not():
        pytest.skip(reason)
    patterns = json.loads(SlugInput().attrs["data-w-slug-formatters-value"])
    # What Wagtail's controller does: trims, applies what it was given, lowers and drops the rest.
    script = f"""
        const patterns = {json.dumps(patterns)};
        const make = (title) => patterns
            .reduce((t, [[p, f], by]) => t.replaceAll(new RegExp(p, f), by), title.trim())
            .toLowerCase().replace(/[^-_\\p{{L}}\\p{{N}}\\s]/gu, '').replace(/[-\\s]+/g, '-')
            .substring(0, 255).replace(/-+$/g, '');
        console.log(JSON.stringify({json.dumps(list(TITLES))}.map(make)));
    """
    done = subprocess.run(
        ["node", "--eval", script], capture_output=True, text=True, timeout=60, check=True
    )

    assert len(patterns) == len(slug_formatters())
    assert json.loads(done.stdout) == list(TITLES.values())


@pytest.mark.django_db
def test_a_page_made_by_code_has_such_a_slug() -> None:
    index = news_index()

    first, second = (
        index.add_child(instance=NewsPage(title="Guide de l'éditrice", slug="", date="2026-01-01"))
        for _ in range(2)
    )

    assert [first.slug, second.slug] == ["guide-de-l-editrice", "guide-de-l-editrice-2"]


@pytest.mark.django_db
def test_every_form_with_a_slug_has_the_field_that_makes_it() -> None:
    copying = CopyForm(page=NewsPageFactory(), user=UserFactory(is_superuser=True))
    editing = NewsPage.get_edit_handler().get_form_class()

    for field in (copying.fields["new_slug"], editing.base_fields["slug"]):
        assert isinstance(field, forms.SlugField)
        assert "data-w-slug-formatters-value" in field.widget.attrs


@pytest.mark.django_db
def test_a_structure_has_such_a_slug() -> None:
    assert Structure(name="L'Amicale du Nid – Île-de-France").slug == (
        "l-amicale-du-nid-ile-de-france"
    )
    assert Structure(name="حماية", locale=Locale.get_default()).slug == "structure"


@pytest.mark.django_db
def test_the_slug_of_a_term_follows_its_label_until_it_is_saved(editor_client: Client) -> None:
    theme = Theme.objects.filter(locale=Locale.get_default()).first()
    assert theme is not None
    add, edit = reverse("wagtailsnippets_core_theme:add"), "wagtailsnippets_core_theme:edit"

    new, old = (
        html5lib.parse(editor_client.get(address).content, namespaceHTMLElements=False)
        for address in (add, reverse(edit, args=[quote(theme.pk)]))
    )

    apply = "keyup->w-sync#apply"
    assert apply in new.find('.//input[@id="id_label"]').get("data-action")
    assert apply not in (old.find('.//input[@id="id_label"]').get("data-action") or "")
