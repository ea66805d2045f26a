"""Atom feed of the newsletter."""

from django.utils.translation import gettext_lazy as _

from newsletter.listings import newsletter_listing
from published.feeds import CardFeed


class NewsletterFeed(CardFeed):
    """The latest issues."""

    title = _("Lettre d'information du Projet PARÉ")
    subtitle = _("Chaque numéro, dès qu'il est envoyé.")
    listing = newsletter_listing
    index_kind = "newsletter_index"
    url_name = "newsletter-feed"
