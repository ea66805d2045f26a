"""What editors see: what the public reads now, what is only in a draft, what waits."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Workflow
from wagtail.snippets.models import get_snippet_models

from core.registry import find_schema, registered_models
from network.models import Structure
from published import columns
from published.columns import StandingColumn
from published.models import Item
from published.states import Standing, state_of, states_of
from review.addresses import edit_path
from review.workflow import WORKFLOW
from tests.factories import NewsPageFactory, news_index
from tests.factories.contributions import member
from tests.factories.network import StructureFactory
from tests.factories.review import approve
from tests.factories.world import page_factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

NBSP = "\u00a0"
MOMENT = dt.datetime(2026, 10, 3, 12, tzinfo=dt.UTC)


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def reviewer(db: None) -> User:
    return member("Relecture", first_name="Rosa", last_name="Bonheur")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    """Return what a screen shows, without tags, its spaces as one."""
    html = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def editor(user: User, thing: Any) -> str:
    response = signed_in(user).get(edit_path(type(thing), thing.pk))
    assert response.status_code == 200
    return text_of(response)


def published_by(user: User, page: Any) -> Any:
    page.save_revision(user=user).publish(user=user)
    return type(page).objects.get(pk=page.pk)


def changed_by(user: User, thing: Any, **values: Any) -> Any:
    thing = type(thing).objects.get(pk=thing.pk)
    for name, value in values.items():
        setattr(thing, name, value)
    thing.save_revision(user=user, changed=True)
    return type(thing).objects.get(pk=thing.pk)


def proposed_by(user: User, thing: Any) -> None:
    Workflow.objects.get(name=WORKFLOW).start(type(thing).objects.get(pk=thing.pk), user)


def make_page() -> Any:
    return NewsPageFactory(title="Journée", draft=True)


def make_structure() -> Any:
    return StructureFactory(name="Le Relais", draft=True)


MAKERS = [make_page, make_structure]


# In the editor


@pytest.mark.parametrize("make", MAKERS)
def test_the_editor_shows_since_when_the_public_reads_it(
    make: Callable[[], Any], coordinator: User
) -> None:
    with time_machine.travel(MOMENT):
        thing = published_by(coordinator, make())

    shown = editor(coordinator, thing)

    assert "En ligne depuis le 3 octobre 2026 à 14 h" in shown
    assert "Le brouillon est ce que lit le public" in shown
    assert "Voir ce que dit le site" in shown


def test_the_link_to_the_site_leads_to_what_the_public_reads(coordinator: User) -> None:
    page = published_by(coordinator, make_page())
    page = changed_by(coordinator, page, title="Autre titre", slug="autre")

    html = signed_in(coordinator).get(edit_path(type(page), page.pk)).content.decode()

    path = Item.objects.get(page=page).path
    links = re.findall(r'<a[^>]*href="([^"]+)"[^>]*>\s*Voir ce que dit le site', html)
    assert links == [path, path], "in the panel of the status, and beside the preview"
    assert re.findall(r'<a href="([^"]+)"[^>]*class="page-status-tag"', html) == [path]
    assert "Journée" in Client().get(path).content.decode()


@pytest.mark.parametrize("make", MAKERS)
def test_the_editor_names_what_is_only_in_the_draft(
    make: Callable[[], Any], coordinator: User, reviewer: User
) -> None:
    thing = published_by(coordinator, make())
    name = "title" if isinstance(thing, Page) else "name"
    thing = changed_by(reviewer, thing, **{name: "Autre nom"})

    response = signed_in(reviewer).get(edit_path(type(thing), thing.pk))
    shown = text_of(response)
    (link,) = re.findall(r'href="([^"]+)">\s*Voir les différences', response.content.decode())
    comparison = signed_in(reviewer).get(link)

    label = str(thing._meta.get_field(name).verbose_name).capitalize()
    assert f"Le brouillon n'est pas ce que lit le public Diffère : {label}" in shown
    assert "par Rosa Bonheur" in shown
    assert comparison.status_code == 200
    assert "Autre" in text_of(comparison)


def test_the_comparison_is_with_what_was_admitted_whatever_the_live_row_has(
    coordinator: User,
) -> None:
    page = published_by(coordinator, make_page())
    page = changed_by(coordinator, page, title="Brouillon")
    type(page).objects.filter(pk=page.pk).update(title="Par un script")
    page.revisions.exclude(pk=page.latest_revision_id).delete()

    address = reverse("published_compare", args=[page.cached_content_type.pk, page.pk])
    shown = text_of(signed_in(coordinator).get(address))

    assert "Journée" in shown
    assert "Brouillon" in shown
    assert "Par un script" not in shown


def test_the_editor_shows_what_waits_and_who_may_approve(coordinator: User, reviewer: User) -> None:
    page = changed_by(reviewer, make_page(), title="Proposée")
    assert "N'attend personne Proposez-le à la relecture quand il est prêt." in editor(
        reviewer, page
    )
    assert "Quand il est prêt, publiez-le ou proposez-le à la relecture." in editor(
        coordinator, page
    )

    proposed_by(reviewer, page)
    first = editor(reviewer, page)
    approve(page, reviewer)
    second = editor(reviewer, page)

    assert "Attend « Relecture éditoriale »" in first
    assert "Attend « Validation » Peut approuver : Ada Lovelace." in second


def test_the_editor_shows_who_is_asked_for_changes(coordinator: User, reviewer: User) -> None:
    page = changed_by(reviewer, make_page(), title="Proposée")
    proposed_by(reviewer, page)
    page = type(page).objects.get(pk=page.pk)
    page.current_workflow_task.on_action(
        page.current_workflow_task_state, coordinator, "reject", comment="À préciser"
    )

    assert "Des modifications sont demandées À Rosa Bonheur de modifier" in editor(reviewer, page)


def unpublish(page: Any, user: User) -> str:
    signed_in(user).post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
    return "N'est plus en ligne depuis le 3 octobre 2026 à 15 h Retiré par Ada Lovelace."


def expire(page: Any, user: User) -> str:
    type(page).objects.filter(pk=page.pk).update(expire_at=timezone.now())
    return "N'est plus en ligne depuis le 3 octobre 2026 à 15 h Sa date de fin est passée."


def restrict(page: Any, user: User) -> str:
    news_index().view_restrictions.create(restriction_type="login")
    return "Pas en ligne pour le public Réservé aux membres, par « Actualités »."


def end_by_sql(page: Any, user: User) -> str:
    type(page).objects.filter(pk=page.pk).update(live=False)
    return "Pas en ligne Dépublié."


@pytest.mark.parametrize("end", [unpublish, expire, restrict, end_by_sql])
def test_the_editor_shows_why_the_public_does_not_read_it(
    end: Callable[[Any, User], str], coordinator: User
) -> None:
    with time_machine.travel(MOMENT):
        page = published_by(coordinator, make_page())
    with time_machine.travel(MOMENT + dt.timedelta(hours=1)):
        expected = end(page, coordinator)

    html = signed_in(coordinator).get(edit_path(type(page), page.pk)).content.decode()

    assert expected in editor(coordinator, page)
    assert "Voir ce que dit le site" not in html, "nor in the header"
    assert "page-status-tag" not in html


def test_what_was_never_public_is_shown_as_such(reviewer: User) -> None:
    shown = editor(reviewer, changed_by(reviewer, make_page(), title="Jamais"))

    assert "Pas en ligne Le public n'en a encore rien lu." in shown
    assert "Tout est en brouillon" in shown


@pytest.mark.parametrize("model", registered_models(), ids=lambda model: model.__name__)
def test_every_kind_that_may_be_public_shows_where_it_stands(
    model: type[Any], coordinator: User
) -> None:
    makers = page_factories()
    thing = makers[model]() if model in makers else StructureFactory()

    assert "En ligne depuis le" in editor(coordinator, thing)


# In lists


def list_of(user: User, model: type[Any]) -> str:
    address = (
        reverse("wagtailadmin_explore", args=[news_index().pk])
        if issubclass(model, Page)
        else reverse(model.snippet_viewset.get_url_name("list"))
    )
    return text_of(signed_in(user).get(address))


def test_a_list_parts_what_is_public_from_what_is_not(coordinator: User, reviewer: User) -> None:
    published_by(coordinator, NewsPageFactory(title="Publiée", draft=True))
    changed = published_by(coordinator, NewsPageFactory(title="Changée", draft=True))
    changed_by(reviewer, changed, title="Changée depuis")
    draft = changed_by(reviewer, NewsPageFactory(title="Écrite", draft=True), title="Écrite")
    proposed_by(reviewer, draft)
    flipped = NewsPageFactory(title="Basculée", draft=True)
    Page.objects.filter(pk=flipped.pk).update(live=True)

    shown = list_of(reviewer, Page)

    assert re.search(r"Publiée.*?Ce que lit le public : En ligne(?! brouillon)", shown)
    assert re.search(r"Changée.*?Ce que lit le public : En ligne brouillon modifié", shown)
    assert re.search(r"Écrite.*?: Brouillon attend « Relecture éditoriale »", shown)
    assert re.search(r"Basculée.*?Ce que lit le public : Brouillon", shown)


def test_a_list_of_structures_does_the_same(coordinator: User, reviewer: User) -> None:
    structure = published_by(coordinator, make_structure())
    changed_by(reviewer, structure, name="Le Relais du port")
    StructureFactory(name="Maison", draft=True)

    shown = list_of(reviewer, Structure)

    assert re.search(r"Relais.*?Ce que lit le public : En ligne brouillon modifié", shown)
    assert re.search(r"Maison.*?Ce que lit le public : Brouillon", shown)


def test_every_kind_of_snippet_that_may_be_public_has_the_column() -> None:
    kinds = [model for model in get_snippet_models() if find_schema(model) is not None]

    assert kinds
    for model in kinds:
        shown = model.snippet_viewset.list_display
        assert any(isinstance(each, StandingColumn) for each in shown), model


@pytest.mark.parametrize("model", [Page, Structure])
def test_a_list_looks_where_its_rows_stand_at_once(
    model: type[Any], coordinator: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[int] = []

    def counted(things: Any) -> Any:
        with CaptureQueriesContext(connection) as queries:
            states = states_of(things)
        spent.append(len(queries))
        return states

    def add(count: int) -> None:
        for _number in range(count):
            maker = NewsPageFactory if model is Page else StructureFactory
            thing = published_by(coordinator, maker(draft=True))
            thing = changed_by(reviewer, thing, **{"title" if model is Page else "name": "Autre"})
            proposed_by(reviewer, thing)

    add(2)
    monkeypatch.setattr(columns, "states_of", counted)
    list_of(reviewer, model)
    add(2)
    list_of(reviewer, model)

    assert spent == [4, 4]


def test_states_are_looked_up_together(coordinator: User, django_assert_num_queries: Any) -> None:
    pages = [published_by(coordinator, make_page()) for _number in range(3)]
    structures = [published_by(coordinator, make_structure()) for _number in range(3)]
    state_of(pages[0]), state_of(structures[0])

    with django_assert_num_queries(8):
        states = states_of([*pages, *structures])

    assert {state.standing for state in states.values()} == {Standing.ONLINE}
