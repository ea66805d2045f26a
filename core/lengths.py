"""How long titles and summaries may be, counted beside their fields by ``js/lengths.js``."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

TITLE_LENGTH = 60
"""Search engines and e-mails cut what is longer."""
DESCRIPTION_LENGTH = 155
"""Search engines cut what is longer."""
SUMMARY_LENGTH = 300
"""Two or three sentences."""


def counted(advised: int) -> dict[str, object]:
    """Return the attributes of the panel of a field whose length is counted as one types."""
    return {
        "data-advised-length": str(advised),
        "data-length-fits": _("Longueur : {count} sur {advised} conseillés."),
        "data-length-over": _(
            "Longueur : {count}, soit {excess} de plus que conseillé : la fin risque d'être coupée."
        ),
    }
