"""The ledger as people read it: that of a page or snippet, and for Direction that of the site."""

from __future__ import annotations

import ast
import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from wagtail.models import Page

from network.models import Structure
from published.admission import admit, withdraw
from published.history import REASONS, Event, entries, entries_of, rows_of
from published.models import LedgerEntry
from review.actors import Actor
from review.records import record_schedule
from tests.factories import NewsPageFactory, media
from tests.factories.contributions import member
from tests.factories.network import StructureFactory
from tests.factories.review import approve
from tests.published.test_editors import (
    changed_by,
    proposed_by,
    published_by,
    signed_in,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

pytestmark = pytest.mark.django_db

REPORT = "published_ledger_report"
ROLES = ("Direction", "Coordination", "Relecture", "Partenaires")


@pytest.fixture
def coordinator(db: None) -> User:
    return member("Coordination", first_name="Ada", last_name="Lovelace")


@pytest.fixture
def reviewer(db: None) -> User:
    return member("Relecture", first_name="Rosa", last_name="Bonheur")


@pytest.fixture
def director(db: None) -> User:
    return member("Direction", first_name="Marie", last_name="Curie")


@pytest.fixture
def page(coordinator: User, reviewer: User) -> Any:
    """A page that was published, changed after a review, and withdrawn."""
    page = published_by(coordinator, NewsPageFactory(title="Journée", draft=True))
    page = changed_by(reviewer, page, title="Journée d'étude", summary="Autre résumé.")
    proposed_by(reviewer, page)
    approve(page, reviewer)
    approve(page, coordinator)
    page = type(page).objects.get(pk=page.pk)
    assert not page.has_unpublished_changes
    signed_in(coordinator).post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]))
    return page


def path_of(thing: Any) -> str:
    key = ContentType.objects.get_for_model(thing).pk
    return reverse("published_ledger", args=[key, thing.pk])


def lines_of(thing: Any) -> list[tuple[str, list[str] | None, str, str]]:
    return [(row.event, row.fields, row.by, row.approved_by) for row in rows_of(entries_of(thing))]


# Of a page or snippet


def test_each_entry_has_what_changed_its_author_and_its_approvers(page: Any) -> None:
    assert lines_of(page) == [
        (Event.WITHDRAWN, [], "Ada Lovelace", ""),
        (Event.CHANGED, ["Résumé", "Titre"], "Ada Lovelace", "Rosa Bonheur et Ada Lovelace"),
        (Event.PUBLISHED, [], "Ada Lovelace", ""),
    ]


def test_the_ledger_of_a_page_is_read_by_who_may_edit_it(page: Any, reviewer: User) -> None:
    shown = text_of(signed_in(reviewer).get(path_of(page)))

    assert re.search(r"Modifié .{,40} Résumé et Titre Comparer les deux versions", shown)
    people = "Ada Lovelace Approuvé par Rosa Bonheur et Ada Lovelace"
    assert f"{people} Relecture par deux personnes" in shown
    assert "Retrait à la main" in shown
    assert "Publication directe" in shown


def test_the_versions_of_an_entry_are_compared(page: Any, reviewer: User) -> None:
    response = signed_in(reviewer).get(path_of(page))
    (line,) = [line for line in response.context["table"].data if line.compare_url]

    comparison = text_of(signed_in(reviewer).get(line.compare_url))

    assert "Autre résumé." in comparison


def test_what_changed_is_known_when_old_revisions_are_gone(page: Any, reviewer: User) -> None:
    page.revisions.exclude(pk=page.latest_revision_id).delete()

    (row,) = [row for row in rows_of(entries_of(page)) if row.event == Event.CHANGED]

    assert row.fields == ["Résumé", "Titre"]
    assert row.revisions is None


def test_the_ledger_of_a_structure_too(coordinator: User, reviewer: User) -> None:
    structure = published_by(coordinator, StructureFactory(name="Le Relais", draft=True))
    structure = changed_by(coordinator, structure, name="Le Relais du port")
    structure.get_latest_revision().publish(user=coordinator)

    response = signed_in(reviewer).get(path_of(structure))

    assert [row[:2] for row in lines_of(structure)] == [
        (Event.CHANGED, ["Nom"]),
        (Event.PUBLISHED, []),
    ]
    assert "Comparer les deux versions" in text_of(response)


