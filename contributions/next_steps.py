"""The next step of each contribution: who is awaited, in the words of a list."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _
from wagtail.models import Task, WorkflowState

from contributions.models import ContributionState
from core.languages.times import format_moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from contributions.models import Contribution

Draft = tuple[int | None, str]
"""The content type and the key of what was made of a contribution."""


def describe_next_steps(contributions: Sequence[Contribution]) -> dict[int, str]:
    """Return who is awaited for each contribution, by its key; nothing for those that are closed.

    The number of queries does not depend on how many there are.
    """
    steps = dict(_steps(_drafts(contributions, ContributionState.IN_REVIEW)))
    dates = dict(_dates(_drafts(contributions, ContributionState.SCHEDULED)))
    described = {}
    for contribution in contributions:
        draft = (contribution.draft_type_id, contribution.draft_id)
        match contribution.state:
            case ContributionState.RECEIVED:
                described[contribution.pk] = _reader(contribution)
            case ContributionState.IN_REVIEW:
                described[contribution.pk] = steps.get(draft) or _("L'équipe, relecture arrêtée")
            case ContributionState.CHANGES_REQUESTED:
                described[contribution.pk] = _("Le partenaire")
            case ContributionState.SCHEDULED:
                described[contribution.pk] = _date(dates.get(draft))
    return described


def describe_next_step(contribution: Contribution) -> str:
    """Return who is awaited for a contribution, or nothing once it is closed."""
    return describe_next_steps([contribution]).get(contribution.pk, "")


def _reader(contribution: Contribution) -> str:
    assignee = contribution.assignee
    return assignee.display_name if assignee else _("L'équipe, personne ne la suit")


def _date(moment: dt.datetime | None) -> str:
    return format_moment(moment) if moment else _("Sa date de publication")


def _drafts(
    contributions: Sequence[Contribution], state: ContributionState
) -> dict[int, list[str]]:
    """Return the keys of the drafts of the contributions in a state, by content type."""
    keys: dict[int, list[str]] = defaultdict(list)
    for contribution in contributions:
        if contribution.state == state and contribution.draft_type_id:
            keys[contribution.draft_type_id].append(contribution.draft_id)
    return keys


def _steps(drafts: dict[int, list[str]]) -> Iterator[tuple[Draft, str]]:
    """Yield the step of the review at which each draft is, with the groups that may approve it."""
    keys = [key for each in drafts.values() for key in each]
    reviews = WorkflowState.objects.active().filter(
        content_type__in=drafts, object_id__in=keys, current_task_state__isnull=False
    )
    found = list(reviews.values_list("content_type_id", "object_id", "current_task_state__task_id"))
    tasks = Task.objects.filter(pk__in={task for _type, _key, task in found}).specific()
    names = {task.pk: _step(task) for task in tasks}
    for kind, key, task in found:
        yield (kind, key), names[task]


def _step(task: Task) -> str:
    names = task.groups.order_by("name").values_list("name", flat=True)
    return f"{task.name} ({', '.join(names)})" if names else str(task.name)


def _dates(drafts: dict[int, list[str]]) -> Iterator[tuple[Draft, dt.datetime | None]]:
    """Yield when each draft is to be published."""
    for kind, keys in drafts.items():
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None:
            rows = model._default_manager.filter(pk__in=keys)
            for key, moment in rows.values_list("pk", "go_live_at"):
                yield (kind, str(key)), moment
