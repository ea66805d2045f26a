"""What depends on a thing is counted before it is deleted or unpublished, on every such screen."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from modelcluster.fields import ParentalKey
from wagtail.admin.views.generic import DeleteView
from wagtail.models import GroupPagePermission, Locale, Page, TranslatableMixin

from core.dependents import BOOKKEEPING, find_dependents, relations_to
from core.models import Territory, Theme
from home.models import EmergencyNumber
from published.queries import page_items
from tests.factories import NewsPageFactory, ResourcePageFactory, publish
from tests.factories.contributions import member
from tests.factories.events import RegistrationFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]


def deleting_views(
    patterns: list[URLPattern | URLResolver],
) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    """Yield each view that deletes, of ours and of Wagtail's, with its arguments."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from deleting_views(pattern.url_patterns)
        else:
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, DeleteView):
                yield view, pattern.callback.view_initkwargs


DELETED: dict[type[Model], tuple[type[Any], dict[str, Any]]] = {}
for _view, _options in deleting_views(get_resolver().url_patterns):
    _model = _options.get("model") or _view.model
    if _model is not None:
        DELETED[_model] = (_view, _options)
MODELS = sorted({*DELETED, Page}, key=lambda model: model._meta.label)


def test_the_screens_are_found() -> None:
    assert {Theme, EmergencyNumber} <= set(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_each_relation_is_counted_or_named_as_bookkeeping(model: type[Model]) -> None:
    counted = set(relations_to(model))

    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel) or relation in counted:
            continue
        source: Any = relation.related_model
        assert (
            source._meta.auto_created
            or source._meta.proxy
            or relation.parent_link
            or isinstance(relation.field, ParentalKey)
            or {source._meta.app_label, source._meta.label} & BOOKKEEPING
        ), f"{source._meta.label}.{relation.field.name}"
    # Whatever is asked of the database is valid.
    given: dict[str, Any] = {"path": "00019999", "depth": 2}
    if not issubclass(model, Page):
        given = {}
    if issubclass(model, TranslatableMixin):
        given["locale"] = Locale.get_default()
    find_dependents(model(pk=987_654, **given))


@pytest.mark.parametrize("model", sorted(DELETED, key=lambda each: each._meta.label))
def test_each_screen_has_what_depends(model: type[Model]) -> None:
    view, options = DELETED[model]
    name = options.get("template_name") or view.template_name
    names = [name] if isinstance(name, str) else list(name)

    assert "wagtailadmin/shared/usage_summary.html" in sources_of(names[-1])


def sources_of(name: str) -> str:
    """Return the sources of a template and of those that it extends."""
    template: Any = get_template(name).template
    source = template.source
    for parent in re.findall(r"\{% extends ['\"]([^'\"]+)", source):
        # One of ours extends that of Wagtail's under the same name.
        source += "" if parent == name else sources_of(parent)
    return source


