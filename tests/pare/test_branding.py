"""The administration is PARÉ's, and in French, from the first screen on."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django import forms
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from wagtail.admin.forms import choosers
from wagtail.models import Collection, Page

from core.blocks import TableBlock
from tests.factories import EmergencyNumberFactory

if TYPE_CHECKING:
    from core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

WAGTAILS_GUIDE = "guide.wagtail.org"


def words_of(html: str) -> str:
    body = re.sub(r"<(script|style|svg|template).*?</\1>", " ", html, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_people_sign_in_to_the_project_in_french() -> None:
    shown = Client().get("/admin/login/").content.decode()

    words = words_of(shown)
    assert "Se connecter à Projet PARÉ" in words.replace("\u00a0", " ")
    assert "Mot de passe *" in words
    assert not re.search(r"password|wagtail|sign in", words, re.I)
    assert 'autocomplete="current-password"' in shown
    assert "icons/favicon.svg" in shown


def test_a_wrong_password_is_explained_and_the_name_is_kept(director: User) -> None:
    response = Client().post(
        "/admin/login/", {"username": director.username, "password": "faux", "next": "/admin/"}
    )

    shown = response.content.decode()
    assert response.status_code == 200
    assert f'value="{director.username}"' in shown
    assert not re.search(r"please|didn't match", words_of(shown), re.I)


def test_an_address_of_no_screen_is_answered_by_the_project_in_french(director: User) -> None:
    client = Client()
    client.force_login(director)

    response = client.get("/admin/pas-la/")

    shown = response.content.decode()
    assert response.status_code == 404
    assert "icons/favicon.svg" in shown.partition("<main")[2]
    assert not re.search(r"wagtail|not found", words_of(shown), re.I)


def test_no_screen_leads_to_the_guide_of_wagtail(director: User) -> None:
    client = Client()
    client.force_login(director)

    shown = client.get("/admin/").content.decode()

    assert WAGTAILS_GUIDE not in shown
    assert "css/admin.css" in shown


def test_the_style_of_the_administration_is_served_from_here() -> None:
    path = finders.find("css/admin.css")
    assert isinstance(path, str)

    addresses = re.findall(r'url\("([^"]+)"\)', Path(path).read_text(encoding="utf-8"))

    assert addresses
    for address in addresses:
        assert finders.find(address.removeprefix("../")), address


def test_no_field_of_a_chooser_is_labelled_by_its_name() -> None:
    fields = {
        f"{form.__name__}.{name}": field.label
        for form in vars(choosers).values()
        if isinstance(form, type) and issubclass(form, forms.Form)
        for name, field in form.base_fields.items()
        if not field.widget.is_hidden
    }

    assert "ExternalLinkChooserForm.link_text" in fields
    assert [name for name, label in fields.items() if label is None] == []


def test_the_roots_of_the_tree_and_of_the_library_have_french_names() -> None:
    assert Page.objects.get(depth=1).draft_title == "Racine"
    assert Collection.objects.get(depth=1).name == "Racine"


def test_a_box_is_read_in_french(director: User) -> None:
    EmergencyNumberFactory(is_prominent=True)
    client = Client()
    client.force_login(director)

    shown = words_of(client.get("/admin/snippets/home/emergencynumber/").content.decode())

    assert not re.search(r"\b(True|False|None)\b", shown)


@pytest.mark.parametrize(
    "address",
    ["wagtailadmin_home", "wagtailusers_users:add", "wagtailusers_groups:add"],
)
def test_no_word_of_a_screen_is_left_in_english(director: User, address: str) -> None:
    client = Client()
    client.force_login(director)

    html = client.get(reverse(address)).content.decode()

    words = strip_tags(re.sub(r"<(script|style|svg|template).*?</\1>", " ", html, flags=re.S))
    buttons = re.findall(r'<input type="submit" value="([^"]+)"', html)
    assert re.findall(r"\b(?:None|Can \w+|Search|Translation|Submit)\b", words) == []
    assert set(buttons) <= {"Rechercher"}


def test_an_account_of_administration_makes_another(director: User) -> None:
    director.is_superuser = True
    director.save()
    client = Client()
    client.force_login(director)

    html = client.get(reverse("wagtailusers_users:add")).content.decode()

    assert 'name="is_superuser"' in html


def test_the_menu_of_tables_has_its_french() -> None:
    block = TableBlock().child_blocks["table"]
    path = finders.find("js/handsontable-fr.js")
    assert isinstance(path, str)

    code = block.table_options["language"]

    assert "js/handsontable-fr.js" in str(block.field.widget.media)
    assert f'languageCode: "{code}"' in Path(path).read_text(encoding="utf-8")
