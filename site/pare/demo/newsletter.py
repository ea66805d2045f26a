"""The newsletter of the demonstration: an archive with one issue, and invented subscribers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from core.models import StructureType, Territory
from home.models import HomePage
from newsletter.composing import create_issue_draft
from newsletter.consent import CONSENT_VERSION
from newsletter.models import Consent, Mailing, NewsletterIndexPage, Subscriber
from pare.demo.bodies import Bodies
from pare.demo.content import read_newsletter
from pare.demo.load_log import LoadLog, uuid_of

if TYPE_CHECKING:
    from pare.demo.content import Item

PAGE, PEOPLE = "page", "subscribers"


def load_newsletter() -> Counter[str]:
    """Load what was never loaded, in the caller's transaction.

    Returns:
        How many pages and subscribers were made.
    """
    data = read_newsletter()
    load_log = LoadLog([(PAGE, data["archive"]["key"]), (PAGE, data["issue"]["key"])])
    made: Counter[str] = Counter()
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE).first()
    if home is None:
        return made
    archive = _make_archive(home, data["archive"], load_log, made)
    if archive is not None and not load_log.has(PAGE, data["issue"]["key"]):
        _make_issue(archive, data["issue"], load_log)
        made["page"] += 1
        made[PEOPLE] += _make_subscribers(data["subscribers"])
    return made


def _make_archive(
    home: HomePage, item: Item, load_log: LoadLog, made: Counter[str]
) -> NewsletterIndexPage | None:
    """Return the archive: that of an editor, or else ours unless it was deleted."""
    page = NewsletterIndexPage.objects.child_of(home).first()
    taken = home.get_children().filter(slug=item["key"]).exists()
    if page is not None or load_log.has(PAGE, item["key"]) or taken:
        return page
    page = NewsletterIndexPage(
        title=item["title"],
        slug=item["key"],
        summary=item["summary"],
        locale=home.locale,
        translation_key=uuid_of(PAGE, item["key"]),
        live=False,
    )
    home.add_child(instance=page)
    load_log.add(PAGE, item["key"], page)
    page.save_revision().publish()
    made["page"] += 1
    return page


def _make_issue(archive: NewsletterIndexPage, item: Item, load_log: LoadLog) -> None:
    page = create_issue_draft(archive)
    page.subject, page.summary, page.is_demo = item["subject"], item["summary"], True
    page.editorial = Bodies({}, {}, {}).rich_text(item["editorial"])
    for section in page.sections:
        for each in section.value["items"]:
            each["note"] = item["notes"].get(each["page"].slug, "")
    page.save_revision().publish()
    load_log.add(PAGE, item["key"], page)
    # It became public by being sent, as every issue does.
    now = timezone.now()
    Mailing.objects.create(
        page=page,
        state=Mailing.State.SENT,
        scheduled_for=now,
        started_at=now,
        finished_at=now,
        subject=page.subject,
    )


def _make_subscribers(count: int) -> int:
    types = list(StructureType.objects.filter(locale__language_code=settings.LANGUAGE_CODE))
    departments = list(Territory.objects.filter(kind=Territory.Kind.DEPARTMENT))
    now = timezone.now()
    made = Subscriber.objects.bulk_create(
        Subscriber(
            email=f"abonne-{number}@example.org",
            first_name="Camille" if number % 2 else "Dominique",
            last_name="Exemple",
            structure_name="Association Exemple",
            structure_type=types[number % len(types)] if types else None,
            department=departments[7 * number % len(departments)] if departments else None,
            state=Subscriber.State.ACTIVE,
            confirmed_at=now,
        )
        for number in range(1, count + 1)
    )
    Consent.objects.bulk_create(
        Consent(
            subscriber=subscriber,
            way=Consent.Way.FORM,
            text_version=CONSENT_VERSION,
            given_at=now,
            confirmed_at=now,
        )
        for subscriber in made
    )
    return len(made)
