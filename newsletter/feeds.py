"""Atom feed of the newsletter."""

from django.utils.translation import gettext_lazy as _

from core.feeds import CardFeed
from newsletter.models import NewsletterIndexPage
from newsletter.queries import published_issues
from newsletter.schemas import NewsletterCard


class NewsletterFeed(CardFeed):
    """The latest issues."""

    title = _("Lettre d'information du Projet PARÉ")
    subtitle = _("Chaque numéro, dès qu'il est envoyé.")
    rows = staticmethod(published_issues)
    serialize = staticmethod(NewsletterCard.from_model)
    index = NewsletterIndexPage
    url_name = "newsletter-feed"
