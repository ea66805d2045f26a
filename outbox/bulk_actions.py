"""What the team does with letters that did not leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin.bulk_actions import ChosenRowsAction
from outbox.admin_views import CHANGE_EMAILS, list_path, why_not_again
from outbox.labels import label_of
from outbox.models import OutgoingEmail
from outbox.reasons import describe_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.forms import Form


class EmailAction(ChosenRowsAction):
    """A bulk action on letters."""

    models = (OutgoingEmail,)
    permission = CHANGE_EMAILS
    icon = "mail"

    @classmethod
    def rows(cls) -> QuerySet[OutgoingEmail]:
        return OutgoingEmail.objects.order_by("pk")

    def name_of(self, row: OutgoingEmail) -> str:
        return label_of(row.kind)

    def address_of(self, row: OutgoingEmail) -> str:
        return list_path(q=row.address)

    def detail_of(self, row: OutgoingEmail) -> str:
        return ", ".join(filter(None, (row.address, describe_state(row))))

    def why_not(self, row: OutgoingEmail) -> str:
        return why_not_again(row)

    def chosen(self, rows: Sequence[OutgoingEmail]) -> Any:
        """Return the letters as they are now: a worker may have sent some meanwhile."""
        return OutgoingEmail.objects.filter(pk__in=[row.pk for row in rows])


class SendAgain(EmailAction):
    """« Essayer à nouveau »."""

    action_type = "send_again"
    action_priority = 10
    display_name = gettext_lazy("Essayer à nouveau")
    aria_label = gettext_lazy("Essayer à nouveau les e-mails choisis")
    button = gettext_lazy("Essayer à nouveau")

    def describe(self, rows: Sequence[OutgoingEmail], form: Form) -> dict[str, Any]:
        return {
            "effects": [
                _("Ils repartent tout de suite ; au besoin, les essais durent deux jours."),
                _("Une adresse qui n'existe pas les refusera encore : corrigez-la plutôt."),
            ]
        }

    def do_all(self, rows: Sequence[OutgoingEmail]) -> int:
        return int(self.chosen(rows).retry())

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s e-mail est essayé à nouveau.",
            "%(count)s e-mails sont essayés à nouveau.",
            count,
        ) % {"count": count}


class Dismiss(EmailAction):
    """« Ne plus envoyer »."""

    action_type = "dismiss"
    action_priority = 20
    display_name = gettext_lazy("Ne plus envoyer")
    aria_label = gettext_lazy("Ne plus envoyer les e-mails choisis")
    button = gettext_lazy("Ne plus envoyer")
    classes = frozenset({"serious"})
    is_final = True

    def describe(self, rows: Sequence[OutgoingEmail], form: Form) -> dict[str, Any]:
        return {"effects": [_("Ils ne partiront pas, et leurs textes sont effacés.")]}

    def do_all(self, rows: Sequence[OutgoingEmail]) -> int:
        return int(self.chosen(rows).dismiss())

    def describe_done(self, count: int) -> str:
        return ngettext(
            "%(count)s e-mail ne partira pas.", "%(count)s e-mails ne partiront pas.", count
        ) % {"count": count}


BULK_ACTIONS = (SendAgain, Dismiss)
