"""Who may make words public, and why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.compat.admin import policy_registry
from review.content import canonical_hash
from review.provenance import pending_mark
from review.workflow import approved_pairs

if TYPE_CHECKING:
    from review.actors import Actor
    from review.models import ExternalContent

UNREVIEWED = gettext_lazy(
    "Ce contenu vient de l'extérieur : il doit passer la relecture puis la validation, par deux "
    "personnes différentes, avant d'être publié."
)
Rule = Callable[[Any, Mapping[str, Any], "Actor | None"], "str | None"]
RULES: dict[type[Model], Rule] = {}
"""What else must be true of the words of some models, before they become public."""
SYSTEM_REASONS = frozenset({"demonstration", "upgrade", "schedule"})
"""Why the program may make the team's own words public by itself."""


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
    *,
    approved_by_review: bool = False,
) -> str | None:
    """Return why these words may not become public, or ``None`` when they may.

    What came from outside needs its whole review: nobody has a right to more. What the
    team wrote needs the right to publish, or the whole review.

    Args:
        instance: the page or snippet.
        content: its words, as ``revision.content`` or ``serializable_data()`` give them.
        actor: who makes them public; nobody may do nothing.
        approved_by_review: the review of the team's own words has just ended.

    Returns:
        The reason in French, with what to do next.
    """
    for model, rule in RULES.items():
        if isinstance(instance, model) and (reason := rule(instance, content, actor)):
            return reason
    content_hash = canonical_hash(content)
    mark = pending_mark(instance)
    if mark is not None:
        if mark.is_suspended:
            return _(
                "La contribution d'où vient ce contenu a été modifiée, refusée ou retirée depuis : "
                "ce qui a été approuvé ne l'est plus. Reprenez-la dans « Contributions »."
            )
        return None if _is_validated(instance, content_hash) else str(UNREVIEWED)
    if approved_by_review or _may_publish(instance, actor) or _is_validated(instance, content_hash):
        return None
    if actor is None:
        return _("On ne sait pas qui publie ce contenu : il ne peut pas devenir public.")
    return _(
        "Vous n'avez pas le droit de publier ce contenu. Proposez-le à la relecture : il sera "
        "publié quand deux personnes l'auront approuvé."
    )


def _refusal_of_external(instance: Model, mark: ExternalContent, content_hash: str) -> str | None:
    if mark.is_suspended:
        return _(
            "La contribution d'où vient ce contenu a été modifiée, refusée ou retirée depuis : "
            "ce qui a été approuvé ne l'est plus. Reprenez-la dans « Contributions »."
        )
    return None if _is_validated(instance, content_hash) else str(UNREVIEWED)


def _is_validated(instance: Model, content_hash: str) -> bool:
    return bool(approved_pairs(instance, content_hash))


def _may_publish(instance: Any, actor: Actor | None) -> bool:
    if actor is None:
        return False
    if actor.user is None:
        return actor.system in SYSTEM_REASONS
    if hasattr(instance, "permissions_for_user"):
        return bool(instance.permissions_for_user(actor.user).can_publish())
    return bool(policy_registry.get(instance).user_has_permission(actor.user, "publish"))
