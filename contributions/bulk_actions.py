"""What the team does with several contributions at once, under the rules of one by one.

No draft is prepared and nothing is approved here: each is read by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contributions import decisions, lifecycle
from contributions.actions import ACCEPT, REJECT, Action, AssignForm, TextForm
from contributions.admin_rights import CHANGE, require_user
from contributions.drafts import builder_of
from contributions.emails import preview_partner_email
from contributions.models import Contribution, ContributionState
from core.admin.bulk_actions import ChosenRowsAction
from core.mail import ShownLetter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet
    from django.forms import Form


class ContributionsAction(ChosenRowsAction):
    """A bulk action on contributions that were sent."""

    models = (Contribution,)
    permission = CHANGE
    icon = "mail"

    @classmethod
    def rows(cls) -> QuerySet[Contribution]:
        # A draft is its partner's alone.
        return (
            Contribution.objects.exclude(state=ContributionState.DRAFT)
            .select_related("assignee", "account", "structure_type")
            .prefetch_related("files")
            .order_by("received_at", "pk")
        )

    def name_of(self, row: Contribution) -> str:
        return row.name

    def address_of(self, row: Contribution) -> str:
        return reverse("contribution:inspect", args=[row.pk])

    def detail_of(self, row: Contribution) -> str:
        parts = (row.reference, row.structure_name, row.get_state_display())
        return ", ".join(str(part) for part in parts if part)


class Assign(ContributionsAction):
    """« Confier »."""

    action_type = "assign"
    action_priority = 10
    display_name = gettext_lazy("Confier")
    aria_label = gettext_lazy("Confier les contributions choisies à une personne de l'équipe")
    button = gettext_lazy("Confier")
    form_class = AssignForm

    def get_initial(self) -> dict[str, Any]:
        """Return the person who asks: she takes on what she chose."""
        return {"assignee": self.request.user.pk}

    def why_not(self, row: Contribution) -> str:
        return ""

    def do(self, row: Contribution) -> str:
        to = self.cleaned_form.cleaned_data["assignee"]
        lifecycle.assign(row, to, require_user(self.request))
        return ""

    def describe_done(self, count: int) -> str:
        to = self.cleaned_form.cleaned_data["assignee"]
        if to is None:
            return ngettext(
                "%(count)s contribution que personne ne suit.",
                "%(count)s contributions que personne ne suit.",
                count,
            ) % {"count": count}
        return ngettext(
            "%(count)s contribution suivie par %(name)s.",
            "%(count)s contributions suivies par %(name)s.",
            count,
        ) % {"count": count, "name": to.display_name}


class Decide(ContributionsAction):
    """A decision that ends contributions, with one text for all of their partners.

    Attributes:
        action: that of a contribution by itself.
        state: the end.
    """

    action: Action
    state: ContributionState
    classes = frozenset({"serious"})
    is_final = True
    has_letter_step = True

    def get_form(self, form_class: Any = None) -> Form:
        """Return the form of the text."""
        data = self.request.POST if self.request.method == "POST" else None
        return TextForm(self.action, data)

    def why_not(self, row: Contribution) -> str:
        if lifecycle.can_transition(row, self.state):
            return ""
        return lifecycle.explain_state(row)

    def describe(self, rows: Sequence[Contribution], form: Form) -> dict[str, Any]:
        """Return what becomes of them, and the first letter."""
        text = form.cleaned_data["text"]
        reached = [row for row in rows if row.email]
        return {
            "effects": [*self.effects(rows), *_letters_sent(len(reached), len(rows))],
            "letters": [
                ShownLetter(
                    row.person_name, row.email, preview_partner_email(row, self.action.letter, text)
                )
                for row in reached[:1]
            ],
        }

    def effects(self, rows: Sequence[Contribution]) -> Iterator[str]:
        """Yield what it does besides its letters."""
        raise NotImplementedError

    def decide(self, row: Contribution, text: str) -> None:
        """Take the decision on one contribution.

        Raises:
            InvalidTransition: its state does not allow it any more.
        """
        raise NotImplementedError

    def do(self, row: Contribution) -> str:
        try:
            self.decide(row, self.cleaned_form.cleaned_data["text"])
        except lifecycle.InvalidTransition as error:
            return str(error)
        return ""


class Reject(Decide):
    """« Refuser », with one reason."""

    action_type = "reject"
    action_priority = 30
    display_name = gettext_lazy("Refuser")
    aria_label = gettext_lazy("Refuser les contributions choisies, avec une même raison")
    button = gettext_lazy("Refuser et envoyer les lettres")
    action, state = REJECT, ContributionState.REJECTED

    def effects(self, rows: Sequence[Contribution]) -> Iterator[str]:
        yield ngettext(
            "%(count)s contribution est refusée et close.",
            "%(count)s contributions sont refusées et closes.",
            len(rows),
        ) % {"count": len(rows)}
        for title in _deleted_drafts(rows):
            yield _("Le brouillon « %(title)s » est supprimé.") % {"title": title}
        imported = sum(
            bool(file.document_id or file.image_id) for row in rows for file in row.files.all()
        )
        if imported:
            yield ngettext(
                "%(count)s fichier qui en venait quitte la bibliothèque, si rien d'autre ne s'en "
                "sert.",
                "%(count)s fichiers qui en venaient quittent la bibliothèque, si rien d'autre ne "
                "s'en sert.",
                imported,
            ) % {"count": imported}

    def decide(self, row: Contribution, text: str) -> None:
        decisions.reject(row, require_user(self.request), text)

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s contribution refusée : le partenaire reçoit votre raison.",
            "%(count)s contributions refusées : les partenaires reçoivent votre raison.",
            count,
        ) % {"count": count}


class Accept(Decide):
    """« Accepter la demande »: what makes no draft."""

    action_type = "accept"
    action_priority = 20
    display_name = gettext_lazy("Accepter les demandes")
    aria_label = gettext_lazy("Accepter les demandes de réseau choisies")
    button = gettext_lazy("Accepter et envoyer les lettres")
    action, state = ACCEPT, ContributionState.ACCEPTED

    def why_not(self, row: Contribution) -> str:
        if builder_of(row) is not None:
            return _("elle devient un brouillon, à préparer depuis sa fiche.")
        return super().why_not(row)

    def effects(self, rows: Sequence[Contribution]) -> Iterator[str]:
        yield ngettext(
            "%(count)s demande est acceptée et close.",
            "%(count)s demandes sont acceptées et closes.",
            len(rows),
        ) % {"count": len(rows)}

    def decide(self, row: Contribution, text: str) -> None:
        decisions.accept(row, require_user(self.request), text)

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s demande acceptée : un e-mail part au partenaire.",
            "%(count)s demandes acceptées : un e-mail part à chaque partenaire.",
            count,
        ) % {"count": count}


BULK_ACTIONS = (Assign, Accept, Reject)


def _letters_sent(reached: int, count: int) -> Iterator[str]:
    """Yield how many partners get the letter, and how many can't."""
    if reached > 1:
        yield _("Chaque partenaire reçoit cette lettre, à son nom et dans sa langue.")
    if gone := count - reached:
        yield ngettext(
            "L'adresse de %(count)s partenaire a été effacée : aucune lettre ne lui part.",
            "Les adresses de %(count)s partenaires ont été effacées : aucune lettre ne leur part.",
            gone,
        ) % {"count": gone}


def _deleted_drafts(rows: Sequence[Contribution]) -> Iterator[str]:
    """Yield the titles of the drafts that were never published: one query for each of their types.

    What :func:`contributions.decisions.delete_draft` deletes.
    """
    kinds = {row.draft_type_id for row in rows if row.draft_type_id}
    for kind in sorted(kinds):
        model = ContentType.objects.get_for_id(kind).model_class()
        if model is not None:
            keys = [row.draft_id for row in rows if row.draft_type_id == kind and row.draft_id]
            never = model._default_manager.filter(live=False, first_published_at=None)
            yield from map(str, never.filter(pk__in=keys).order_by("pk"))