def screen(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = re.sub(r"<[^>]+>", " ", unescape(answer.content.decode()))
    return " ".join(text.replace("\u00a0", " ").split())


def deletion_of(instance: Model) -> str:
    meta = instance._meta
    return reverse(f"wagtailsnippets_{meta.app_label}_{meta.model_name}:delete", args=[instance.pk])


def test_a_theme_names_the_resources_that_use_it(editor_client: Client) -> None:
    theme = Theme.objects.filter(locale=Locale.get_default()).first()
    for number in range(7):
        ResourcePageFactory(title=f"Guide {number}", themes=[theme])

    shown = screen(editor_client, deletion_of(theme))

    assert "Ressources : 7 (ne l'auront plus)" in shown
    assert "Guide 0" in shown
    assert "référencé 0 fois" not in shown


def test_an_emergency_number_is_on_every_public_page_and_has_translations(
    editor_client: Client,
) -> None:
    number = EmergencyNumber.objects.create(number="119", label="Enfance en danger")
    locale, _made = Locale.objects.get_or_create(language_code="en")
    translation = number.copy_for_translation(locale)
    translation.save()
    publish(ResourcePageFactory())

    shown = screen(editor_client, deletion_of(number))

    assert "Traductions : 1 (sera supprimé·e avec)" in shown
    assert f"Pages publiques : {page_items().count()} (l'affichent)" in shown
    assert page_items().exists()
    number.delete()
    assert not EmergencyNumber.objects.filter(pk=translation.pk).exists()


@pytest.mark.parametrize("act", ["delete", "unpublish"])
def test_a_french_page_names_its_live_translations(client: Client, act: str) -> None:
    page = ResourcePageFactory(title="Guide")
    locale, _made = Locale.objects.get_or_create(language_code="en")
    page.get_parent().copy_for_translation(locale, copy_parents=True)
    translation = page.copy_for_translation(locale)
    translation.title, translation.live = "Guidebook", True
    translation.save()
    client.force_login(member("Coordination"))

    shown = screen(client, reverse(f"wagtailadmin_pages:{act}", args=[page.pk]))

    assert "Traductions en ligne : 1 (reste telle quelle)" in shown
    assert "Guidebook" in shown


def test_many_pages_at_once_show_it_each(client: Client) -> None:
    pages = [ResourcePageFactory(title=f"Guide {number}") for number in range(2)]
    client.force_login(member("Coordination"))
    chosen = "&".join(f"id={page.pk}" for page in pages)

    for act in ("delete", "unpublish"):
        address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", act])
        shown = screen(client, f"{address}?{chosen}")
        assert shown.count("Ce qui en dépend") + shown.count("Rien n'en dépend") == 2, act


def test_people_are_counted_and_named_to_those_alone_who_may_see_them() -> None:
    territory = Territory.objects.filter(kind="department").first()
    RegistrationFactory(department=territory, name="Camille Secret")

    def named(group: str) -> dict[str, tuple[str, ...]]:
        found = find_dependents(territory, member(group))
        return {each.label: each.names for each in found}

    assert named("Relecture")["Inscriptions"] == ()
    assert named("Direction")["Inscriptions"] == ("Camille Secret",)


def test_pages_are_named_to_those_alone_who_may_see_them() -> None:
    theme = Theme.objects.filter(locale=Locale.get_default()).first()
    seen = ResourcePageFactory(title="Guide", themes=[theme])
    NewsPageFactory(title="Brouillon de Camille", live=False, themes=[theme])
    librarian = Group.objects.create(name="Documentation")
    GroupPagePermission.objects.create(
        group=librarian,
        page=seen.get_parent(),
        permission=Permission.objects.get(codename="change_page"),
    )

    def named(group: str) -> set[str]:
        return {name for each in find_dependents(theme, member(group)) for name in each.names}

    assert named("Documentation") == {"Guide"}
    assert named("Partenaires") == set()
    assert {"Guide", "Brouillon de Camille"} <= named("Relecture")


def test_registered_people_are_counted_on_the_page_that_they_registered_for(client: Client) -> None:
    registration = RegistrationFactory(name="Camille Secret")
    client.force_login(member("Coordination"))

    shown = screen(
        client, reverse("wagtailadmin_pages:unpublish", args=[registration.session.page_id])
    )

    assert "Personnes inscrites : 1 (reste telle quelle)" in shown
    assert "Camille Secret" not in shown


def test_counting_costs_the_same_for_two_and_for_ten(
    count_queries: Callable[..., int],
) -> None:
    theme = Theme.objects.filter(locale=Locale.get_default()).first()
    ResourcePageFactory(themes=[theme])
    ResourcePageFactory(themes=[theme])
    find_dependents(theme)
    few = count_queries(lambda: find_dependents(theme))
    for _number in range(8):
        ResourcePageFactory(themes=[theme])

    assert count_queries(lambda: find_dependents(theme)) <= few
