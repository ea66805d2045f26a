"""What the figures hold: totals, and words that were searched."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.personal_data import NUMBERS
from core.privacy.common import TEAM
from core.privacy.registry import LegalBasis, Processing, declare, declare_all, held, retention
from figures.retention import TOTALS_KEPT, WORDS_KEPT, forget_totals, forget_words

SEARCHES = Processing(
    key="searches",
    name=_("Mots cherchés sur le site"),
    purpose=_("Savoir ce qui manque au site."),
    people=_("les personnes qui cherchent sur le site, que rien ne désigne"),
    data=_("les mots cherchés trois jours différents, sans rien de qui les a cherchés"),
    legal_basis=LegalBasis.INTEREST,
    readers=TEAM,
    is_for_visitors=True,
)

WORDS = retention(
    "figures.words",
    WORDS_KEPT,
    _("après la recherche"),
    _("les mots sont oubliés"),
    forget_words,
)
TOTALS = retention(
    "figures.totals",
    TOTALS_KEPT,
    _("après le jour compté"),
    _("le total est oublié"),
    forget_totals,
)

declare("figures.SearchedWords", held(SEARCHES, "words", WORDS), others="id")
declare("figures.UnconfirmedWords", held(SEARCHES, "digest", WORDS), rest=NUMBERS)
declare_all("figures.DailyTotal figures.SearchedDay figures.ErasedTotal", NUMBERS)
