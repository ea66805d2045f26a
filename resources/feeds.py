"""Atom feeds of the resources and the news."""

from django.utils.translation import gettext_lazy as _

from published.feeds import CardFeed
from resources.listings import news_listing, resource_listing


class ResourceFeed(CardFeed):
    """The latest resources."""

    title = _("Ressources du Projet PARÉ")
    subtitle = _("Guides, outils et études contre la prostitution des mineur·es.")
    listing = resource_listing
    index_kind = "resource_index"
    url_name = "resource-feed"


class NewsFeed(CardFeed):
    """The latest news."""

    title = _("Actualités du Projet PARÉ")
    subtitle = _("Ce qui se passe dans le réseau.")
    listing = news_listing
    index_kind = "news_index"
    url_name = "news-feed"
