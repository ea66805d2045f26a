"""What the dashboard has of the review: the queue of a person, and their drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.models import DraftStateMixin, Page, WorkflowState
from wagtail.snippets.models import get_snippet_models

from core.admin.dashboard import Block, Line, register_block
from core.languages.times import format_day
from review.addresses import edit_path
from review.models.wording import title_of
from review.queue import queue_of
from review.working_days import REMINDER_WORKING_DAYS, working_days_since

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from core.models import User

MOST_DRAFTS = 50


def describe_wait(since: dt.datetime) -> str:
    """Return for how many working days something has waited: « 3 jours ouvrés »."""
    days = working_days_since(since)
    if not days:
        return _("aujourd'hui")
    return ngettext("%(days)s jour ouvré", "%(days)s jours ouvrés", days) % {"days": days}


def is_late(since: dt.datetime) -> bool:
    """Return whether something has waited so long that people are reminded of it."""
    return working_days_since(since) >= REMINDER_WORKING_DAYS


@register_block(10)
def queue(user: User) -> Block:
    """Return what waits for a person, oldest first."""
    return Block(
        "review-queue",
        _("En attente de moi"),
        "tasks",
        [
            Line(
                item.title,
                item.url,
                f"{item.kind} · {item.step}",
                describe_wait(item.since),
                is_late(item.since),
            )
            for item in queue_of(user)
        ],
    )


@register_block(30)
def drafts(user: User) -> Block:
    """Return what a person wrote last, and that nobody was asked to review, latest first."""
    rows: list[Any] = [row for model in _models_with_drafts() for row in _drafts_of(model, user)]
    rows.sort(key=lambda row: row.latest_revision.created_at, reverse=True)
    return Block(
        "own-drafts",
        _("Mes brouillons"),
        "edit",
        [
            Line(
                title_of(row),
                edit_path(type(row), row.pk),
                _kind(row),
                format_day(timezone.localdate(row.latest_revision.created_at)),
            )
            for row in rows
        ],
        note=_("Ni publiés, ni proposés à la relecture."),
    )


def _models_with_drafts() -> list[Any]:
    return [Page, *(model for model in get_snippet_models() if issubclass(model, DraftStateMixin))]


def _drafts_of(model: Any, user: User) -> QuerySet[Any]:
    in_review = WorkflowState.objects.active().filter(
        base_content_type=ContentType.objects.get_for_model(model),
        object_id=Cast(OuterRef("pk"), CharField()),
    )
    rows = model._default_manager.filter(
        ~Exists(in_review), has_unpublished_changes=True, latest_revision__user=user
    )
    related = ["latest_revision", "content_type"] if model is Page else ["latest_revision"]
    latest: QuerySet[Any] = rows.select_related(*related).order_by("-latest_revision__created_at")
    return latest[:MOST_DRAFTS]


def _kind(row: Any) -> str:
    model = row.cached_content_type.model_class() if isinstance(row, Page) else type(row)
    return str(capfirst((model or type(row))._meta.verbose_name))
