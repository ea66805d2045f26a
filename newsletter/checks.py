"""What an editor is told before an issue is sent: what is wrong, and how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.models import Document
from core.queries import visible
from events.models import EventPage, Session
from newsletter.composing import is_validated
from newsletter.models import Mailing, Subscriber
from newsletter.rendering import GMAIL_CLIP, render
from newsletter.schemas import page_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from newsletter.models import NewsletterIssuePage
    from newsletter.models.subscribers import SubscriberQuerySet

SUBJECT_LENGTH = 60
KIBI = 1024
LEADS_SOMEWHERE = ("https://", "http://", "mailto:", "tel:", "sms:")
LINKED = re.compile(r'<a\b[^>]*\blinktype="(page|document)"[^>]*\bid="(\d+)"', re.S)
LINKED_BACKWARDS = re.compile(r'<a\b[^>]*\bid="(\d+)"[^>]*\blinktype="(page|document)"', re.S)


@dataclass(frozen=True)
class Problem:
    """Something to mend. An error keeps the issue from being sent; a warning is an advice."""

    level: Literal["error", "warning"]
    message: str


def problems(page: NewsletterIssuePage, origin: str) -> list[Problem]:
    """Return what is wrong with an issue as it stands, the gravest first."""
    found = [*_in_the_mailbox(page), *_in_the_sections(page), *_of_links(page)]
    found += _of_the_rendering(page, origin)
    if not recipients(page).exists():
        found.append(
            _error(_("Personne ne recevrait ce numéro : choisissez d'autres destinataires."))
        )
    return sorted(found, key=lambda problem: problem.level)


def recipients(page: NewsletterIssuePage) -> SubscriberQuerySet:
    """Return to whom an issue goes: everyone, in French, but for those who get a translation."""
    rows = page.segment.subscribers() if page.segment else Subscriber.objects.receiving()
    language = page.locale.language_code
    if language != settings.LANGUAGE_CODE:
        return rows.filter(language=language)
    return rows.exclude(language__in=languages_with_own_issue(page))


def languages_with_own_issue(page: NewsletterIssuePage) -> list[str]:
    """Return the languages whose readers get a translation of the issue: validated, or sent."""
    translations: QuerySet[NewsletterIssuePage] = page.get_translations()
    return [
        translation.locale.language_code
        for translation in translations.filter(alias_of=None).select_related(
            "locale", "latest_revision"
        )
        if is_validated(translation)
        or translation.mailings.exclude(state=Mailing.State.CANCELLED).exists()
    ]


def _error(message: str) -> Problem:
    return Problem("error", message)


def _warning(message: str) -> Problem:
    return Problem("warning", message)


def _in_the_mailbox(page: NewsletterIssuePage) -> Iterator[Problem]:
    if not page.subject.strip():
        yield _error(_("L'objet de l'e-mail est vide : écrivez-le, c'est ce qu'on lit en premier."))
    elif len(page.subject) > SUBJECT_LENGTH:
        yield _warning(
            _("L'objet a %(count)s caractères : au-delà de %(most)s, un téléphone le coupe.")
            % {"count": len(page.subject), "most": SUBJECT_LENGTH}
        )
    if not page.summary.strip():
        yield _warning(
            _("L'aperçu est vide : la boîte de réception montrera les premiers mots venus.")
        )
    if not page.editorial.strip():
        yield _warning(_("L'éditorial est vide."))


def _in_the_sections(page: NewsletterIssuePage) -> Iterator[Problem]:
    sections = [block.value for block in page.sections]
    if not sections:
        yield _error(_("Le numéro n'a aucune rubrique."))
    keys = [key for value in sections for item in value["items"] if (key := page_key(item))]
    pages: Any = visible(Page.objects.filter(pk__in=keys))
    shown = {found.pk: found for found in pages.specific()}
    for value in sections:
        title = value["title"]
        if not value["items"] and not value["text"]:
            yield _error(
                _("La rubrique « %(title)s » est vide : remplissez-la ou retirez-la.")
                % {"title": title}
            )
        for item in value["items"]:
            if page_key(item) not in shown:
                name = item["page"].title if item["page"] else _("une page supprimée")
                yield _error(
                    _(
                        "Dans « %(title)s », « %(name)s » n'est pas en ligne : publiez la page ou "
                        "retirez-la du numéro."
                    )
                    % {"title": title, "name": name}
                )
    twice = sorted({shown[key].title for key in keys if keys.count(key) > 1 and key in shown})
    for name in twice:
        yield _warning(_("« %(name)s » est là deux fois.") % {"name": name})
    yield from _past_events(shown.values())


def _past_events(pages: Iterable[Page]) -> Iterator[Problem]:
    events = {page.pk: page for page in pages if isinstance(page, EventPage)}
    coming = set(
        Session.objects.filter(
            page__in=events, ends_at__gt=timezone.now(), cancelled_at=None
        ).values_list("page", flat=True)
    )
    for key, event in events.items():
        if key not in coming:
            yield _warning(_("« %(name)s » est passé ou annulé.") % {"name": event.title})


def _of_links(page: NewsletterIssuePage) -> Iterator[Problem]:
    """Look for links to what the public can't see: they would lead to an error."""
    sources = [page.editorial, *(_source(block.value["text"]) for block in page.sections)]
    pages: set[int] = set()
    documents: set[int] = set()
    for source in sources:
        for kind, key in [
            *LINKED.findall(source),
            *((kind, key) for key, kind in LINKED_BACKWARDS.findall(source)),
        ]:
            (pages if kind == "page" else documents).add(int(key))
    alive = set(visible(Page.objects.filter(pk__in=pages)).values_list("pk", flat=True))
    titles = dict(Page.objects.filter(pk__in=pages - alive).values_list("pk", "title"))
    for key in sorted(pages - alive):
        yield _error(
            _("Un lien mène à « %(name)s », qui n'est pas en ligne.")
            % {"name": titles.get(key) or _("une page supprimée")}
        )
    known = set(Document.objects.filter(pk__in=documents).values_list("pk", flat=True))
    if documents - known:
        yield _error(_("Un lien mène à un document qui est supprimé."))


def _source(text: object) -> str:
    return str(getattr(text, "source", "") or "")


class _Reader(HTMLParser):
    """Collects pictures without alternative text, and links that lead nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.without_alt = 0
        self.relative: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and "alt" not in given:
            self.without_alt += 1
        if tag == "a":
            target = given.get("href") or ""
            # One without any address is what is left of a link to a page: said above.
            if target and not target.startswith(LEADS_SOMEWHERE):
                self.relative.append(target)


def _of_the_rendering(page: NewsletterIssuePage, origin: str) -> Iterator[Problem]:
    rendered = render(page, origin)
    reader = _Reader()
    reader.feed(rendered.html)
    if reader.without_alt:
        yield _error(_("Une image n'a pas de texte alternatif."))
    for target in sorted(set(reader.relative)):
        yield _error(_("Un lien ne mène nulle part : « %(target)s ».") % {"target": target})
    size = len(rendered.html.encode())
    if size > GMAIL_CLIP:
        yield _error(
            _(
                "Le message pèse %(size)s Ko : au-delà de 102 Ko, Gmail le coupe. Retirez des "
                "contenus ou raccourcissez les textes."
            )
            % {"size": size // KIBI}
        )
