"""What accounts and reviews hold of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.personal_data import NUMBERS
from core.privacy.common import ACTIVITY, WITH_CONTENT, WITH_ROW
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


declare(
    "core.User",
    held(
        ACCOUNTS,
        "username first_name last_name email password last_login date_joined is_active is_staff "
        "is_superuser groups user_permissions",
        INACTIVE,
    ),
    others="id",
    person=Person(address="email"),
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
