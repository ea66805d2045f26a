"""Where things stand: what the public reads, what is only in a draft, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Page, WorkflowState

from core.registry import find_schema
from published.models import Item
from published.queries import CONDITIONS, items_of, page_items
from review.models import RevisionRecord
from review.provenance import content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model, QuerySet

NO_WORDS = ("card", "teaser", "detail", "content", "body_text", "row_text")
"""The columns of items that are long, and that no list needs."""


class Standing(TextChoices):
    """What the public reads of a thing."""

    ONLINE = "online", gettext_lazy("En ligne")
    HIDDEN = "hidden", gettext_lazy("Caché au public")
    DRAFT = "draft", gettext_lazy("Brouillon")


@dataclass(frozen=True)
class State:
    """Where a page or snippet stands.

    Attributes:
        item: what was admitted of it, without its words; ``None`` if nothing is.
        is_shown: whether the public reads that now.
        is_changed: whether its draft has other words.
        workflow_state: its review, if one goes on.
    """

    item: Item | None
    is_shown: bool
    is_changed: bool
    workflow_state: WorkflowState | None

    @property
    def standing(self) -> Standing:
        """What the public reads."""
        if self.item is None:
            return Standing.DRAFT
        return Standing.ONLINE if self.is_shown else Standing.HIDDEN

    @property
    def path(self) -> str:
        """Where the public reads it now, on the site; empty if it does not."""
        return self.item.path if self.item is not None and self.is_shown else ""

    @property
    def notes(self) -> list[str]:
        """What is only in the draft, and what waits."""
        review = self.workflow_state
        notes = [_("brouillon modifié")] if self.is_changed else []
        if review is None:
            return notes
        if review.status == WorkflowState.STATUS_NEEDS_CHANGES:
            return [*notes, _("modifications demandées")]
        step = review.current_task_state
        return [*notes, _("attend « %(step)s »") % {"step": step.task.name}] if step else notes


def can_be_public(thing: Any) -> bool:
    """Return whether a page or snippet is of a kind that the public may read."""
    return find_schema(type(thing)) is not None


def specific_of(thing: Any) -> Any:
    """Return a page of its specific type, or a snippet as it is."""
    return thing.specific if isinstance(thing, Page) else thing


def state_of(thing: Model) -> State:
    """Return where a page, of its specific type, or a snippet stands."""
    return states_of([thing])[thing]


def states_of(things: Iterable[Model]) -> dict[Model, State]:
    """Return where things stand, in few queries for each model that is no page."""
    groups: dict[type[Model], list[Model]] = {}
    for thing in things:
        groups.setdefault(Page if isinstance(thing, Page) else type(thing), []).append(thing)
    found: dict[Model, State] = {}
    for model, group in groups.items():
        found |= _states_of_model(model, group)
    return found


def _states_of_model(model: type[Model], things: Sequence[Any]) -> dict[Model, State]:
    admitted, shown = _items_of(model, [thing.pk for thing in things])
    items = {item.thing_id: item for item in admitted.defer(*NO_WORDS)}
    visible = set(shown.values_list("thing_id", flat=True))
    drafts = _draft_hashes(things)
    reviews = _reviews_of(things)
    return {
        thing: State(
            item := items.get(thing.pk),
            is_shown=thing.pk in visible,
            is_changed=item is not None and _is_changed(thing, item, drafts),
            workflow_state=reviews.get(str(thing.pk)),
        )
        for thing in things
    }


def _items_of(model: type[Model], keys: list[Any]) -> tuple[QuerySet[Item], QuerySet[Item]]:
    """Return the items of some rows, and those of them that the public may read now."""
    if model is Page:
        return Item.objects.filter(page__in=keys), page_items().filter(page__in=keys)
    items = Item.objects.filter(
        content_type=ContentType.objects.get_for_model(model), thing_id__in=keys
    )
    return items, items_of(model).filter(thing_id__in=keys) if model in CONDITIONS else items.none()


def _draft_hashes(things: Sequence[Any]) -> dict[int, str]:
    """Return the hash of the words of each draft, by its revision."""
    latest = [thing.latest_revision_id for thing in things if thing.latest_revision_id]
    records = RevisionRecord.objects.filter(revision__in=latest)
    return dict(records.values_list("revision_id", "content_hash"))


def _is_changed(thing: Any, item: Item, drafts: dict[int, str]) -> bool:
    if item.is_alias:
        return False
    draft = drafts.get(thing.latest_revision_id or 0)
    # Of what was never saved in the editor, nothing else is known.
    return draft != item.content_hash if draft else bool(thing.has_unpublished_changes)


def _reviews_of(things: Sequence[Any]) -> dict[str, WorkflowState]:
    states = WorkflowState.objects.active().filter(
        base_content_type=content_type_of(things[0]),
        object_id__in=[str(thing.pk) for thing in things],
    )
    return {state.object_id: state for state in states.select_related("current_task_state__task")}
