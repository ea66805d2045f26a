"""Atom feeds of the resources and the news."""

from django.utils.translation import gettext_lazy as _

from core.feeds import CardFeed
from resources.models import NewsIndexPage, ResourceIndexPage
from resources.queries import published_news, published_resources
from resources.schemas import NewsCard, ResourceCard


class ResourceFeed(CardFeed):
    """The latest resources."""

    title = _("Ressources du Projet PARÉ")
    subtitle = _("Guides, outils et études contre la prostitution des mineur·es.")
    rows = staticmethod(published_resources)
    serialize = staticmethod(ResourceCard.from_model)
    index = ResourceIndexPage
    url_name = "resource-feed"


class NewsFeed(CardFeed):
    """The latest news."""

    title = _("Actualités du Projet PARÉ")
    subtitle = _("Ce qui se passe dans le réseau.")
    rows = staticmethod(published_news)
    serialize = staticmethod(NewsCard.from_model)
    index = NewsIndexPage
    url_name = "news-feed"