def test_who_is_gone_is_shown_as_such(page: Any, reviewer: User, coordinator: User) -> None:
    gone = "une personne dont le compte n'existe plus"
    coordinator.delete()

    changed = lines_of(page)[1]

    assert changed[2:] == (gone, f"Rosa Bonheur et {gone}")


def test_the_program_is_not_taken_for_somebody_who_is_gone(page: Any) -> None:
    admit(page, Actor(system="demonstration"))
    withdraw(page, None, reason="no longer live")

    assert {line[2] for line in lines_of(page)[:2]} == {"Le programme"}


def test_who_scheduled_is_named(coordinator: User) -> None:
    page = NewsPageFactory(title="Programmée", draft=True)
    page.save_revision(user=coordinator)
    revision = page.get_latest_revision()
    record_schedule(revision, coordinator)
    admit(revision.as_object(), Actor(system="schedule"))

    (row,) = rows_of(entries_of(page))

    assert (row.by, row.why) == ("Ada Lovelace", "À la date programmée")


def test_the_ledger_is_refused_to_who_may_not_edit(page: Any) -> None:
    assert signed_in(member("Partenaires")).get(path_of(page)).status_code in {302, 403}
    assert Client().get(path_of(page)).status_code == 302


def test_history_links_to_the_ledger(page: Any, reviewer: User) -> None:
    structure = StructureFactory()
    addresses = {
        page: reverse("wagtailadmin_pages:history", args=[page.pk]),
        structure: reverse(Structure.snippet_viewset.get_url_name("history"), args=[structure.pk]),
    }

    for thing, address in addresses.items():
        assert path_of(thing) in signed_in(reviewer).get(address).content.decode()


