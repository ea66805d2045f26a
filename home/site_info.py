"""What surrounds every page of the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Page

from core.queries import localized_page_ids, prefer_locale, visible
from core.schemas import Link
from core.web.links import build_absolute_url
from home.models import EmergencyNumber, Funder, HomePage, SiteSettings
from home.schemas import (
    EmergencyContact,
    Feed,
    FunderInfo,
    Language,
    SiteInfo,
    SocialLink,
    serialize_links,
)


def serialize_site(locale: str, origin: str) -> SiteInfo:
    """Return what surrounds every page, in one language, with French as the fallback.

    The number of queries does not depend on the number of pages.
    """
    conf = SiteSettings.load()
    homes = {
        home.locale.language_code: home
        for home in visible(HomePage.objects.all()).defer("body").select_related("locale")
    }
    home = homes.get(locale) or homes.get(settings.LANGUAGE_CODE)
    name = home.site_name if home else settings.WAGTAIL_SITE_NAME
    with override(locale):
        return SiteInfo(
            name=name,
            tagline=home.tagline if home else "",
            locale=locale,
            operator=home.operator if home else "",
            home=Link.from_model(home, origin) if home else _link(name, "/", origin),
            search=_link(_("Recherche"), reverse("search"), origin),
            subscribe=_link(_("Recevoir la lettre"), reverse("newsletter:subscribe"), origin),
            menu=[
                *(serialize_links(visible(home.get_children().in_menu()), origin) if home else []),
                _link(_("Contribuer"), reverse("contributions:choose"), origin),
            ],
            legal_links=_page_links(conf, conf.legal_fields[:-1], origin),
            safety_link=next(iter(_page_links(conf, ("safety_page",), origin)), None),
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
                Language(locale=code, name=str(name), home=Link.from_model(homes[code], origin))
                for code, name in settings.WAGTAIL_CONTENT_LANGUAGES
                if code in homes
            ],
        )


def _link(title: str, path: str, origin: str) -> Link:
    return Link(title=title, path=path, html_url=build_absolute_url(path, origin))


def _rows_in_locale(rows: Any, locale: str) -> list[Any]:
    """Return the rows in one language, each in French where it is not translated."""
    languages = {locale, settings.LANGUAGE_CODE}
    found = rows.filter(locale__language_code__in=languages).select_related("locale")
    return prefer_locale(found, locale)


def _page_links(conf: SiteSettings, fields: tuple[str, ...], origin: str) -> list[Link]:
    """Return links to the pages of some settings, in the active language where translated."""
    ids = [pk for field in fields if (pk := getattr(conf, f"{field}_id"))]
    versions = localized_page_ids(ids)
    pages = visible(Page.objects.filter(pk__in=versions.values())).select_related("locale")
    found = pages.in_bulk()
    return [Link.from_model(found[versions[pk]], origin) for pk in ids if versions[pk] in found]
