"""Subscribers, issues and what is sent of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import factory
from django.utils import timezone
from wagtail.models import Workflow

from newsletter.models import Consent, NewsletterIndexPage, NewsletterIssuePage, Subscriber
from review.workflow import WORKFLOW
from tests.factories.contributions import member
from tests.factories.pages import OurPageFactory
from tests.factories.review import approve

if TYPE_CHECKING:
    from wagtail.models import Page


def archive() -> NewsletterIndexPage:
    """Return the archive, made if there is none."""
    return NewsletterIndexPage.objects.first() or NewsletterIndexPageFactory()


class SubscriberFactory(factory.django.DjangoModelFactory):
    """Somebody who confirmed."""

    class Meta:
        model = Subscriber
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"abonne-{n}@example.org")
    state = Subscriber.State.ACTIVE
    confirmed_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def consent(subscriber, create: bool, given: Any, **kwargs: Any) -> None:
        subscriber.consents.create(
            way=Consent.Way.FORM, text_version="2026-01", confirmed_at=subscriber.confirmed_at
        )


class NewsletterIndexPageFactory(OurPageFactory):
    class Meta:
        model = NewsletterIndexPage

    title = "Lettre d'information"
    slug = "lettre"


class NewsletterIssuePageFactory(OurPageFactory):
    class Meta:
        model = NewsletterIssuePage

    parent = factory.LazyFunction(archive)
    number = factory.Sequence(lambda n: n + 1)
    title = factory.LazyAttribute(lambda page: f"Lettre n° {page.number}")
    slug = factory.LazyAttribute(lambda page: f"numero-{page.number}")
    subject = "La lettre du réseau"
    summary = "De quoi lire et se former."
    editorial = "<p>Bonjour à toutes et à tous.</p>"


def section(title: str, *pages: Page, text: str = "", notes: tuple[str, ...] = ()) -> Any:
    """Return a section, as it is kept."""
    items = [
        {"page": page.pk, "note": notes[number] if number < len(notes) else ""}
        for number, page in enumerate(pages)
    ]
    return {"type": "section", "value": {"title": title, "text": text, "items": items}}


def sections(*each: Any) -> str:
    """Return the sections of an issue, for a factory."""
    return json.dumps(each)


def validated_issue(**values: Any) -> NewsletterIssuePage:
    """Return a draft that two people have approved, as it goes to everyone."""
    values.setdefault("sections", sections(section("Le réseau", text="<p>Des nouvelles.</p>")))
    page: Any = NewsletterIssuePageFactory(draft=True, **values)
    page.save_revision(user=member("Relecture"))
    return review(page)


def review(page: NewsletterIssuePage) -> NewsletterIssuePage:
    """Submit an issue and have two people approve it; return it as it then is."""
    page = NewsletterIssuePage.objects.get(pk=page.pk)
    Workflow.objects.get(name=WORKFLOW).start(page, member("Relecture"))
    for reviewer in (member("Coordination"), member("Direction")):
        approve(page, reviewer)
    found: NewsletterIssuePage = NewsletterIssuePage.objects.get(pk=page.pk)
    return found
