"""What visitors are told of the data that the site keeps: the registry, in plain words."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.consents import consents
from core.privacy.registry import Processing, Reader, declarations, processings
from core.privacy.words import describe_kept
from core.schemas import Link
from home.models import SiteSettings
from home.schemas import ConsentTerms, PrivacyNotice, ProcessingInfo
from home.site_info import serialize_site

ALL_READERS = frozenset({Reader.VISITORS})


def build_privacy_notice(locale: str, origin: str) -> PrivacyNotice:
    """Return what the site keeps of visitors, in the active language."""
    conf = SiteSettings.load()
    site = serialize_site(locale, origin)
    return PrivacyNotice(
        locale=get_language() or locale,
        title=_("Ce que le site garde de vous, et vos droits"),
        summary=_(
            "Lire le site ne demande rien et ne laisse rien : aucun cookie, aucune mesure qui vous "
            "suive, aucun service d'un tiers. Voici ce qui est gardé si vous nous écrivez, vous "
            "inscrivez ou vous abonnez."
        ),
        html_url=Link.to("", reverse("privacy"), origin).html_url,
        controller=site.operator or site.name,
        contact_email=conf.contact_email,
        contact_phone=conf.contact_phone,
        rights=_rights(),
        processings=[_describe(each) for each in processings() if each.is_for_visitors],
        consents=[
            ConsentTerms(purpose=each.purpose, version=each.version, text=str(each.text))
            for each in consents()
        ],
        subscription=Link.to(
            _("Recevoir le lien de votre abonnement, pour tout voir ou tout effacer"),
            reverse("newsletter:link"),
            origin,
        ),
    )


def _rights() -> list[str]:
    return [
        _("Savoir ce que nous gardons de vous, et en recevoir une copie."),
        _("Le faire corriger ou effacer."),
        _("Retirer votre accord à tout moment, sans avoir à l'expliquer."),
        _("Vous opposer à ce que nous faisons sans votre accord, ou le faire limiter."),
        _("Vous plaindre à la CNIL, sur cnil.fr, si notre réponse ne vous convient pas."),
    ]


def _describe(processing: Processing) -> ProcessingInfo:
    kept: list[str] = []
    for declared in declarations():
        for part in declared.held:
            if part.processing is processing and (words := describe_kept(part.kept)) not in kept:
                kept.append(words)
    # Everyone includes the others.
    shown_to_all = set(processing.readers) & ALL_READERS
    readers = [each for each in processing.readers if not shown_to_all or each in shown_to_all]
    return ProcessingInfo(
        key=processing.key,
        name=str(processing.name),
        purpose=str(processing.purpose),
        people=str(processing.people),
        data=str(processing.data),
        legal_basis=str(processing.legal_basis.label),
        readers=[str(each.label) for each in readers],
        kept=kept,
        remains=str(processing.remains),
    )
