"""The two flows of docs/architecture.md, walked whole, and how far they lead through the code.

``make test-fast ARGS="tests/pare/test_flows.py -s"`` prints the rooms (modules of ours that are
entered) and the returns (moves back to a module that was left), each function counted where it is
first called.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import rich_text, streamfield

from contributions.kinds import ContributionKind
from contributions.models import Contribution
from resources.models import ResourcePage
from tests.contributions.test_form import address, pdf_upload
from tests.factories import DocumentFactory, ImageFactory, news_index, resource_index
from tests.factories.contributions import form_data, member, ticks
from tests.factories.forms import form_opened_earlier
from tests.resources.test_admin import add, errors, resource

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from django.http import HttpResponse
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User
    from home.models import HomePage

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

ROOT = f"{settings.ROOT_DIR}/"
OUTSIDE = ("tests/", ".venv/")


class Walk:
    """Note each function of ours when it is first called."""

    def __init__(self) -> None:
        self.seen: set[CodeType] = set()
        self.modules: list[str] = []

    def __enter__(self) -> Walk:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *error: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event != "call" or code in self.seen:
            return
        self.seen.add(code)
        # What is named "<…>" is a module that is imported, a lambda, or part of a function.
        if code.co_filename.startswith(ROOT) and not code.co_name.startswith("<"):
            name = code.co_filename.removeprefix(ROOT)
            if not name.startswith(OUTSIDE):
                self.modules.append(name)

    def count(self) -> tuple[int, int]:
        """Return how many rooms the walk visited, and how often it returned to one."""
        moves = [
            module
            for module, before in zip(self.modules, ["", *self.modules], strict=False)
            if module != before
        ]
        return len(set(moves)), len(moves) - len(set(moves))


def test_a_resource_goes_from_the_editor_to_an_app(
    home: HomePage,
    editor_client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    resource_index()
    app = Client()
    # What a process does once (hooks, compiled templates) is no part of the flow.
    app.get("/")
    editor_client.get(reverse("wagtailadmin_home"))
    data = resource(
        document=DocumentFactory().pk,
        cover=ImageFactory().pk,
        body=streamfield([("rich_text", rich_text("<p>Bonjour</p>"))]),
    )

    with Walk() as walk:
        with django_capture_on_commit_callbacks(execute=True):
            saved = add(editor_client, ResourcePage, data)
        assert saved.status_code == 302, errors(saved)
        (card,) = app.get("/api/v1/resources/", {"q": "nouvelle", "facets": "true"}).json()["items"]
        detail = app.get(f"/api/v1/resources/{card['id']}/").json()
        page = app.get(card["path"])

    (block,) = detail["body"]
    assert "Bonjour" in block["html"]
    assert block["html"] in page.content.decode()
    print("\nresource: {} rooms, {} returns".format(*walk.count()))


def test_a_contribution_goes_from_the_form_to_the_site(
    home: HomePage,
    client: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    news_index()
    resource_index()
    reviewer, director = member("Relecture"), member("Direction")
    team = Client()
    team.force_login(reviewer)
    client.get("/")
    team.get(reverse("wagtailadmin_home"))
    data = form_data(ContributionKind.RESOURCE, started=form_opened_earlier(), files=[pdf_upload()])

    def send(action: str, **data: Any) -> HttpResponse:
        contribution = Contribution.objects.get()
        return team.post(reverse("contribution:act", args=[contribution.pk, action]), data)

    def approve(user: User) -> None:
        page = ResourcePage.objects.get()
        task, state = page.current_workflow_task, page.current_workflow_task_state
        task.on_action(state, user, "approve", **ticks())

    with Walk() as walk:
        assert client.get(address(ContributionKind.RESOURCE)).status_code == 200
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(address(ContributionKind.RESOURCE), data).status_code == 302
        with django_capture_on_commit_callbacks(execute=True):
            send("draft")
        for user in (director, member("Coordination")):
            assert client.get(ResourcePage.objects.get().url).status_code == 404
            with django_capture_on_commit_callbacks(execute=True):
                approve(user)
        page = client.get(ResourcePage.objects.get().url)

    assert page.status_code == 200
    assert ResourcePage.objects.get().document.url in page.content.decode()
    print("\ncontribution: {} rooms, {} returns".format(*walk.count()))
