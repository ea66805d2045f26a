"""What the team can do with a contribution in its state, and with which words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from contributions import lifecycle
from contributions.drafts import builder_of
from contributions.emails import reviewers
from contributions.models import ContributionState
from core.models import User

if TYPE_CHECKING:
    from django.http import QueryDict
    from django_stubs_ext import StrOrPromise

    from contributions.models import Contribution


@dataclass(frozen=True)
class Action:
    """One thing that the team does with a contribution.

    Attributes:
        name: in its address.
        label: of what opens it.
        field_label: of the text that goes with it; empty without one.
        letter: the e-mail that the partner gets, shown before it goes; empty without one.
        is_required: whether it needs its text.
        is_final: whether nothing undoes it.
        help: what it does.
    """

    name: str
    label: StrOrPromise
    field_label: StrOrPromise = ""
    letter: str = ""
    is_required: bool = False
    is_final: bool = False
    help: StrOrPromise = ""


ACCEPT = Action(
    "accept",
    _("Accepter la demande"),
    _("Message au partenaire (facultatif)"),
    letter=ContributionState.ACCEPTED,
    is_final=True,
)
CHANGES = Action(
    "changes",
    _("Demander des modifications"),
    _("Ce que le partenaire doit modifier"),
    letter=ContributionState.CHANGES_REQUESTED,
    is_required=True,
)
MESSAGE = Action(
    "message",
    _("Écrire au partenaire"),
    _("Message au partenaire"),
    letter="message",
    is_required=True,
)
NOTE = Action(
    "note",
    _("Ajouter une note pour l'équipe"),
    _("Note, que le partenaire ne voit pas"),
    is_required=True,
)
REJECT = Action(
    "reject",
    _("Refuser"),
    _("Raison du refus, envoyée au partenaire"),
    letter=ContributionState.REJECTED,
    is_required=True,
    is_final=True,
)
REVOKE = Action(
    "revoke",
    _("Éteindre les liens de suivi"),
    letter="new_link",
    is_final=True,
    help=_(
        "Un lien de suivi est tombé entre de mauvaises mains ? Éteignez-le : un nouveau part au "
        "partenaire."
    ),
)
WITH_LETTER = {each.name: each for each in (ACCEPT, CHANGES, MESSAGE, REJECT, REVOKE)}
TEXT_ACTIONS = {**WITH_LETTER, NOTE.name: NOTE}


class TextForm(forms.Form):
    """The text of a message, a reason or a note."""

    text = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, action: Action, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id=f"{action.name}-%s")
        text = self.fields["text"]
        text.label, text.required = action.field_label, action.is_required
        text.error_messages["required"] = (
            _("Écrivez une note.")
            if action == NOTE
            else _("Écrivez un texte : le partenaire le lira.")
        )


class NamedPeople:
    """A field of people, each by the name that colleagues know and not by that of the account."""

    def label_from_instance(self, obj: User) -> str:
        """Return the label of a person."""
        return obj.display_name


class PersonField(NamedPeople, forms.ModelChoiceField[User]):
    """A person."""


class AssignForm(forms.Form):
    """The member of the team who is assigned to a contribution."""

    assignee = PersonField(
        label=_("Suivie par"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Personne"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee: Any = self.fields["assignee"]
        assignee.queryset = User.objects.filter(pk__in=[user.pk for user in reviewers()])


class DraftForm(forms.Form):
    """The page under which the draft goes."""

    parent = forms.ModelChoiceField(
        label=_("Ranger sous"), queryset=Page.objects.none(), empty_label=None
    )

    def __init__(self, parents: list[Page], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        parent.queryset = Page.objects.filter(pk__in=[page.pk for page in parents])


@dataclass(frozen=True)
class OfferedActions:
    """What is offered for a contribution.

    Attributes:
        primary: what its state asks for: ``draft``, ``open``, ``accept``, ``message``, or
            nothing.
        can_draft: whether a draft may be prepared, or written anew.
        parents: the pages under which the draft may go.
        others: the rest.
    """

    primary: str = ""
    can_draft: bool = False
    parents: list[Page] = field(default_factory=list)
    others: list[Action] = field(default_factory=list)


def offered_actions(contribution: Contribution, has_draft: bool) -> OfferedActions:
    """Return what may be done with a contribution by those who may change it."""
    builder = builder_of(contribution)
    allowed = lifecycle.ALLOWED_TRANSITIONS[contribution.state]
    can_draft = builder is not None and ContributionState.IN_REVIEW in allowed
    possible = {
        ACCEPT: builder is None and ContributionState.ACCEPTED in allowed,
        CHANGES: ContributionState.CHANGES_REQUESTED in allowed,
        MESSAGE: bool(contribution.email),
        NOTE: True,
        REJECT: ContributionState.REJECTED in allowed,
        REVOKE: bool(contribution.email),
    }
    primary = _primary(contribution, has_draft=has_draft, can_draft=can_draft)
    return OfferedActions(
        primary=primary,
        can_draft=can_draft,
        parents=builder.parents() if builder and can_draft else [],
        others=[
            action for action, offered in possible.items() if offered and action.name != primary
        ],
    )


def _primary(contribution: Contribution, *, has_draft: bool, can_draft: bool) -> str:
    match contribution.state:
        case ContributionState.RECEIVED:
            return "draft" if can_draft else ACCEPT.name
        case ContributionState.CHANGES_REQUESTED:
            return MESSAGE.name if contribution.email else ""
        case (
            ContributionState.IN_REVIEW | ContributionState.SCHEDULED | ContributionState.PUBLISHED
        ):
            return "open" if has_draft else ""
    return ""