def test_the_ledger_of_a_page_costs_the_same_whatever_its_length(
    coordinator: User, reviewer: User, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    page = NewsPageFactory(title="0", draft=True)
    client = signed_in(reviewer)

    def add(count: int) -> None:
        for _number in range(count):
            author = member("Coordination")
            changed_by(author, page, title=str(LedgerEntry.objects.count()))
            type(page).objects.get(pk=page.pk).get_latest_revision().publish(user=author)

    add(3)
    client.get(path_of(page))
    few = count_queries(lambda: client.get(path_of(page)))
    add(6)

    assert count_queries(lambda: client.get(path_of(page))) == few


def test_a_long_ledger_has_pages(coordinator: User, reviewer: User) -> None:
    page = published_by(coordinator, NewsPageFactory(draft=True))
    for _number in range(25):
        admit(page, Actor(user=coordinator))

    first = signed_in(reviewer).get(path_of(page))
    second = signed_in(reviewer).get(f"{path_of(page)}?p=2")

    assert len(first.context["table"].data) == 20
    assert len(second.context["table"].data) == 6
    assert "Republié sans changement" in text_of(second)


def test_every_reason_of_the_program_is_told_in_words() -> None:
    apps = ("contributions", "network", "newsletter", "published", "review", "site")
    found = set()
    for app in apps:
        for file in (Path(settings.ROOT_DIR) / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                found |= reasons_in(node)

    assert {"schedule", "demonstration", "deleted", "import"} <= found
    assert found <= set(REASONS), "each needs its words in published.history.REASONS"


CALLS = {"acting", "Actor", "withdraw", "admit_all", "admit_live"}


def reasons_in(node: ast.AST) -> set[str]:
    """Return the reasons that a call of the door, or of who acts, gives."""
    if not isinstance(node, ast.Call):
        return set()
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name not in CALLS:
        return set()
    values = [each.value for each in node.keywords if each.arg in {"system", "reason"}]
    values += node.args[:1] if name == "admit_live" else []
    branches = [
        each
        for value in values
        for each in ((value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,))
    ]
    return {
        each.value
        for each in branches
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value
    }


# Of the site


def report(reader: User, /, **query: Any) -> Any:
    return signed_in(reader).get(reverse(REPORT), query)


def titles_in(response: Any) -> set[str]:
    return {line.title for line in response.context["table"].data}


@pytest.mark.parametrize("role", ROLES)
def test_the_ledger_of_the_site_is_for_direction(role: str, page: Any) -> None:
    user = member(role)
    home = signed_in(user).get("/admin/", follow=True).content.decode()

    response = report(user)

    assert (response.status_code == 200) is (role == "Direction")
    assert (reverse(REPORT) in home) is (role == "Direction")


def test_the_right_may_be_given_to_another_group(page: Any, reviewer: User) -> None:
    reviewer.groups.get().permissions.add(Permission.objects.get(codename="view_ledgerentry"))

    assert report(reviewer).status_code == 200


def test_the_report_is_filtered(page: Any, director: User, coordinator: User) -> None:
    other = published_by(director, StructureFactory(name="Maison", draft=True))

    def events(**query: Any) -> list[str]:
        return [line.row.event for line in report(director, **query).context["table"].data]

    news, structure = (ContentType.objects.get_for_model(each).pk for each in (page, other))
    assert set(events(content_type=structure)) == {Event.PUBLISHED}
    assert events(content_type=news) == [Event.WITHDRAWN, Event.CHANGED, Event.PUBLISHED]
    assert events(event=["withdrawn"]) == [Event.WITHDRAWN]
    assert events(event=["changed", "withdrawn"]) == [Event.WITHDRAWN, Event.CHANGED]
    assert titles_in(report(director, user=director.pk)) == {"Maison"}
    assert events(at_to="2020-01-01") == []
    assert len(events(at_from="2020-01-01")) == LedgerEntry.objects.count()


def test_the_report_is_searched_by_title(page: Any, director: User, coordinator: User) -> None:
    published_by(director, StructureFactory(name="Maison du port", draft=True))
    gone = published_by(coordinator, NewsPageFactory(title="Éphémère", draft=True))
    signed_in(director).post(reverse("wagtailadmin_pages:delete", args=[gone.pk]))
    assert not Page.objects.filter(pk=gone.pk).exists()

    assert titles_in(report(director, q="étude")) == {"Journée d'étude"}
    assert titles_in(report(director, q="du port")) == {"Maison du port"}
    assert titles_in(report(director, q="phémère")) == {"Éphémère"}
    assert titles_in(report(director, q="rien")) == set()
    assert "Éphémère Actualité, supprimé" in text_of(report(director, q="phémère"))


@pytest.mark.parametrize("export", ["csv", "xlsx"])
def test_the_report_is_exported(export: str, page: Any, director: User, coordinator: User) -> None:
    formula = published_by(coordinator, NewsPageFactory(title="=1+1", draft=True))

    response = report(director, export=export, event="published")

    content = b"".join(response.streaming_content)
    rows = read_csv(content) if export == "csv" else read_xlsx(content)
    assert rows[0][1:] == [
        *("Acte", "Titre", "Nature", "Ce qui a changé", "Par", "Approuvé par", "Pourquoi"),
    ]
    assert len(rows) == 1 + sum(each.event == Event.PUBLISHED for each in rows_of(list(entries())))
    assert [row[2] for row in rows if formula.title in row[2]] == ["'=1+1"]
    if export == "csv":
        assert content.startswith("\ufeff".encode())


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def read_xlsx(content: bytes) -> list[list[str]]:
    sheet = load_workbook(io.BytesIO(content)).active
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


def test_the_report_costs_the_same_whatever_its_length(
    director: User, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    def add(count: int) -> None:
        for _number in range(count):
            author = member("Coordination")
            page = published_by(author, NewsPageFactory(draft=True))
            page = changed_by(author, page, title="Autre")
            page.get_latest_revision().publish(user=author)
            gone = published_by(author, NewsPageFactory(draft=True))
            signed_in(director).post(reverse("wagtailadmin_pages:delete", args=[gone.pk]))
            published_by(author, StructureFactory(draft=True))

    client = signed_in(director)
    add(2)
    client.get(reverse(REPORT))
    few = count_queries(lambda: client.get(reverse(REPORT)))
    add(4)

    assert count_queries(lambda: client.get(reverse(REPORT))) == few


def test_what_has_no_model_any_more_is_shown(director: User) -> None:
    gone = ContentType.objects.create(app_label="forgotten", model="thing")
    LedgerEntry.objects.create(
        act="admit",
        content_type=gone,
        thing_id=1,
        translation_key="3f2b1a7e-0000-4000-8000-000000000000",
        kind="thing",
        user=media.UserFactory(),
    )

    response = report(director)

    assert "Sans titre thing, supprimé" in text_of(response)
