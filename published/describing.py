"""Where a page or snippet stands, in the words of its editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from wagtail.models import PageViewRestriction, WorkflowState

from core.languages.publishing import may_publish
from core.languages.times import format_moment
from published.history import ADMIT, WITHDRAW, entries_of, rows_of
from published.states import State, specific_of, state_of
from review.content import canonical_content, changed_fields
from review.models import Checklist
from review.models.wording import field_labels, name_of
from review.provenance import pending_mark
from review.rights import BEGINNINGS

if TYPE_CHECKING:
    from django.db.models import Model

    from core.models import User
    from published.models import Item


@dataclass(frozen=True)
class Description:
    """Where something stands.

    Attributes:
        state: the same, for programs.
        public: whether the public reads it, and since when.
        public_notes: why not, or whose words these are.
        draft: how the draft compares with that.
        draft_note: who saved it, and when.
        is_changed: whether it differs.
        changes: the labels of the fields in which it does.
        waiting: what it waits for.
        waiting_note: who may do it, and how.
    """

    state: State
    public: str
    public_notes: list[str]
    draft: str
    draft_note: str
    is_changed: bool = False
    changes: list[str] = field(default_factory=list)
    waiting: str = ""
    waiting_note: str = ""


def describe(thing: Any, reader: User) -> Description:
    """Return where something stands.

    Args:
        thing: a page, of its specific type, or a snippet.
        reader: who is shown it.
    """
    state = state_of(thing)
    public, notes = _describe_public(thing, state)
    names = [] if state.item is None or state.item.is_alias else _differences(thing, state.item)
    draft = _describe_draft(state, is_changed=bool(names))
    waiting, waiting_note = "", ""
    if state.workflow_state is not None:
        waiting, waiting_note = _describe_review(thing, state.workflow_state)
    elif state.item is None or names:
        waiting, waiting_note = _describe_idle_draft(thing, reader)
    return Description(
        state=state,
        public=public,
        public_notes=notes,
        draft=draft,
        draft_note=_describe_saving(thing) if names or state.item is None else "",
        is_changed=bool(names),
        changes=field_labels(type(thing), names),
        waiting=waiting,
        waiting_note=waiting_note,
    )


# What the public reads


def _describe_public(thing: Any, state: State) -> tuple[str, list[str]]:
    if state.item is None:
        return _describe_absence(thing)
    if not state.is_shown:
        return _describe_hidden(thing)
    source = _source_of(thing)
    first, last = _present_run(source)
    since = state.item.published_at
    if first is not None and first.reason not in BEGINNINGS:
        since = first.at
    notes = []
    if source.pk != thing.pk:
        notes.append(_("Alias : il montre « %(title)s ».") % {"title": source})
    if last is not None and last != first:
        (row,) = rows_of([last])
        values = {"moment": format_moment(last.at), "name": row.by}
        notes.append(_("Modifié en ligne le %(moment)s par %(name)s.") % values)
    return _("En ligne depuis le %(moment)s") % {"moment": format_moment(since)}, notes


def _source_of(thing: Any) -> Any:
    return getattr(thing, "alias_of", None) or thing


def _present_run(thing: Model) -> tuple[Any, Any]:
    """Return the entries by which the present words, and the first of them, became public."""
    mine = entries_of(specific_of(thing))
    ended = mine.filter(act=WITHDRAW).first()
    run = mine.filter(act=ADMIT, pk__gt=ended.pk if ended else 0)
    return run.last(), run.first()


def _describe_absence(thing: Any) -> tuple[str, list[str]]:
    ended = entries_of(thing).first()
    if ended is None:
        return _("Pas en ligne"), [_("Le public n'en a encore rien lu.")]
    (row,) = rows_of([ended])
    return _("N'est plus en ligne depuis le %(moment)s") % {"moment": format_moment(ended.at)}, [
        _("Retiré par %(name)s.") % {"name": row.by} if row.user else f"{row.why}."
    ]


def _describe_hidden(thing: Any) -> tuple[str, list[str]]:
    rows = type(thing)._default_manager.filter(pk=thing.pk)
    expire_at, live = rows.values_list("expire_at", "live").get()
    if expire_at is not None and expire_at <= timezone.now():
        moment = format_moment(expire_at)
        return _("N'est plus en ligne depuis le %(moment)s") % {"moment": moment}, [
            _("Sa date de fin est passée.")
        ]
    if not live:
        return _("Pas en ligne"), [_("Dépublié.")]
    return _("Pas en ligne pour le public"), [
        _describe_restriction(each) for each in thing.get_view_restrictions()
    ]


def _describe_restriction(restriction: PageViewRestriction) -> str:
    values = {"title": restriction.page.title}
    if restriction.restriction_type == PageViewRestriction.GROUPS:
        names = restriction.groups.values_list("name", flat=True)
        values["groups"] = get_text_list(list(names), _("et"))
        return _("Réservé à : %(groups)s, par « %(title)s ».") % values
    if restriction.restriction_type == PageViewRestriction.PASSWORD:
        return _("Protégé par un mot de passe, par « %(title)s ».") % values
    return _("Réservé aux membres, par « %(title)s ».") % values


# What is only in the draft


def _differences(thing: Any, item: Item) -> list[str]:
    """Return the names of the fields in which the draft is not what was admitted."""
    revision = thing.get_latest_revision()
    draft = revision.content if revision else _row_of(thing).serializable_data()
    return changed_fields(canonical_content(item.content), canonical_content(draft))


def _row_of(thing: Any) -> Any:
    return type(thing)._default_manager.get(pk=thing.pk)


def _describe_draft(state: State, *, is_changed: bool) -> str:
    if state.item is None:
        return _("Tout est en brouillon")
    if state.item.is_alias:
        return ""
    if is_changed:
        return _("Le brouillon n'est pas ce que lit le public")
    return _("Le brouillon est ce que lit le public")


def _describe_saving(thing: Any) -> str:
    revision = thing.get_latest_revision()
    if revision is None:
        return ""
    values = {"moment": format_moment(revision.created_at), "name": name_of(revision.user)}
    if revision.user is None:
        return _("Enregistré le %(moment)s.") % values
    return _("Enregistré le %(moment)s par %(name)s.") % values


# What waits


def _describe_idle_draft(thing: Any, reader: User) -> tuple[str, str]:
    """Return who is waited for where no review goes on: nobody, and what to do then."""
    if not getattr(thing, "is_published_by_review", True):
        return "", ""
    if thing.scheduled_revision is not None:
        return _("Attend sa date de publication"), ""
    if pending_mark(thing) is not None:
        note = _("Ce contenu vient de l'extérieur : proposez-le à la relecture quand il est prêt.")
    elif may_publish(reader, thing):
        note = _("Quand il est prêt, publiez-le ou proposez-le à la relecture.")
    else:
        note = _("Proposez-le à la relecture quand il est prêt.")
    return _("N'attend personne"), note


def _describe_review(thing: Any, review: WorkflowState) -> tuple[str, str]:
    if review.status == WorkflowState.STATUS_NEEDS_CHANGES:
        note = _("À %(name)s de modifier ce contenu.") % {"name": name_of(review.requested_by)}
        return _("Des modifications sont demandées"), note
    step = review.current_task_state
    if step is None:
        return "", ""
    step.revision = thing.get_latest_revision() or step.revision
    task = step.task.specific
    note = task.describe_candidates(step) if isinstance(task, Checklist) else ""
    return _("Attend « %(step)s »") % {"step": task.name}, note
