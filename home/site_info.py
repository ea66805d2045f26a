"""What surrounds every page of the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.queries import prefer_locale
from core.references import to_words
from core.schemas import Link
from core.web.links import build_absolute_url
from home.models import EmergencyNumber, Funder, SiteSettings
from home.schemas import (
    EmergencyContact,
    Feed,
    FunderInfo,
    Language,
    SiteInfo,
    SocialLink,
)
from published.composing import Reading, compose_value
from published.queries import items, page_items

if TYPE_CHECKING:
    from published.models import Item


def serialize_site(locale: str, origin: str) -> SiteInfo:
    """Return what surrounds every page, in one language, with French as the fallback.

    The number of queries does not depend on the number of pages.
    """
    conf = SiteSettings.load()
    homes = {
        home.language: home for home in items("home").filter(page__depth=2).select_related("page")
    }
    home = homes.get(locale) or homes.get(settings.LANGUAGE_CODE)
    own: dict[str, Any] = home.content if home else {}
    name = own.get("site_name") or settings.WAGTAIL_SITE_NAME
    with override(locale):
        links = _linked_pages(conf, home, Reading(origin, locale))
        return SiteInfo(
            name=name,
            tagline=own.get("tagline", ""),
            locale=locale,
            operator=own.get("operator", ""),
            home=Link.to(home.title, home.path, origin) if home else Link.to(name, "/", origin),
            search=Link.to(_("Recherche"), reverse("search"), origin),
            subscribe=Link.to(_("Recevoir la lettre"), reverse("newsletter:subscribe"), origin),
            privacy=Link.to(_("Vos données"), reverse("privacy"), origin),
            menu=[
                *links["menu"],
                Link.to(_("Contribuer"), reverse("contributions:choose"), origin),
            ],
            legal_links=links["legal"],
            safety_link=links["safety"],
            quick_exit_url=conf.quick_exit_url,
            emergency_numbers=[
                EmergencyContact.from_model(number)
                for number in _rows_in_locale(EmergencyNumber.objects, locale)
            ],
            contact_email=conf.contact_email,
            contact_phone=conf.contact_phone,
            funders=[
                FunderInfo.from_model(funder, origin)
                for funder in _rows_in_locale(
                    Funder.objects.select_related("logo").prefetch_related("logo__renditions"),
                    locale,
                )
            ],
            social_links=[
                SocialLink(name=block.value["name"], url=block.value["url"])
                for block in conf.social_links
            ],
            feeds=[
                Feed(title=_("Actualités"), url=build_absolute_url(reverse("news-feed"), origin)),
                Feed(
                    title=_("Ressources"), url=build_absolute_url(reverse("resource-feed"), origin)
                ),
                Feed(title=_("Lettre"), url=build_absolute_url(reverse("newsletter-feed"), origin)),
            ],
            languages=[
                Language(
                    locale=code,
                    name=str(label),
                    home=Link.to(homes[code].title, homes[code].path, origin),
                )
                for code, label in settings.WAGTAIL_CONTENT_LANGUAGES
                if code in homes
            ],
        )


def _linked_pages(conf: SiteSettings, home: Item | None, reading: Reading) -> dict[str, Any]:
    """Return the menu, the links at the foot of a page and the one to safety."""
    *legal, safety = [getattr(conf, f"{field}_id") for field in conf.legal_fields]
    menu = []
    if home and home.page:
        below = page_items().filter(
            page__path__startswith=home.page.path,
            page__depth=home.page.depth + 1,
            page__show_in_menus=True,
        )
        menu = list(below.order_by("page__path").values_list("title", "path"))
    words = {
        "legal": [to_words(Link.ref(pk)) for pk in legal if pk],
        "safety": to_words(Link.ref(safety)),
    }
    found = compose_value(words, reading)
    return {
        "menu": [Link.to(title, path, reading.origin) for title, path in menu],
        "legal": [Link(**link) for link in found["legal"]],
        "safety": Link(**found["safety"]) if found["safety"] else None,
    }


def _rows_in_locale(rows: Any, locale: str) -> list[Any]:
    """Return the rows in one language, each in French where it is not translated."""
    languages = {locale, settings.LANGUAGE_CODE}
    found = rows.filter(locale__language_code__in=languages).select_related("locale")
    return prefer_locale(found, locale)
