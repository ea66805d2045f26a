"""Every address of the URL configuration, with arguments that lead to something."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.admin.utils import quote
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Collection, PageViewRestriction, Task, UploadedFile, Workflow
from wagtail_localize.models import StringSegment, Translation

import events.tokens
import newsletter.tokens
from contributions.models import Contribution
from contributions.tokens import follow_up_token
from core.models import Document, Image, Theme, User
from core.web.signed_links import make_token
from events.models import Registration, Session, TrainingPage
from home.models import SiteSettings, StandardPage
from network.models import Structure, StructureImport
from network.verification import verification_token
from newsletter.models import Mailing, NewsletterIssuePage, Subscriber
from resources.models import NewsPage, ResourcePage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.urls import URLPattern

ADMIN = "admin/"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|\((?!\?)[^()]*\)")


@dataclass(frozen=True)
class Address:
    """One pattern of the URL configuration.

    Attributes:
        route: as the configuration has it, without what anchors an expression.
    """

    route: str
    pattern: URLPattern

    @property
    def is_admin(self) -> bool:
        return self.route.startswith(ADMIN)

    @cached_property
    def model(self) -> Any:
        """Return the model of the view, where it has one."""
        view: Any = self.pattern.callback
        given = getattr(view, "view_initkwargs", {})
        return given.get("model") or getattr(getattr(view, "view_class", None), "model", None)


def addresses(patterns: Any = None, before: str = "") -> Iterator[Address]:
    """Yield each address of the site."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern).removeprefix("^").removesuffix("$")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        else:
            yield Address(route, pattern)


def first(model: Any, **values: Any) -> Any:
    """Return the first of some rows."""
    found = model._default_manager.filter(**values).order_by("pk").first()
    assert found is not None, f"There is no {model._meta.label}."
    return found


MODELS: dict[str, Any] = {
    "api/main/pages/": NewsPage,
    "api/main/documents/": Document,
    "api/main/images/": Image,
    "api/v2/pages/": NewsPage,
    "api/v2/documents/": Document,
    "api/v2/images/": Image,
    "chiffres/": NewsPage,
    "collections/": Collection,
    "comptes/": User,
    "contributions/": Contribution,
    "documents/chooser/": Document,
    "images/chooser/": Image,
    "inscriptions/personnes/": Registration,
    "inscriptions/sessions/": Session,
    "lettre/numeros/envois/": Mailing,
    "lettre/numeros/": NewsletterIssuePage,
    "localize/": Theme,
    "mes-contributions/": Contribution,
    "pages/": NewsPage,
    "registre/": NewsPage,
    "reseau/importer/": StructureImport,
    "settings/": SiteSettings,
    "workflows/tasks/": Task,
    "workflows/": Workflow,
}
"""Of which model an address has the key, where its view does not have it."""


