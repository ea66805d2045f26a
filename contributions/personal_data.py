"""What contributions hold of people."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contributions import retention as ends
from contributions.consent import CONSENT
from contributions.models import Contribution
from core.consents import ConsentProof, register_proof
from core.privacy.common import ACTIVITY, TEAM, WITH_ROW
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

CONTRIBUTIONS = Processing(
    key="contributions",
    name=_("Contributions des partenaires"),
    purpose=_("Étudier ce qui est proposé, en parler avec la personne qui l'envoie, le publier."),
    people=_("les personnes qui proposent un contenu ou une structure"),
    data=_(
        "nom, adresse e-mail, fonction, structure, ce qui est envoyé avec ses fichiers, les "
        "messages échangés, dates de l'envoi et de l'accord"
    ),
    legal_basis=LegalBasis.CONSENT,
    readers=(Reader.PERSON, *TEAM),
    is_for_visitors=True,
    remains=_(
        "Ce qui est publié reste, sans le nom de qui l'a proposé ; une contribution publiée, ou "
        "dont un brouillon existe, garde son numéro et ses dates."
    ),
)

ORPHANS = retention(
    "contributions.orphan_files",
    ends.ORPHAN_FILES_KEPT,
    _("après la réception d'un fichier dont le formulaire n'est pas envoyé"),
    _("le fichier est supprimé"),
    ends.delete_orphan_files,
)
WITHOUT_ROW = retention(
    "contributions.files_without_row",
    ends.ORPHAN_FILES_KEPT,
    _("après la réception d'un fichier interrompue"),
    _("le fichier est supprimé"),
    ends.delete_files_without_row,
)
DRAFTS = retention(
    "contributions.drafts",
    ends.DRAFTS_KEPT,
    _("après la dernière retouche d'un brouillon"),
    _("le brouillon est supprimé"),
    ends.delete_drafts,
)
REFUSED = retention(
    "contributions.refused",
    ends.REFUSED_KEPT,
    _("après un refus ou un retrait"),
    _("la contribution est supprimée"),
    ends.delete_refused,
)
OPEN = retention(
    "contributions.open",
    ends.OPEN_KEPT,
    _("sans que rien ne se passe"),
    _("la contribution est supprimée, ou anonymisée si un brouillon en est tiré"),
    ends.end_untouched,
)
PUBLISHED = retention(
    "contributions.published",
    ends.PUBLISHED_KEPT,
    _("après la publication ou l'acceptation"),
    _("la contribution est anonymisée"),
    ends.anonymise_published,
)
ORIGINALS = retention(
    "contributions.originals",
    ends.ORIGINALS_KEPT,
    _("après la publication"),
    _("les fichiers reçus sont supprimés : la médiathèque a les siens"),
    ends.delete_originals,
)


def erase_contributions(rows: Rows) -> None:
    """Delete some contributions; of what was made something, the sender alone."""
    for contribution in rows:
        ends.delete_originals_of(contribution)
        ends.forget(contribution)


def prove_contribution(row: Contribution) -> ConsentProof:
    """Return the proof that somebody who sent something agreed."""
    return CONSENT.prove(row.consent_version, row.consented_at, row.get_origin_display())


register_proof("contributions.Contribution", prove_contribution)
declare(
    "contributions.Contribution",
    held(
        CONTRIBUTIONS,
        "person_name email role structure_name structure_type language account title text link "
        "answers origin consent_version consented_at received_at updated_at closed_at",
        PUBLISHED,
    ),
    held(ACTIVITY, "assignee", WITH_ROW),
    others="id kind state session draft_type draft_id token_version waiting_since "
    "reminded_at is_anonymised address_known_at",
    person=Person(address="email", account="account"),
    erase=erase_contributions,
)
declare(
    "contributions.Version",
    held(CONTRIBUTIONS, "content replaced_at", PUBLISHED),
    others="id contribution",
    person=Person(through="contribution"),
)
declare(
    "contributions.Message",
    held(CONTRIBUTIONS, "author text created_at", PUBLISHED),
    held(ACTIVITY, "user", WITH_ROW),
    others="id contribution",
    person=Person(through="contribution"),
)
declare(
    "contributions.ContributionFile",
    held(CONTRIBUTIONS, "file name media_type size received_at", ORIGINALS),
    others="id contribution session uuid sha256 received_sha256 state refusal announced_at "
    "verdict scanned_at document image",
    person=Person(through="contribution"),
)
