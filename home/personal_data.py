"""What the pages of text and the settings of the site hold of people."""

from __future__ import annotations

from core.personal_data import CONTENT, TEAM_TEXTS
from core.privacy.common import WITH_CONTENT
from core.privacy.registry import declare, declare_all, held

declare("home.TeamPage", held(CONTENT, "members", WITH_CONTENT), rest=TEAM_TEXTS)
declare(
    "home.SiteSettings",
    others="contact_email contact_phone contact_page email_tested_at",
    rest="Of the site, and of nobody.",
)
declare_all(
    "home.HomePage home.StandardPage home.CampaignPage home.EmergencyNumber home.Funder", TEAM_TEXTS
)
