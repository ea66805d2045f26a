"""Preparing an issue: what appeared since the last one, and what is to come."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from events.listings import event_listing
from events.models import Session
from network.queries import structure_items
from newsletter.models import NewsletterIndexPage, NewsletterIssuePage
from published.queries import in_language
from resources.listings import news_listing, resource_listing
from review.workflow import passed_review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User
    from published.models import Item

QUARTER = dt.timedelta(days=92)
SEASONS = (
    gettext_noop("hiver"),
    gettext_noop("printemps"),
    gettext_noop("été"),
    gettext_noop("automne"),
)
MOST = 12
"""How many of a kind are proposed: an editor drops what is too much, the latest come first."""


def create_issue_draft(index: NewsletterIndexPage, user: User | None = None) -> NewsletterIssuePage:
    """Create the draft of the next issue below the archive.

    It proposes the news and resources published since the last issue, how many
    structures joined the directory, and every event to come.

    Args:
        index: the archive, in the language of the issue.
        user: its author.
    """
    issues = NewsletterIssuePage.objects.child_of(index)
    number = (issues.aggregate(last=Max("number"))["last"] or 0) + 1
    since = last_sent_at(index) or timezone.now() - QUARTER
    with override(index.locale.language_code):
        period = _period(timezone.localdate())
        title = _("Lettre n° %(number)s – %(period)s") % {"number": number, "period": period}
        page = NewsletterIssuePage(
            title=title,
            slug=_("numero-%(number)s") % {"number": number},
            number=number,
            period=period,
            subject=_("La lettre du Projet PARÉ – %(period)s") % {"period": period},
            locale=index.locale,
            owner=user,
            live=False,
            show_in_menus=False,
        )
        field: Any = NewsletterIssuePage._meta.get_field("sections")
        page.sections = field.to_python(json.dumps(_sections(since, index.locale.language_code)))
    index.add_child(instance=page)
    page.save_revision(user=user, log_action=True)
    return page


def last_sent_at(index: NewsletterIndexPage) -> dt.datetime | None:
    """Return the date of publication of the last issue of an archive."""
    issues = NewsletterIssuePage.objects.child_of(index)
    found: dt.datetime | None = issues.aggregate(last=Max("first_published_at"))["last"]
    return found


def _period(day: dt.date) -> str:
    # December belongs to the winter of the year that follows.
    season, year = SEASONS[day.month % 12 // 3], day.year + day.month // 12
    return f"{_(season)} {year}"


def _sections(since: dt.datetime, locale: str) -> list[dict[str, Any]]:
    news = news_listing.all(locale).filter(published_at__gt=since)
    resources = resource_listing.all(locale).filter(published_at__gt=since)
    # One that waits for its day, or takes place now.
    sessions = Session.objects.filter(ends_at__gt=timezone.now())
    coming = event_listing.all(locale).filter(page__in=sessions.values("page"))
    structures = in_language(structure_items(), locale, fallback=False)
    joined = structures.filter(published_at__gt=since)
    proposed: tuple[tuple[str, str, list[int]], ...] = (
        (_("Actualités"), "", _keys(news)),
        (_("Nouvelles ressources"), "", _keys(resources)),
        (_("Agenda"), "", _keys(coming)),
        (_("Dans le réseau"), _new_structures(joined.count()), []),
    )
    return [
        {
            "type": "section",
            "value": {
                "title": title,
                "text": text,
                "items": [{"page": key, "note": ""} for key in keys],
            },
        }
        for title, text, keys in proposed
        if keys or text
    ]


def _keys(rows: QuerySet[Item]) -> list[int]:
    return list(rows.values_list("thing_id", flat=True)[:MOST])


def _new_structures(count: int) -> str:
    if not count:
        return ""
    if count == 1:
        sentence = _("Une nouvelle structure est dans l'annuaire.")
    else:
        sentence = _("%(count)s nouvelles structures sont dans l'annuaire.") % {"count": count}
    return f'<p data-block-key="{uuid.uuid4().hex[:5]}">{sentence}</p>'


def is_validated(page: NewsletterIssuePage) -> bool:
    """Return whether two people approved the latest revision in « Relecture PARÉ »."""
    revision = page.latest_revision
    return revision is not None and passed_review(revision)
