"""Pages, published unless told otherwise, and what surrounds them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import factory
import wagtail_factories
from django.utils import timezone
from wagtail.models import Locale

from core.models import FRENCH_TERMS, ResourceType
from home.models import CampaignPage, EmergencyNumber, Funder, HomePage, StandardPage, TeamPage
from resources.models import NewsIndexPage, NewsPage, ResourceIndexPage, ResourcePage
from tests.factories.publishing import admit, publish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wagtail.models import Page


def the_home_page() -> HomePage:
    """Return the root of the default site."""
    return HomePage.objects.get(locale__language_code="fr", depth=2)


def resource_index() -> ResourceIndexPage:
    """Return the resource centre, made if there is none."""
    return ResourceIndexPage.objects.first() or ResourceIndexPageFactory()


def news_index() -> NewsIndexPage:
    """Return the news section, made if there is none."""
    return NewsIndexPage.objects.first() or NewsIndexPageFactory()


def draft_in(language: str, page: Page, **values: Any) -> Any:
    """Return a draft of a page in another language; its ancestors are published there."""
    locale, _made = Locale.objects.get_or_create(language_code=language)
    for above in page.get_ancestors().filter(depth__gt=1).specific():
        if not above.has_translation(locale):
            publish(above.copy_for_translation(locale))
    copy = page.copy_for_translation(locale)
    for name, value in values.items():
        setattr(copy, name, value)
    return copy


def published_in(language: str, page: Page, **values: Any) -> Any:
    """Return a page published in another language, as are its ancestors."""
    copy = draft_in(language, page, **values)
    publish(copy)
    return copy


class OurPageFactory(wagtail_factories.PageFactory):
    """Base of the pages.

    What is live was admitted. ``draft=True`` gives one that was never published,
    ``expired=True`` one that the clock has ended and that no task has unpublished yet,
    ``scheduled=True`` one that goes live tomorrow, ``private=True`` one for those who sign in.
    """

    class Meta:
        abstract = True

    class Params:
        draft = factory.Trait(live=False, first_published_at=None, last_published_at=None)
        expired = factory.Trait(
            expire_at=factory.LazyFunction(lambda: timezone.now() - dt.timedelta(minutes=1))
        )
        scheduled = factory.Trait(
            draft=True,
            go_live_at=factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=1)),
        )

    parent = factory.LazyFunction(the_home_page)
    title = factory.Sequence(lambda n: f"Page {n}")
    slug = factory.Sequence(lambda n: f"page-{n}")
    live = True
    first_published_at = factory.LazyFunction(timezone.now)
    last_published_at = factory.LazyAttribute(lambda page: page.first_published_at)

    @classmethod
    def _create_instance(
        cls, model_class: type[Page], parent: Page, kwargs: dict[str, Any]
    ) -> Page:
        tags: Iterable[str] = kwargs.pop("tags", ())
        private = kwargs.pop("private", False)
        page = model_class(**kwargs)
        if tags:
            page.tags.add(*tags)
        # Anew from the database: a parent at hand may not know of its other children.
        type(parent)._default_manager.get(pk=parent.pk).add_child(instance=page)
        if private:
            page.view_restrictions.create(restriction_type="login")
        if page.live:
            admit(page)
        return page


class StandardPageFactory(OurPageFactory):
    class Meta:
        model = StandardPage


class CampaignPageFactory(OurPageFactory):
    class Meta:
        model = CampaignPage


class TeamPageFactory(OurPageFactory):
    class Meta:
        model = TeamPage


class ResourceIndexPageFactory(OurPageFactory):
    class Meta:
        model = ResourceIndexPage

    title = "Centre de ressources"
    slug = "ressources"


class ResourcePageFactory(OurPageFactory):
    class Meta:
        model = ResourcePage

    parent = factory.LazyFunction(resource_index)
    title = factory.Sequence(lambda n: f"Ressource {n}")
    slug = factory.Sequence(lambda n: f"ressource-{n}")
    resource_type = factory.LazyFunction(
        lambda: ResourceType.objects.get(slug="guide", **FRENCH_TERMS)
    )


class NewsIndexPageFactory(OurPageFactory):
    class Meta:
        model = NewsIndexPage

    title = "Actualités"
    slug = "actualites"


class NewsPageFactory(OurPageFactory):
    class Meta:
        model = NewsPage

    parent = factory.LazyFunction(news_index)
    title = factory.Sequence(lambda n: f"Actualité {n}")
    slug = factory.Sequence(lambda n: f"actualite-{n}")


class SnippetFactory(factory.django.DjangoModelFactory):
    """Base of what is translated and is no page."""

    class Meta:
        abstract = True

    locale = factory.LazyFunction(Locale.get_default)


class EmergencyNumberFactory(SnippetFactory):
    class Meta:
        model = EmergencyNumber

    number = "119"
    label = "Enfance en danger"


class FunderFactory(SnippetFactory):
    class Meta:
        model = Funder

    name = factory.Sequence(lambda n: f"Financeur {n}")
