"""What the pages of text and the settings of the site hold of people."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from core.email_addresses import normalize_email
from core.personal_data import CONTENT, TEAM_TEXTS
from core.privacy.common import WITH_CONTENT
from core.privacy.erasing import register_guard
from core.privacy.registry import declare, declare_all, held
from home.models import SiteSettings

if TYPE_CHECKING:
    from core.models import User
    from core.privacy.addresses import Address


@register_guard
def keep_site(address: Address, user: User | None) -> str:
    """Refuse to erase the address of the site itself."""
    own = (SiteSettings.load().contact_email, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    if address.value in map(normalize_email, own):
        return _("C'est l'adresse du site, et de personne : elle se change dans ses réglages.")
    return ""


declare("home.TeamPage", held(CONTENT, "members", WITH_CONTENT), rest=TEAM_TEXTS)
declare(
    "home.SiteSettings",
    others="contact_email contact_phone contact_page email_tested_at",
    rest="Of the site, and of nobody.",
)
declare_all(
    "home.HomePage home.StandardPage home.CampaignPage home.EmergencyNumber home.Funder", TEAM_TEXTS
)
