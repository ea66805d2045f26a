"""Former addresses lead to where a page is now, and nobody in a circle."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from published.admission import AdmissionRefused
from tests.conftest import forget
from tests.factories import StandardPageFactory, UserFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.models import User
    from home.models import HomePage

pytestmark = pytest.mark.django_db

ORIGIN = "http://testserver"
SLUGS = ["a", "b", "é"]
PATHS = [f"/{slug}/" for slug in SLUGS]
PLACES = [*PATHS, "/s/a/", "/reseau/1-a/"]
LINKS = [*PATHS, "http://testserver/a?x=1", "http://localhost/b/#c", "https://ailleurs.example/a/"]

pages = st.integers(0, 1)
acts = st.one_of(
    st.tuples(st.just("rename"), pages, st.sampled_from(SLUGS)),
    st.tuples(st.just("move"), pages, st.integers(0, 1)),
    st.tuples(st.sampled_from(["expire", "unpublish", "publish", "restrict"]), pages),
    st.tuples(st.just("write"), pages, st.sampled_from(SLUGS)),
    st.tuples(st.just("lead"), st.sampled_from([*PLACES, "/a?x=1"]), st.sampled_from(LINKS)),
    st.tuples(st.just("lead_to_page"), st.sampled_from(PLACES), pages),
)


class Site:
    """A site of two pages and a section, on which people act."""

    def __init__(self, home: HomePage, user: User, capture: Callable[..., Any]) -> None:
        self.user, self.capture = user, capture
        self.sections = [home, StandardPageFactory(slug="s")]
        self.keys = [StandardPageFactory(slug=slug).pk for slug in SLUGS[:2]]

    def act(self, name: str, *values: Any) -> None:
        """Do an act, unless the site refuses it: an address may be taken."""
        with (
            suppress(AdmissionRefused, PermissionDenied, ValidationError),
            transaction.atomic(),
            self.capture(execute=True),
        ):
            getattr(self, name)(*values)

    def page(self, number: int) -> Any:
        return Page.objects.get(pk=self.keys[number]).specific

    def publish(self, number: int, **values: Any) -> None:
        page = self.page(number)
        for name, value in values.items():
            setattr(page, name, value)
        page.save_revision().publish(user=self.user)

    def rename(self, number: int, slug: str) -> None:
        self.publish(number, slug=slug)

    def move(self, number: int, section: int) -> None:
        above = Page.objects.get(pk=self.sections[section].pk)
        if above.get_children().filter(slug=self.page(number).slug).exists():
            raise ValidationError("The address is taken.")
        self.page(number).move(above, pos="last-child")

    def expire(self, number: int) -> None:
        Page.objects.filter(pk=self.keys[number]).update(
            expire_at=timezone.now() - dt.timedelta(minutes=1)
        )

    def unpublish(self, number: int) -> None:
        self.page(number).unpublish(user=self.user)

    def restrict(self, number: int) -> None:
        self.page(number).view_restrictions.create(restriction_type="login")

    def write(self, number: int, slug: str) -> None:
        """Write a row as a script does, at an address that no other row has."""
        if not self.page(number).get_siblings(inclusive=False).filter(slug=slug).exists():
            Page.objects.filter(pk=self.keys[number]).update(slug=slug)

    def lead(self, path: str, link: str) -> None:
        Redirect.objects.filter(old_path=Redirect.normalise_path(path)).delete()
        Redirect.add_redirect(path, link)

    def lead_to_page(self, path: str, number: int) -> None:
        Redirect.objects.filter(old_path=Redirect.normalise_path(path)).delete()
        Redirect.add_redirect(path, self.page(number))


def follow(client: Client, address: str) -> list[str]:
    """Return the addresses of our site to which one leads, by the site."""
    found = [address]
    while found[-1].startswith((ORIGIN, "http://localhost")) and len(found) < 9:
        answer = client.get(found[-1])
        if answer.status_code not in {301, 302, 308}:
            break
        found.append(urljoin(found[-1], answer["Location"]))
    return found


def resolved(client: Client, path: str) -> list[str]:
    """Return the paths of our site to which one leads, by `resolve/`."""
    found = [path]
    while len(found) < 9:
        answer = client.get("/api/v1/resolve/", {"path": found[-1]}).json()
        if answer.get("kind") != "redirect" or not answer["location"].startswith(ORIGIN):
            break
        found.append(answer["location"].removeprefix(ORIGIN))
    return found


def check_addresses(readers: Iterable[Client]) -> None:
    """Check that no address leads in a circle."""
    for client in readers:
        for path in [*PLACES, "/a?x=1"]:
            steps = follow(client, f"{ORIGIN}{path}")
            assert len(steps) < 5, steps
    for path in [*PLACES, "/a?x=1"]:
        # One step: clients keep what it gives.
        assert len(resolved(Client(), path)) <= 2


@example(story=[("rename", 0, "é"), ("rename", 0, "a"), ("expire", 0)])
@example(story=[("rename", 0, "é"), ("rename", 0, "a"), ("restrict", 0), ("write", 0, "é")])
@example(story=[("lead", "/é/", "/é/"), ("unpublish", 0), ("lead", "/a/", "http://localhost/b/#c")])
@example(story=[("unpublish", 0), ("lead", "/a/", "/é/"), ("lead", "/é/", "/a/")])
@given(story=st.lists(acts, min_size=3, max_size=9))
@hypothesis_settings(
    max_examples=4,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_address_leads_in_a_circle(
    home: HomePage, django_capture_on_commit_callbacks: Any, story: list[tuple[Any, ...]]
) -> None:
    with transaction.atomic():
        forget()
        user = UserFactory(is_superuser=True)
        member = Client()
        member.force_login(user)
        site = Site(home, user, django_capture_on_commit_callbacks)

        for each in story:
            site.act(*each)

        check_addresses([Client(), member])
        transaction.set_rollback(True)


def test_a_chain_of_redirects_is_one_step(home: HomePage) -> None:
    page = StandardPageFactory(slug="nouveau")
    Redirect.add_redirect("/ancien", f"{ORIGIN}/entre-deux/?x=1")
    Redirect.add_redirect("/entre-deux", page, is_permanent=False)

    answer = Client().get("/ancien/")

    assert (answer.status_code, answer["Location"]) == (302, "/nouveau/")


def test_nobody_is_led_past_a_page_that_answers(home: HomePage) -> None:
    StandardPageFactory(slug="page")
    Redirect.add_redirect("/ancien", f"{ORIGIN}/page/?x=1")
    Redirect.add_redirect("/page?x=1", f"{ORIGIN}/ailleurs/")

    assert Client().get("/ancien/")["Location"] == f"{ORIGIN}/page/?x=1"
    assert Client().get("/page/?x=1").status_code == 200


def test_a_link_to_another_site_is_followed_no_further(home: HomePage, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    Redirect.add_redirect("/ancien", "https://ailleurs.example/ancien")

    assert Client().get("/ancien/")["Location"] == "https://ailleurs.example/ancien"
