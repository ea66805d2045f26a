"""The screens of the team in a real browser: axe-core finds nothing wrong on any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from contributions.models import Contribution, ContributionState
from core.models import User
from events.admin_views import registrations_url
from events.models import Registration, Session
from home.models import EmergencyNumber
from network.models import Structure
from outbox.models import OutgoingEmail
from resources.models import ResourceIndexPage, ResourcePage
from tests.accounts.factors import give_factor
from tests.factories.world import fill
from tests.pare.test_screen_rights import ADMIN, ROWS, YES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.factories.world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    # wagtail-localize's report of translations has no order of its own.
    pytest.mark.filterwarnings("ignore::django.core.paginator.UnorderedObjectListWarning"),
]

PHONE_WIDTH = 390
SETTLED = 150
"""Milliseconds for the scripts of Wagtail to build a screen."""


@pytest.fixture
def world(transactional_db: None) -> World:
    return fill()


def addresses() -> Iterator[str]:
    """Yield the screens that Direction opens: those of the table, and those of single things."""
    yield ADMIN
    yield from (ADMIN + row.address for row in ROWS if row.verdicts["Direction"] == YES)
    session = Session.objects.order_by("-starts_at").first()
    assert session is not None
    yield registrations_url(session)
    for name in ("write", "cancel"):
        yield reverse(f"event_sessions:{name}", args=[session.pk])
    begun = Session.objects.filter(starts_at__lt=timezone.now()).latest("starts_at")
    yield reverse("event_sessions:attendance", args=[begun.pk])
    colleague = User.objects.filter(groups__name="Relecture").latest("pk")
    yield reverse("wagtailusers_users:edit", args=[colleague.pk])
    give_factor(colleague)
    for name in ("accounts_reset", "accounts_leave"):
        yield reverse(name, args=[colleague.pk])
    received = Contribution.objects.filter(state=ContributionState.RECEIVED).latest("pk")
    yield reverse("contribution:inspect", args=[received.pk])
    yield f"{bulk_address('contributions', 'contribution', 'reject')}?id={received.pk}"
    refused = OutgoingEmail.objects.filter(state="refused").latest("pk")
    yield f"{bulk_address('outbox', 'outgoingemail', 'send_again')}?id={refused.pk}"
    yield reverse("registrations:person", args=[refused.thing_id])
    person = Registration.objects.latest("session__starts_at")
    yield f"{bulk_address('events', 'registration', 'cancel')}?id={person.pk}"
    for page in (ResourcePage.objects.latest("pk"), ResourceIndexPage.objects.get()):
        yield reverse("wagtailadmin_pages:edit", args=[page.pk])
    yield reverse("wagtailadmin_explore", args=[ResourceIndexPage.objects.get().pk])
    for row in (EmergencyNumber.objects.first(), Structure.objects.first()):
        assert row is not None
        yield reverse(type(row).snippet_viewset.get_url_name("edit"), args=[row.pk])


def bulk_address(*names: str) -> str:
    return reverse("wagtail_bulk_action", args=names)


def is_wider_than_the_screen(page: Page) -> bool:
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    found: bool = page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def test_axe_finds_nothing_on_any_screen_and_none_is_wider_than_a_phone(
    world: World,
    open_page: Callable[..., Page],
    check_accessibility: Callable[[Page], None],
    subtests: Any,
) -> None:
    assert Registration.objects.exists()
    page = open_page("/admin/login/")
    sign_in_as(page, world)

    for address in addresses():
        if "exporter" in address:
            continue  # A file.
        with subtests.test(address):
            page.goto(address)
            page.wait_for_timeout(SETTLED)
            check_accessibility(page)
            assert not is_wider_than_the_screen(page)


def sign_in_as(page: Page, world: World) -> None:
    """Sign in as Direction."""
    person = world.people["Direction"]
    person.set_password("un-long-mot-de-passe")
    person.save()
    page.get_by_label("Nom d’utilisateur").fill(person.username)
    page.get_by_label("Mot de passe").fill("un-long-mot-de-passe")
    page.get_by_role("button", name="S'identifier").click()
    page.wait_for_url("**/admin/")
