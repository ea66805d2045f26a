"""The reports of the administration open for each group, whatever the site holds."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import factory
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import UUIDField
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from wagtail.log_actions import registry
from wagtail.models import ModelLogEntry, Page, PageLogEntry, Workflow, get_page_models

from contributions.library import get_or_create_collection
from core.models import User
from network.models import Structure
from newsletter.models import NewsletterIssuePage
from review.workflow import WORKFLOW
from tests.factories import contributions, events, media, network, newsletter, pages
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model
    from django.test import Client

pytestmark = pytest.mark.django_db

MOMENT = "2026-07-14T09:00:00+00:00"
PLACE = {"id": 1, "title": "Le réseau"}
DATA = {
    "revision": {"id": 1, "created": MOMENT, "go_live_at": MOMENT, "has_live_version": True},
    "title": {"old": "Avant", "new": "Après"},
    "page": PLACE,
    "source": PLACE,
    "destination": PLACE,
    "source_locale": {"language_code": "fr"},
    "restriction": {"type": "login", "title": "Personnes connectées"},
    "reply": {"text": "D'accord"},
    "workflow": {
        "title": WORKFLOW,
        "task": {"title": "Relecture éditoriale"},
        "next": {"title": "Validation"},
    },
}
COMMENT = {"id": 1, "contentpath": "title", "text": "À revoir"}
"""What Wagtail's own actions keep of what happened."""


def report_names() -> list[str]:
    """Return the names of the addresses of every report."""
    resolver = get_resolver()
    namespace = next(
        inner for name, (_prefix, inner) in _namespaces(resolver) if name == "wagtailadmin_reports"
    )
    names = sorted(name for name in namespace.reverse_dict if isinstance(name, str))
    return [f"wagtailadmin_reports:{name}" for name in names]


def _namespaces(resolver: Any) -> Iterator[tuple[str, Any]]:
    yield from resolver.namespace_dict.items()
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "namespace_dict"):
            yield from _namespaces(pattern)


def each_factory() -> list[Any]:
    """Return the factories of all that tests make."""
    modules = (contributions, events, media, network, newsletter, pages)
    return [
        found
        for module in modules
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, factory.django.DjangoModelFactory)
        and found.__module__ == module.__name__
        and not found._meta.abstract
    ]


def one_of_each() -> dict[type[Model], Model | None]:
    """Return an instance of every model, made if it can be, or nothing where there is none."""
    for make in each_factory():
        make()
    get_or_create_collection("Photographies")
    return {model: model._default_manager.order_by("-pk").first() for model in apps.get_models()}


def own_key(model: type[Model]) -> Any:
    """Return the field that holds the key of a model: of another's row, where that is its key."""
    key: Any = model._meta.pk
    return own_key(key.related_model) if key.remote_field else key


def log_all() -> None:
    """Log something about every model, and every action, as people of the site do."""
    author = member("Coordination", first_name="Ada")
    for model, instance in one_of_each().items():
        kind = ContentType.objects.get_for_model(model, for_concrete_model=False)
        if issubclass(model, Page) and instance is not None and instance.depth > 1:
            PageLogEntry.objects.log_action(instance, "wagtail.edit", user=author)
        elif not issubclass(model, Page):
            gone = uuid4() if isinstance(own_key(model), UUIDField) else 1
            key = str(gone if instance is None else instance.pk)
            ModelLogEntry.objects.create(
                content_type=kind,
                object_id=key,
                label=str(model._meta.verbose_name),
                action="wagtail.edit",
                user=author,
                timestamp=timezone.now(),
            )
    home = pages.the_home_page()
    contribution = contributions.ContributionFactory()
    for action in dict(registry.get_choices()):
        comment = COMMENT if action.startswith("wagtail.comments.") else "À revoir"
        data = DATA | {"comment": comment}
        PageLogEntry.objects.log_action(home, action, user=author, data=data)
        if not action.startswith("wagtail."):
            ModelLogEntry.objects.log_action(contribution, action, user=author, data=data)
    # By a release that had another word for it.
    for entry in (PageLogEntry.objects.last(), ModelLogEntry.objects.last()):
        type(entry).objects.filter(pk=entry.pk).update(action="contributions.forgotten")


@pytest.fixture(scope="module")
def everything(module_transaction: None) -> None:
    log_all()
    structure = Structure.objects.get()
    issue = NewsletterIssuePage.objects.get()
    author = member("Relecture")
    for thing in (structure, issue, pages.NewsPageFactory(draft=True)):
        thing.save_revision(user=author)
        Workflow.objects.get(name=WORKFLOW).start(thing, author)
    for user in (author, member("Direction")):
        pages.NewsPageFactory(locked=True, locked_by=user, locked_at=timezone.now())
    for model in get_page_models():
        model._default_manager.filter(depth__gt=1).update(last_published_at=timezone.now())


def account(group: str) -> User:
    if group == "administration":
        return media.UserFactory(is_superuser=True)
    return member(group)


GROUPS = ("Direction", "Coordination", "Relecture", "Partenaires", "administration")


def test_every_group_is_tried() -> None:
    assert set(Group.objects.values_list("name", flat=True)) - {"Editors", "Moderators"} == set(
        GROUPS[:-1]
    )


@pytest.mark.parametrize("group", GROUPS)
def test_each_report_opens_and_leads_to_what_it_names(
    client: Client, everything: None, group: str
) -> None:
    client.force_login(account(group))
    reports = [name for name in report_names() if not name.endswith("_results")]
    offered: set[str] = set()
    broken = []

    for address in [f"{reverse(name)}{query}" for name in reports for query in queries(name)]:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        # What is not theirs, no menu leads to.
        if response.status_code not in {200, 403 if group == "Partenaires" else 302}:
            broken.append((response.status_code, address))
        elif response.status_code == 200 and "export" not in address:
            offered |= set(re.findall(r'<a[^>]*href="(/admin/[^"#]+)"', main_of(content)))
    # Of the dialog for a session that ended, which every screen has.
    offered.discard(reverse("wagtailadmin_login"))
    one_of_each_view = {resolve(urlsplit(address).path).view_name: address for address in offered}
    statuses = {
        address: client.get(unescape(address)).status_code for address in one_of_each_view.values()
    }

    assert not broken
    assert not {address: status for address, status in statuses.items() if status != 200}
    assert len(offered) > 20 or group == "Partenaires"


def queries(name: str) -> list[str]:
    """Return what is asked of a report: each of its pages, and its exports."""
    pages = ["?p=2", "?p=3", "?p=4"] if name.endswith(":site_history") else []
    return ["", *pages, "?export=csv", "?export=xlsx"]


def main_of(content: bytes) -> str:
    return content.decode().partition("<main")[2]
