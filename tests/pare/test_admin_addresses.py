"""Where the administration leads to, from the things that it names."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from wagtail.admin.admin_url_finder import (
    AdminURLFinder,
    ModelAdminURLFinder,
    finder_classes,
)
from wagtail.log_actions import log

from tests.factories import NewsPageFactory, UserFactory
from tests.factories.contributions import ContributionFactory
from tests.factories.events import RegistrationFactory

pytestmark = pytest.mark.django_db

HISTORY = "/admin/reports/site-history/"


def models_with_an_address() -> list[Any]:
    """Return every model whose instances Wagtail looks for a page to edit."""
    # Viewsets register themselves as the addresses are loaded.
    assert get_resolver().url_patterns
    return [
        model
        for model, finder in finder_classes.values_by_class.items()
        if issubclass(finder, ModelAdminURLFinder) and not model._meta.abstract
    ]


def test_no_record_leads_to_a_page_that_does_not_exist() -> None:
    """Reports link to each thing that they name; one address without a view breaks the report."""
    finder = AdminURLFinder(UserFactory(is_superuser=True))

    models = models_with_an_address()
    addresses = {model: finder.get_edit_url(model(pk=1)) for model in models}

    assert len(addresses) > 20
    for address in filter(None, addresses.values()):
        assert get_resolver().resolve(address)


def test_the_history_of_the_site_shows_what_is_done_with_sessions_and_contributions() -> None:
    contribution = ContributionFactory()
    session = RegistrationFactory().session
    log(contribution, "contributions.received")
    log(session, "events.cancel")
    client = Client()
    client.force_login(UserFactory(is_superuser=True))

    for query in ("", "?export=csv"):
        response = client.get(HISTORY + query)
        shown = response.getvalue().decode() if response.streaming else response.content.decode()
        assert response.status_code == 200
        assert session.page.title in shown

    assert f'href="/admin/contributions/{contribution.pk}/"' in client.get(HISTORY).content.decode()


@pytest.mark.parametrize("field", ["new_parent_page", "title"])
def test_a_form_of_wagtail_without_its_fields_is_a_bad_request(field: str) -> None:
    page = NewsPageFactory()
    addresses = {
        "new_parent_page": f"/admin/pages/{page.pk}/copy/",
        "title": f"/admin/pages/add/resources/newspage/{page.get_parent().pk}/",
    }
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(is_superuser=True))

    assert client.post(addresses[field]).status_code == 400
