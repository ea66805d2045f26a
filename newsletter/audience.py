"""The subscribers that an issue goes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef

from newsletter.composing import is_validated
from newsletter.models import Delivery, Mailing, Subscriber

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from newsletter.models import NewsletterIssuePage
    from newsletter.models.subscribers import SubscriberQuerySet


def recipients(page: NewsletterIssuePage) -> SubscriberQuerySet:
    """Return the subscribers of an issue: in French, those who get no translation too."""
    rows = page.segment.subscribers() if page.segment else Subscriber.objects.receiving()
    language = page.locale.language_code
    if language != settings.LANGUAGE_CODE:
        return rows.filter(language=language)
    return rows.exclude(language__in=languages_with_own_issue(page))


def remaining_recipients(page: NewsletterIssuePage) -> SubscriberQuerySet:
    """Return the recipients without those that an issue has, or may have, reached.

    Whatever the language in which it did: nobody gets an issue and its translation.
    """
    before = Delivery.objects.filter(
        mailing__page__translation_key=page.translation_key, subscriber=OuterRef("pk")
    ).exclude(state__in=(Delivery.State.SKIPPED, Delivery.State.FAILED))
    return recipients(page).filter(~Exists(before))


def languages_with_own_issue(page: NewsletterIssuePage) -> list[str]:
    """Return the languages with a translation of the issue that is validated, or was sent."""
    translations: QuerySet[NewsletterIssuePage] = page.get_translations()
    return [
        translation.locale.language_code
        for translation in translations.filter(alias_of=None).select_related(
            "locale", "latest_revision"
        )
        if is_validated(translation)
        or translation.mailings.exclude(state=Mailing.State.CANCELLED).exists()
    ]
