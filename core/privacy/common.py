"""What several apps declare alike: the work of the team, and what stays with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.privacy.registry import LegalBasis, Processing, Reader, Unlimited

TEAM = (Reader.DIRECTION, Reader.COORDINATION, Reader.REVIEW)

WITH_CONTENT = Unlimited(_("tant que le contenu existe"))
WITH_ROW = Unlimited(_("aussi longtemps que ce à quoi cela se rattache"))
MINUTES = Unlimited(_("le temps d'un travail : effacé de lui-même ensuite"))

ACTIVITY = Processing(
    key="activity",
    name=_("Qui a fait quoi dans l'administration"),
    purpose=_("Savoir qui a écrit, relu, publié ou exporté quoi : la règle des deux relectures."),
    people=_("les personnes qui ont un compte"),
    data=_("le compte qui a fait l'acte, et sa date"),
    legal_basis=LegalBasis.INTEREST,
    readers=TEAM,
    remains=_(
        "Les actes restent, sans nom : la règle des deux relectures doit pouvoir être vérifiée."
    ),
)
DRAFTS = Processing(
    key="drafts",
    name=_("Textes en préparation, et leurs versions"),
    purpose=_("Préparer, relire et corriger ce qui sera publié."),
    people=_("les personnes nommées dans un texte"),
    data=_("ce que le texte dit d'elles : nom, fonction, adresse de contact"),
    legal_basis=LegalBasis.INTEREST,
    readers=TEAM,
)
TASKS = Processing(
    key="tasks",
    name=_("Travaux en arrière-plan"),
    purpose=_("Faire sans attendre ce qui prend du temps."),
    people=_("les personnes que ces travaux concernent"),
    data=_("des numéros ; en cas d'échec, ce que l'erreur cite"),
    legal_basis=LegalBasis.INTEREST,
    readers=(Reader.NOBODY,),
)