@dataclass
class Arguments:
    """What stands in each argument of an address."""

    def __post_init__(self) -> None:
        page = first(NewsPage, title="En ligne, et modifiée depuis")
        waiting = NewsPage.objects.get(title="En relecture, étape 1")
        structure = first(Structure, name="Structure en relecture, étape 1")
        translation = first(Translation)
        registration = first(Registration)
        contribution = first(Contribution, files__isnull=False)
        author = first(User)
        upload = UploadedFile.objects.create(
            for_content_type=ContentType.objects.get_for_model(Image), uploaded_by_user=author
        )
        session = EditingSession.objects.create(
            user=author,
            content_type=page.content_type,
            object_id=str(page.pk),
            last_seen_at=timezone.now(),
        )
        StructureImport.objects.create(
            file=ContentFile(b"nom", name="table.csv"), name="table.csv", created_by=author
        )
        restriction = PageViewRestriction.objects.create(
            page=first(StandardPage), restriction_type="password", password="un mot"
        )
        self.page, self.structure, self.waiting = page, structure, waiting
        self.values: dict[str, Any] = {
            "action": "close",
            "action_name": "approve",
            "app_label": "core",
            "app_name": "core",
            "code": "59",
            "collection_id": first(Collection).pk,
            "content_type_app_name": "resources",
            "content_type_model_name": "newspage",
            "counted": "pages",
            "destination_id": page.get_parent().pk,
            "doc_id": first(Document).pk,
            "document_id": first(Document).pk,
            "event": first(TrainingPage).translation_key,
            "event_id": first(TrainingPage).pk,
            "file": contribution.files.first().uuid,
            "filter_spec": "width-100",
            "image_id": first(Image).pk,
            "issue_id": first(NewsletterIssuePage, live=True).pk,
            "key": registration.session.key,
            "mode": "default",
            "model_name": "theme",
            "name": "structures",
            "news_id": page.pk,
            "object_id": page.pk,
            "overridable_segment_id": 1,
            "page_id": page.pk,
            "page_pk": page.pk,
            "page_to_move_id": page.pk,
            "page_view_restriction_id": restriction.pk,
            "parent_page_id": page.get_parent().pk,
            "redirect_id": first(Redirect).pk,
            "resource_id": first(ResourcePage).pk,
            "restriction_id": 1,
            "revision_id": page.latest_revision_id,
            "revision_id_a": "live",
            "revision_id_b": "latest",
            "session_id": session.pk,
            "slug": "relecture",
            "string_segment_id": first(StringSegment, source=translation.source).pk,
            "structure_id": first(Structure, name="Structure publique").pk,
            "task_id": first(Task).pk,
            "task_state_id": waiting.current_workflow_task_state.pk,
            "token": "x",
            "translation_id": translation.pk,
            "translation_source_id": translation.source_id,
            "type_pk": page.content_type_id,
            "uidb64": "MQ",
            "uploaded_file_id": upload.pk,
            "uuid": registration.session.uuid,
            "workflow_pk": first(Workflow).pk,
            "workflow_state_id": waiting.current_workflow_state.pk,
        }
        self.of_routes: dict[str, dict[str, Any]] = {
            "admin/bulk/": {"app_label": "wagtailcore", "model_name": "page", "action": "delete"},
            "admin/editing-sessions/": {"app_label": "resources", "model_name": "newspage"},
            "admin/guide/": {"name": "traduire"},
            "admin/guide/images/": {"name": "rien.webp"},
            "admin/mes-contributions/": {"slug": "actualite"},
            "admin/pages/create/": {"app_label": "resources", "model_name": "newspage"},
            "admin/pages/workflow/": {"page_id": waiting.pk},
            "admin/pages/<int:page_id>/workflow_history/": {"page_id": waiting.pk},
            "admin/reseau/exporter/": {"name": "csv"},
            "admin/settings/": {"app_name": "home", "model_name": "sitesettings"},
            "admin/snippets/network/structure/": {
                "revision_id": structure.latest_revision_id,
                "task_state_id": structure.current_workflow_task_state.pk,
                "workflow_state_id": structure.current_workflow_state.pk,
                "pk": structure.pk,
            },
            "admin/workflows/tasks/add/": {"app_label": "review", "model_name": "validationtask"},
            "api/v1/pages/": {"page_id": first(StandardPage).pk},
            "contribuer/": {"slug": "actualite", "token": follow_up_token(contribution)},
            "inscriptions/": {},
            "lettre/": {},
            "reseau/<int:pk>": {"pk": first(Structure, name="Structure publique").pk},
            "reseau/verifier/": {"token": verification_token(structure)},
        }
        for purpose, row in (
            *((purpose, registration) for purpose in events.tokens.PURPOSES),
            *((purpose, first(Subscriber)) for purpose in newsletter.tokens.PURPOSES),
        ):
            path = reverse(purpose.route, args=["x"])[1:].removesuffix("x/")
            self.of_routes[path] = {"token": make_token(purpose, row.uuid)}

    def fill(self, address: Address) -> str:
        """Return an address with a value in each argument."""
        values = dict(self.values)
        for start, others in self.of_routes.items():
            if address.route.startswith(start):
                values |= others
        if "pk" not in values:
            values["pk"] = self.key(address)
        if address.route.startswith("((?:"):
            return self.page.url
        route = address.route.replace("(_mime)?", "")
        unnamed = iter((first(Document).pk, first(Document).filename))

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2]
            return str(values[name] if name else next(unnamed))

        return "/" + ARGUMENT.sub(value, route).replace("\\", "")

    @staticmethod
    def key(address: Address) -> Any:
        """Return the key of something of the sort that a view is about."""
        if not re.search(r"[:<]pk>", address.route):
            return ""
        route = address.route.removeprefix(ADMIN).replace("^", "")
        model = next((m for start, m in MODELS.items() if route.startswith(start)), address.model)
        if model is None:
            app, name = route.split("/")[2 if "choose/" in route else 1 :][:2]
            model = apps.get_model(app, name)
        return quote(first(model).pk)
