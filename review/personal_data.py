"""What accounts and reviews hold of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Revision

from core.models import User
from core.personal_data import NUMBERS
from core.privacy.common import ACTIVITY, WITH_CONTENT, WITH_ROW
from core.privacy.erasing import register_guard, rewritten
from core.privacy.finding import accounts_of
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    declare,
    declare_all,
    held,
    retention,
)
from review.accounts.retention import INACTIVE_FOR, erase_accounts, erase_inactive
from review.accounts.standing import Standing
from review.content import canonical_hash
from review.groups import is_team
from review.models import ReviewState, RevisionRecord

if TYPE_CHECKING:
    from core.privacy.addresses import Address
    from core.privacy.finding import Mention

ACCOUNTS = Processing(
    key="accounts",
    name=_("Comptes de l'équipe et des partenaires"),
    purpose=_("Donner à chaque personne ce que son groupe peut faire."),
    people=_("les personnes qui ont un compte"),
    data=_(
        "identifiant, nom, adresse e-mail, empreinte du mot de passe, groupes, réglages, image, "
        "dates de création et de dernière connexion"
    ),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.PERSON, Reader.DIRECTION),
    is_for_visitors=True,
    remains=_(
        "Le compte reste, sans nom ni droit : les relectures et le registre des mises en ligne "
        "renvoient à son numéro."
    ),
)

INACTIVE = retention(
    "review.accounts",
    INACTIVE_FOR,
    _("après la dernière connexion d'un compte désactivé"),
    _("le compte perd son nom et son adresse"),
    erase_inactive,
)


def erase_people(rows: Rows) -> None:
    """Erase who had some accounts."""
    erase_accounts(rows)


@register_guard
def keep_team(address: Address, user: User | None) -> str:
    """Refuse to erase who still works with an account, or may do more than who erases."""
    for account in User.objects.filter(pk__in=accounts_of(address)):
        if account.is_active and is_team(account):
            return gettext(
                "Cette personne a un compte de l'équipe : désactivez-le d'abord, dans "
                "« Paramètres › Utilisateurs »."
            )
        if user is not None and not Standing(user).may_manage(account):
            return gettext("Cette personne a un compte qui a plus de droits que le vôtre.")
    return ""


@receiver(rewritten, sender=Revision, dispatch_uid="review.keep_approvals")
def keep_approvals(mention: Mention, values: dict[str, Any], **kwargs: Any) -> None:
    """Let what is left of a content have the approvals that it had."""
    if "content" in values:
        before, after = (canonical_hash(each["content"]) for each in (mention.values, values))
        RevisionRecord.objects.filter(content_hash=before).update(content_hash=after)
        ReviewState.objects.filter(content_hash=before).update(content_hash=after)


declare(
    "core.User",
    held(
        ACCOUNTS,
        "username first_name last_name email password last_login date_joined is_active is_staff "
        "is_superuser groups user_permissions",
        INACTIVE,
    ),
    others="id",
    person=Person(address="email username"),
    erase=erase_people,
)
declare(
    "wagtailusers.UserProfile",
    held(
        ACCOUNTS,
        "avatar preferred_language current_time_zone theme contrast density keyboard_shortcuts "
        "dismissibles",
        INACTIVE,
    ),
    others="user",
    rest=NUMBERS,
    person=Person(account="user"),
)
declare(
    "wagtailcore.APIToken",
    held(ACCOUNTS, "name user created last_used_at", INACTIVE),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare(
    "review.RevisionRecord",
    held(ACTIVITY, "user scheduled_by created_at", WITH_CONTENT),
    rest=NUMBERS,
)
declare("review.ReviewState", held(ACTIVITY, "ticked", WITH_ROW), rest=NUMBERS)
declare("review.ExternalContent", rest=NUMBERS)
declare_all("review.EditorialReview review.Validation", NUMBERS)
