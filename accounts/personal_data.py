"""What accounts hold of people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.retention import INACTIVE_FOR, erase_accounts, erase_inactive
from accounts.sessions import purge_ended
from accounts.standing import Standing
from core.models import User
from core.personal_data import NUMBERS
from core.privacy.common import ACTIVITY, WITH_ROW
from core.privacy.erasing import register_guard
from core.privacy.finding import accounts_of
from core.privacy.registry import (
    LegalBasis,
    Person,
    Processing,
    Reader,
    Rows,
    declare,
    held,
    retention,
)
from review.groups import is_team

if TYPE_CHECKING:
    from core.privacy.addresses import Address

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

CONNECTIONS = Processing(
    key="connections",
    name=_("Protection des comptes"),
    purpose=_(
        "Empêcher qu'un mot de passe volé suffise, et montrer à chaque personne où elle est "
        "connectée."
    ),
    people=_("les personnes qui ont un compte"),
    data=_(
        "clé chiffrée du second facteur et date de son dernier usage ; adresse du réseau et "
        "navigateur de chaque connexion en cours ; dates des revues de l'accès"
    ),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.PERSON,),
)

INACTIVE = retention(
    "accounts.inactive",
    INACTIVE_FOR,
    _("après la dernière connexion d'un compte désactivé"),
    _("le compte perd son nom et son adresse"),
    erase_inactive,
)

ENDED = retention(
    "accounts.connections",
    timedelta(0),
    _("après la fin de la connexion"),
    _("l'adresse et le navigateur sont oubliés"),
    purge_ended,
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
    "accounts.AccessReview",
    held(ACTIVITY, "account by at", WITH_ROW),
    rest=NUMBERS,
    person=Person(account="account"),
)
declare(
    "mfa.Authenticator",
    held(CONNECTIONS, "user type data created_at last_used_at", INACTIVE),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare(
    "usersessions.UserSession",
    held(CONNECTIONS, "user ip user_agent session_key created_at last_seen_at data", ENDED),
    rest=NUMBERS,
    person=Person(account="user"),
)
declare("account.EmailAddress", rest="No row: nobody signs up.", others="user email")
declare("account.EmailConfirmation", rest="No row: nobody signs up.", others="email_address")
