"""Loads the demonstration, each item once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page

from core.models import Audience, Document, Image, ResourceType, Territory, Theme
from core.schemas import CARD_SPECS
from home.models import (
    CampaignPage,
    EmergencyNumber,
    Funder,
    HomePage,
    SiteSettings,
    StandardPage,
    TeamPage,
)
from pare.demo.agenda import load_agenda
from pare.demo.bodies import Bodies
from pare.demo.content import Content, Item, read_content
from pare.demo.files import has_cover, read_cover, read_document
from pare.demo.load_log import LoadLog, uuid_of
from pare.demo.network import load_network
from pare.demo.newsletter import load_newsletter
from pare.demo.translations import load_translations
from resources.models import (
    NewsIndexPage,
    NewsPage,
    RelatedResource,
    ResourceAttachment,
    ResourceAuthor,
    ResourceIndexPage,
    ResourcePage,
)
from review.actors import acting

if TYPE_CHECKING:
    from collections.abc import Iterable

PARIS = ZoneInfo("Europe/Paris")
OPENING = dt.date(2023, 1, 16)
"""No entry is older than the site, whatever the age of the resource."""

PAGE_TYPES: dict[str, type[Page]] = {
    "standard": StandardPage,
    "campaign": CampaignPage,
    "team": TeamPage,
    "resource_index": ResourceIndexPage,
    "news_index": NewsIndexPage,
    "resource": ResourcePage,
    "news": NewsPage,
}
SETTINGS_PAGES = {
    "safety_page": "naviguer-en-securite",
    "contact_page": "contact",
    "legal_page": "mentions-legales",
    "privacy_page": "donnees-personnelles",
    "accessibility_page": "accessibilite",
}


def load_demo(content: Content | None = None) -> Counter[str]:
    """Load what was never loaded, in one transaction.

    Args:
        content: by default, the files beside this module, the agenda, the network and the
            newsletter too.

    Returns:
        How many items of each kind were made: pages, images, documents…
    """
    with transaction.atomic(), acting(system="demonstration"):
        if content is not None:
            return _Loader(content).load()
        made = _Loader(read_content()).load() + load_agenda() + load_network()
        # Its issue shows what the others are; what is translated is all there.
        return made + load_newsletter() + load_translations()


class _Loader:
    def __init__(self, content: Content) -> None:
        self.content = content
        self.locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
        self.made: Counter[str] = Counter()
        self.items = [*self._items()]
        self.load_log = LoadLog(self._names())

    def _items(self) -> Iterable[Item]:
        """Yield every page, parents first."""
        yield from self.content.pages
        yield from (
            item | {"type": "resource", "parent": "ressources", "kind": item["type"]}
            for item in self.content.resources
        )
        yield from (item | {"type": "news", "parent": "actualites"} for item in self.content.news)

    def _names(self) -> Iterable[tuple[str, str]]:
        """Yield the kind and key of all that may be loaded."""
        for item in self.items:
            yield "page", item["key"]
            yield "image", item["key"]
            for key, _title in _documents_of(item):
                yield "document", key
        site = self.content.site
        yield from (("image", key) for key in site["illustrations"])
        yield from (("funder", funder["key"]) for funder in site["funders"])
        yield from (("emergency", number["number"]) for number in site["emergency_numbers"])
        yield "settings", "site"

    def load(self) -> Counter[str]:
        new = [item for item in self.items if not self.load_log.has("page", item["key"])]
        # All the pages first, as drafts, since they refer to each other.
        pages = [(item, page) for item in new if (page := self._make_page(item))]
        if pages:
            self._make_files([item for item, _page in pages])
            self.bodies = Bodies(
                self._present("page", Page),
                self._present("image", Image),
                self._present("document", Document),
            )
            for item, page in pages:
                # As the database has it: a stale page would forget its children when saved.
                self._fill_page(item, type(page).objects.get(pk=page.pk))
        self._make_site()
        return self.made

    def _present(self, kind: str, model: type[Any]) -> dict[str, int]:
        """Return the primary keys of the items of a kind that are still there."""
        ids = self.load_log.ids(kind)
        there = set(model.objects.filter(pk__in=ids.values()).values_list("pk", flat=True))
        return {key: pk for key, pk in ids.items() if pk in there}

    # Files

    def _make_files(self, new: list[Item]) -> None:
        """Add the files of the new pages to the library."""
        for item in new:
            if has_cover(item["key"]):
                self._make_image(item["key"], item["title"])
        for key in self.content.site["illustrations"]:
            self._make_image(key, "Illustration")
        for item in new:
            for key, title in _documents_of(item):
                self._make_document(key, title)

    def _make_image(self, key: str, title: str) -> None:
        if self.load_log.has("image", key):
            return
        image = Image(title=title, file=read_cover(key), credit="")
        image.save()
        # Now rather than for the first reader of a list.
        image.get_renditions(*CARD_SPECS)
        self._mark("image", key, image)

    def _make_document(self, key: str, title: str) -> None:
        if self.load_log.has("document", key):
            return
        document = Document(title=title, file=read_document(key))
        document.save()
        self._mark("document", key, document)

    # Pages

    def _make_page(self, item: Item) -> Page | None:
        """Create a draft of a page; return ``None`` if it has no parent or its slug is taken."""
        if item["type"] == "home":
            return self._take_home(item)
        parent = Page.objects.filter(pk=self.load_log.ids("page").get(item["parent"])).first()
        # An editor's page may have the address.
        if parent is None or parent.get_children().filter(slug=item["key"]).exists():
            return None
        page = PAGE_TYPES[item["type"]](
            title=item["title"],
            slug=item["key"],
            locale=self.locale,
            translation_key=uuid_of("page", item["key"]),
            live=False,
            show_in_menus=item.get("in_menu", False),
            is_demo=not item.get("real", False),
            first_published_at=_online_at(item),
            **self._facts(item),
        )
        parent.add_child(instance=page)
        self._mark("page", item["key"], page)
        return page

    def _take_home(self, item: Item) -> Page | None:
        """Return the home page that came with the database, unless an editor saved it."""
        page = HomePage.objects.filter(locale=self.locale, latest_revision=None).first()
        if page is None:
            return None
        page.is_demo = True
        page.first_published_at = _online_at(item)
        page.save()
        self._mark("page", item["key"], page)
        return page

    def _facts(self, item: Item) -> dict[str, Any]:
        """Return the fields of a page that a database asks for, or that refer to nothing."""
        summary = {"summary": item.get("summary", "")}
        match item["type"]:
            case "campaign":
                fields = ("slogan", "external_url", "starts_on", "ends_on")
                return summary | {name: item[name] for name in fields}
            case "resource":
                day = item["published_on"]
                return summary | {
                    "resource_type": self._term(ResourceType, item["kind"]),
                    "published_on": day,
                    "published_on_precision": _precision(day),
                    "external_url": item.get("external_url", ""),
                    "licence": item.get("licence", ""),
                    **self._territory(item),
                }
            case "news":
                return summary | {"date": item["date"], **self._territory(item)}
            case _:
                return summary

    def _fill_page(self, item: Item, page: Page) -> None:
        """Fill in what refers to other items, and publish the page."""
        fill = getattr(self, f"_fill_{item['type']}", None)
        if fill:
            fill(item, page)
        image = self.bodies.images.get(item["key"])
        if image and page.image_field:
            setattr(page, f"{page.image_field}_id", image)
        if "body" in item:
            page.body = self.bodies.body(uuid_of("body", item["key"]), item["body"])
        page.save_revision().publish()
        kind = item["type"]
        self.made[kind if kind in ("resource", "news") else "page"] += 1

    def _fill_home(self, item: Item, page: HomePage) -> None:
        site = self.content.site
        bodies = self.bodies
        page.site_name = site["name"]
        page.operator = site["operator"]
        page.tagline = site["tagline"]
        page.summary = site["aim"]
        page.entrances = self._stream(
            "entrance",
            (
                {"title": each["title"], "text": each["text"], **target}
                for each in item["entrances"]
                if any((target := bodies.target(each["to"])).values())
            ),
        )
        page.missions = self._stream("mission", site["missions"])
        page.key_figures = self._stream("figure", map(bodies.figure, site["key_figures"]))
        page.sections = self._stream(
            "latest",
            (
                each | {"section": bodies.pages[each["section"]]}
                for each in item["sections"]
                if each["section"] in bodies.pages
            ),
        )

    def _fill_team(self, item: Item, page: TeamPage) -> None:
        no_photo = {"image": None, "alt_text": "", "decorative": False}
        page.members = self._stream(
            "member", ({"name": "", "photo": no_photo, **each} for each in item["members"])
        )

    def _fill_campaign(self, item: Item, page: CampaignPage) -> None:
        page.audiences = self._terms(Audience, item)

    def _fill_resource(self, item: Item, page: ResourcePage) -> None:
        bodies = self.bodies
        page.themes = self._terms(Theme, item)
        page.audiences = self._terms(Audience, item)
        page.tags.add(*item["tags"])
        page.authors.add(
            *(
                ResourceAuthor(name=name, sort_order=order)
                for order, name in enumerate(item["authors"])
            )
        )
        page.document_id = bodies.documents.get(item["key"])
        page.attachments.add(
            *(
                ResourceAttachment(document_id=bodies.documents[data["key"]], sort_order=order)
                for order, data in enumerate(item.get("attachments", []))
                if data["key"] in bodies.documents
            )
        )
        page.related_resources.add(
            *(
                RelatedResource(resource_id=bodies.pages[key], sort_order=order)
                for order, key in enumerate(item.get("related", []))
                if key in bodies.pages
            )
        )

    def _fill_news(self, item: Item, page: NewsPage) -> None:
        page.themes = self._terms(Theme, item)
        page.tags.add(*item["tags"])
        page.linked_resource_id = self.bodies.pages.get(item.get("linked_resource", ""))

    def _stream(self, kind: str, values: Iterable[Item]) -> str:
        return self.bodies.stream(uuid_of("stream", kind), ((kind, value) for value in values))

    def _term(self, model: type[Any], slug: str) -> Any:
        return model.objects.get(locale=self.locale, slug=slug)

    def _terms(self, model: type[Any], item: Item) -> list[Any]:
        """Return the terms of an item that editors kept in the vocabulary."""
        slugs = item[model._meta.model_name + "s"]
        return list(model.objects.filter(locale=self.locale, slug__in=slugs))

    @staticmethod
    def _territory(item: Item) -> dict[str, Any]:
        if "territory" not in item:
            return {}
        territory = Territory.objects.get(code=item["territory"])
        return {"territory_scope": "territory", "territory": territory}

    # Around the pages

    def _make_site(self) -> None:
        site = self.content.site
        for order, data in enumerate(site["emergency_numbers"], start=1):
            self._make_snippet(
                "emergency",
                data["number"],
                EmergencyNumber(
                    number=data["number"],
                    label=data["label"],
                    note=data["note"],
                    channel=data.get("channel", EmergencyNumber.Channel.CALL),
                    is_prominent=data.get("prominent", False),
                    sort_order=order * 10,
                ),
            )
        for data in site["funders"]:
            self._make_snippet("funder", data["key"], Funder(name=data["name"], url=data["url"]))
        if not self.load_log.has("settings", "site"):
            self._make_settings()

    def _make_snippet(self, kind: str, key: str, snippet: EmergencyNumber | Funder) -> None:
        if self.load_log.has(kind, key):
            return
        snippet.locale = self.locale
        snippet.translation_key = uuid_of(kind, key)
        # Where the log was emptied.
        if type(snippet).objects.filter(translation_key=snippet.translation_key).exists():
            return
        snippet.save()
        snippet.save_revision()
        self._mark(kind, key, snippet)

    def _make_settings(self) -> None:
        """Fill in the settings, unless somebody did."""
        site = self.content.site
        conf = SiteSettings.load()
        if conf.contact_email or any(getattr(conf, f"{field}_id") for field in SETTINGS_PAGES):
            return
        for field in ("contact_email", "quick_exit_url"):
            setattr(conf, field, site[field])
        pages = self._present("page", Page)
        for field, key in SETTINGS_PAGES.items():
            setattr(conf, f"{field}_id", pages.get(key))
        conf.save()
        self._mark("settings", "site", conf)

    def _mark(self, kind: str, key: str, instance: Any) -> None:
        self.load_log.add(kind, key, instance)
        if kind != "page":  # They count once they are published, by type.
            self.made[kind] += 1


def _documents_of(item: Item) -> list[tuple[str, str]]:
    """Return the keys and titles of the PDF files that an item needs."""
    main = [item] if item.get("format") == "pdf" else []
    return [(each["key"], each["title"]) for each in (*main, *item.get("attachments", []))]


def _precision(day: dt.date) -> str:
    """Return the precision of a date: month for the first of one, year for the first of January."""
    if day.day > 1:
        return "day"
    return "month" if day.month > 1 else "year"


def _online_at(item: Item) -> dt.datetime:
    """Return when an entry appeared: the day of a piece of news, a resource's or later."""
    day = item.get("date") or max(item.get("published_on", OPENING), OPENING)
    return dt.datetime.combine(day, dt.time(9), PARIS)
