"""The queue of each person: what waits for them, since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.utils.text import capfirst
from wagtail.models import TaskState

from review.addresses import edit_path
from review.models import Checklist, ReviewState, RevisionRecord
from review.models.records import words_of
from review.working_days import working_days_since

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator

    from django.db.models import Model

    from core.models import User


@dataclass(frozen=True)
class QueueItem:
    """A step to approve, or something else of an app that waits for a person.

    Attributes:
        title: of what waits.
        kind: what it is.
        step: what is to be done.
        since: when it began to wait.
        url: the path at which it is done.
        row: the row that remembers when a reminder was sent, in ``reminded_at``.
        is_own: whether this person wrote it, or asked for the review.
    """

    title: str
    kind: str
    step: str
    since: dt.datetime
    url: str
    row: Model
    is_own: bool = False

    @property
    def days(self) -> int:
        return working_days_since(self.since)


_sources: list[Callable[[User], Iterable[QueueItem]]] = []


def register_source(
    source: Callable[[User], Iterable[QueueItem]],
) -> Callable[[User], Iterable[QueueItem]]:
    """Register what else than steps of reviews waits for people."""
    _sources.append(source)
    return source


def queue_of(user: User) -> list[QueueItem]:
    """Return what waits for a person, oldest first.

    Steps are those that they may approve: not what they approved before, nor what
    they wrote where somebody else must approve it.
    """
    items = [*_steps(user), *(item for source in _sources for item in source(user))]
    return sorted(items, key=lambda item: item.since)


def has_other_steps() -> bool:
    """Return whether steps wait that are in nobody's queue, of other kinds of tasks."""
    ours = ContentType.objects.get_for_models(*Checklist.__subclasses__()).values()
    waiting = TaskState.objects.filter(status=TaskState.STATUS_IN_PROGRESS)
    return waiting.exclude(task__content_type__in=ours).exists()


def _steps(user: User) -> Iterator[QueueItem]:
    for kind in Checklist.__subclasses__():
        for task in kind.objects.filter(active=True):
            states = task.get_task_states_user_can_moderate(user).filter(
                status=TaskState.STATUS_IN_PROGRESS
            )
            rows = ReviewState.objects.filter(pk__in=states).select_related(
                "workflow_state", "revision"
            )
            yield from _items(rows, task, user)


def _items(states: Iterable[ReviewState], task: Checklist, user: User) -> Iterator[QueueItem]:
    """Yield the steps of a task, in a constant number of queries."""
    rows = list(states)
    words = {row.pk: words_of(row.revision) for row in rows}
    authors = RevisionRecord.objects.authors_of_each(words.values())
    for row in rows:
        revision = row.revision
        # Kept in memory, where the foreign key would ask for each.
        model: Any = ContentType.objects.get_for_id(revision.content_type_id).model_class()
        if model is not None:
            yield QueueItem(
                title=revision.object_str,
                kind=str(capfirst(model._meta.verbose_name)),
                step=task.name,
                since=row.started_at,
                url=edit_path(model, revision.object_id),
                row=row,
                is_own=user.pk in authors[words[row.pk]]
                or row.workflow_state.requested_by_id == user.pk,
            )
