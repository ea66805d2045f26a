"""What is public as it is saved is changed by those who publish, and read by the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.contrib.settings.registry import registry as settings_registry
from wagtail.models import Collection, DraftStateMixin, Locale, Site, Task, Workflow
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from core.models import Territory, VocabularyTerm
from home.models import EmergencyNumber, SiteSettings
from tests.factories import EmergencyNumberFactory, FunderFactory
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

PUBLISHERS = ["Direction", "Coordination"]
WRITING = ["add", "change", "delete"]
OF_ADMINISTRATORS = {Collection, Locale, Site, Task, Territory, Workflow}
"""What surrounds the site: nobody of the team changes it by these screens."""


def models_without_drafts() -> list[type[Any]]:
    """Return the models with a screen on which saving is publishing."""
    snippets = [model for model in get_snippet_models() if not issubclass(model, DraftStateMixin)]
    return [*snippets, *settings_registry]


def row_of(model: type[Any]) -> Any:
    """Return something of a model."""
    if model is SiteSettings:
        return SiteSettings.load()
    found = model.objects.first()
    return (
        found
        or {"EmergencyNumber": EmergencyNumberFactory, "Funder": FunderFactory}[model.__name__]()
    )


def client_of(group: str) -> Client:
    client = Client()
    client.force_login(member(group))
    return client


def addresses_of(row: Any) -> Iterator[str]:
    """Yield the addresses at which something is added, changed or deleted."""
    label = f"{row._meta.app_label}_{row._meta.model_name}"
    if isinstance(row, SiteSettings):
        yield reverse("wagtailsettings:edit", args=["home", "sitesettings", row.pk])
        return
    yield reverse(f"wagtailsnippets_{label}:add")
    for action in ("edit", "delete"):
        yield reverse(f"wagtailsnippets_{label}:{action}", args=[row.pk])
    yield f"{reverse('wagtail_bulk_action', args=[*label.split('_'), 'delete'])}?id={row.pk}"
    yield f"/admin/snippets/choose/{label.replace('_', '/')}/create/"


def test_the_models_are_found() -> None:
    assert {EmergencyNumber, SiteSettings, *VocabularyTerm.__subclasses__()} <= set(
        models_without_drafts()
    )


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
def test_nobody_else_has_the_right_to_change_them(group: str) -> None:
    user = member(group)

    for model in [*models_without_drafts(), *OF_ADMINISTRATORS]:
        policy = policy_registry.get_by_type(model)
        assert not policy.user_has_any_permission(user, WRITING), model


@pytest.mark.parametrize("group", PUBLISHERS)
def test_those_who_publish_have_it(group: str) -> None:
    user = member(group)

    for model in set(models_without_drafts()) - OF_ADMINISTRATORS:
        policy = policy_registry.get_by_type(model)
        assert policy.user_has_permission(user, "change"), model


@pytest.mark.parametrize("group", ["Relecture", "Partenaires"])
def test_no_address_lets_them(group: str) -> None:
    client = client_of(group)

    for model in models_without_drafts():
        row = row_of(model)
        before = list(model.objects.order_by("pk").values())
        data = {field.name: "SECRET" for field in model._meta.fields if field.editable}
        for address in addresses_of(row):
            # A bulk action lists what it refuses to delete.
            refused = {200, 302, 403} if "/bulk/" in address else {302, 403}
            assert client.get(address).status_code in refused, address
            assert client.post(address, data).status_code in {302, 403}, address
        assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("group", ["Relecture", *PUBLISHERS])
def test_the_team_reads_the_vocabularies_and_the_numbers(group: str) -> None:
    client = client_of(group)

    for model in set(models_without_drafts()) - OF_ADMINISTRATORS - {SiteSettings}:
        row = row_of(model)
        name = f"wagtailsnippets_{row._meta.app_label}_{row._meta.model_name}"

        listed = client.get(reverse(f"{name}:list")).content.decode()
        shown = client.get(reverse(f"{name}:inspect", args=[row.pk]))

        assert str(row) in listed or getattr(row, "label", str(row)) in listed
        assert shown.status_code == 200
        is_offered = reverse(f"{name}:edit", args=[row.pk]) in listed
        assert is_offered == (group != "Relecture")


@pytest.mark.parametrize("group", PUBLISHERS)
def test_those_who_publish_change_a_number(group: str, client: Client) -> None:
    number = EmergencyNumberFactory(label="Avant")
    address = reverse("wagtailsnippets_home_emergencynumber:edit", args=[number.pk])

    response = client_of(group).post(
        address,
        {
            "number": number.number,
            "channel": "call",
            "label": "Après",
            "note": "",
            "verified_on": "",
            "sort_order": "0",
        },
    )

    assert response.status_code == 302
    number.refresh_from_db()
    assert number.label == "Après"
