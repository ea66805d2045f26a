"""Who may make words public, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import RevisionMixin

from core.compat.admin import policy_registry
from core.languages.publishing import may_publish
from review.actors import Actor
from review.content import canonical_hash
from review.files import describe_refused_files, foreign_files_of, has_external_files
from review.models import Checklist
from review.provenance import pending_mark
from review.records import is_admitted, is_recorded, is_scheduled
from review.workflow import approved_pairs

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.models import User
    from review.models import ExternalContent

UNREVIEWED = gettext_lazy(
    "Ce contenu vient de l'extérieur : il doit passer la relecture puis la validation, par deux "
    "personnes différentes, avant d'être publié."
)
Rule = Callable[[Any, Mapping[str, Any], Actor | None], "str | None"]
RULES: dict[type[Model], Rule] = {}
"""What else must be true of the words of some models, before they become public."""

BEGINNINGS = frozenset({"demonstration", "upgrade"})
"""Why the program makes words public that were written before anything was recorded."""

SCHEDULE = "schedule"
"""Why the program publishes what somebody has scheduled."""


def register_rule(model: type[Model]) -> Callable[[Rule], Rule]:
    """Register what else keeps the words of a model from becoming public.

    The rule is given the instance, its content and who acts, and returns the reason for people,
    or ``None``. It is asked first: it knows what to do next.
    """

    def register(rule: Rule) -> Rule:
        RULES[model] = rule
        return rule

    return register


def refusal(
    instance: Model,
    content: Mapping[str, Any],
    actor: Actor | None,
) -> str | None:
    """Return why these words may not become public, or ``None`` when they may.

    What came from outside needs its whole review: nobody has a right to more. What the
    team wrote needs the right to publish, or the whole review.

    Args:
        instance: the page or snippet.
        content: its words, as ``revision.content`` or ``serializable_data()`` give them.
        actor: who makes them public; nobody may do nothing.

    Returns:
        The reason in French, with what to do next.
    """
    for model, rule in RULES.items():
        if isinstance(instance, model) and (reason := rule(instance, content, actor)):
            return reason
    if has_external_files() and (files := foreign_files_of(_as_written(instance, content))):
        return describe_refused_files(files)
    content_hash = canonical_hash(content)
    mark = pending_mark(instance)
    # What is public already may be published again, though something else waits.
    if mark is not None and not is_admitted(instance, content_hash):
        return _refusal_of_external(instance, content_hash, mark)
    # Approvals last: most that is made public needs none.
    reason = _refusal_of_actor(instance, content_hash, actor)
    return reason if reason and not approved_pairs(instance, content_hash) else None


def _as_written(instance: Model, content: Mapping[str, Any]) -> Any:
    """Return the page or snippet with these words."""
    row: Any = instance
    return row.with_content_json(dict(content)) if isinstance(instance, RevisionMixin) else row


def _refusal_of_external(instance: Any, content_hash: str, mark: ExternalContent) -> str | None:
    if mark.is_suspended:
        return _(
            "La contribution d'où vient ce contenu a été modifiée, refusée ou retirée depuis : "
            "ce qui a été approuvé ne l'est plus. Reprenez-la dans « Contributions »."
        )
    if approved_pairs(instance, content_hash):
        return None
    return f"{UNREVIEWED} {_next_step(instance)}"


def _next_step(instance: Any) -> str:
    """Return what the review of a page or snippet waits for."""
    state = instance.current_workflow_task_state if hasattr(instance, "get_workflow") else None
    if state is None:
        return _("Proposez-le à la relecture.")
    task = state.task.specific
    people = task.describe_candidates(state) if isinstance(task, Checklist) else ""
    return _("Étape en cours : « %(step)s ». %(people)s") % {"step": task.name, "people": people}


def _refusal_of_actor(instance: Model, content_hash: str, actor: Actor | None) -> str | None:
    if actor is None:
        return _("On ne sait pas qui publie ce contenu : il ne peut pas devenir public.")
    if actor.system in BEGINNINGS:
        return None
    if not is_recorded(instance, content_hash):
        return _(
            "On ne sait pas qui a écrit ces mots, qu'un import ou un script a enregistrés. "
            "Relisez-les et enregistrez-les dans l'éditeur, puis publiez ou proposez à la "
            "relecture."
        )
    if actor.user is not None:
        return _refusal_of_user(instance, actor.user)
    if actor.system == SCHEDULE and is_scheduled(instance, content_hash):
        return None
    return _("Personne n'a le droit de publier ce contenu de cette façon. Publiez-le de l'éditeur.")


def why_not_published(instance: Any, user: User | None) -> str | None:
    """Return why a user may not publish a page or snippet as it was last saved, if so.

    Args:
        instance: of its specific type.
        user: who would publish it; nobody may.
    """
    if getattr(instance, "alias_of_id", None):
        # It has no revision.
        return _("c'est un alias : il suit la page d'origine, publiez celle-ci.")
    revision = instance.get_latest_revision()
    content = revision.content if revision else instance.serializable_data()
    return refusal(instance, content, Actor(user=user) if user else None)


def may_edit(instance: Any, user: User) -> bool:
    """Return whether a user has the right to edit a page or snippet."""
    if hasattr(instance, "permissions_for_user"):
        return bool(instance.permissions_for_user(user).can_edit())
    return bool(policy_registry.get(instance).user_has_permission(user, "change"))


def lock_for(instance: Any, user: User | AnonymousUser) -> Any:
    """Return the lock that keeps a user from editing a page or snippet, if there is one."""
    lock = instance.get_lock() if hasattr(instance, "get_lock") else None
    return lock if lock is not None and lock.for_user(user) else None


def _refusal_of_user(instance: Any, user: User) -> str | None:
    if may_publish(user, instance):
        return None
    return _(
        "Vous n'avez pas le droit de publier ce contenu. Proposez-le à la relecture : il sera "
        "publié quand deux personnes l'auront approuvé."
    )
