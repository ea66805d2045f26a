"""Home page, standard and campaign pages, team, and the settings of the site."""

from home.models.pages import CampaignPage, HomePage, StandardPage, TeamPage
from home.models.settings import SiteSettings
from home.models.snippets import EmergencyNumber, Funder

__all__ = [
    "CampaignPage",
    "EmergencyNumber",
    "Funder",
    "HomePage",
    "SiteSettings",
    "StandardPage",
    "TeamPage",
]
