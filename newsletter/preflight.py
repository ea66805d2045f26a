"""What is wrong with an issue before it is sent, and how to correct it."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Literal

from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.models import Document
from core.references import references_in, to_words
from events.models import Session
from events.queries import EVENT_KINDS
from newsletter.audience import recipients
from newsletter.composing import is_validated
from newsletter.rendering import GMAIL_CLIP
from newsletter.schemas import NewsletterDetail, page_key
from published.queries import page_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from newsletter.models import NewsletterIssuePage
    from newsletter.rendering import RenderedIssue
    from published.models import Item

MAX_SUBJECT_LENGTH = 60
KIBIBYTE = 1024
ABSOLUTE_PREFIXES = ("https://", "http://", "mailto:", "tel:", "sms:")


@dataclass(frozen=True)
class Problem:
    """Something to correct: an error keeps the issue from being sent, a warning advises."""

    level: Literal["error", "warning"]
    message: str


def find_problems(page: NewsletterIssuePage, rendered: RenderedIssue) -> list[Problem]:
    """Return what is wrong with an issue and its rendering, errors first."""
    found = [*_check_inbox(page), *_check_sections(page), *_check_links(page)]
    found += _check_rendering(rendered)
    if not recipients(page).exists():
        found.append(
            _error(_("Personne ne recevrait ce numéro : choisissez d'autres destinataires."))
        )
    return sorted(found, key=lambda problem: problem.level)


def blocking_reasons(page: NewsletterIssuePage, rendered: RenderedIssue) -> list[str]:
    """Return why an issue can't be sent; none if it can."""
    errors = [p.message for p in find_problems(page, rendered) if p.level == "error"]
    if is_validated(page):
        return errors
    return [
        _("Le numéro doit être relu puis validé par deux personnes avant d'être envoyé."),
        *errors,
    ]


def _error(message: str) -> Problem:
    return Problem("error", message)


def _warning(message: str) -> Problem:
    return Problem("warning", message)


def _check_inbox(page: NewsletterIssuePage) -> Iterator[Problem]:
    if not page.subject.strip():
        yield _error(_("L'objet de l'e-mail est vide : écrivez-le, c'est ce qu'on lit en premier."))
    elif len(page.subject) > MAX_SUBJECT_LENGTH:
        yield _warning(
            _("L'objet a %(count)s caractères : au-delà de %(most)s, un téléphone le coupe.")
            % {"count": len(page.subject), "most": MAX_SUBJECT_LENGTH}
        )
    if not page.summary.strip():
        yield _warning(
            _("L'aperçu est vide : la boîte de réception montrera les premiers mots venus.")
        )
    if not page.editorial.strip():
        yield _warning(_("L'éditorial est vide."))


def _check_sections(page: NewsletterIssuePage) -> Iterator[Problem]:
    sections = [block.value for block in page.sections]
    if not sections:
        yield _error(_("Le numéro n'a aucune rubrique."))
    keys = [key for value in sections for item in value["items"] if (key := page_key(item))]
    rows = page_items().filter(page__in=keys).only("page_id", "kind", "title")
    shown = {item.thing_id: item for item in rows}
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
    yield from _check_events(shown.values())


def _check_events(items: Iterable[Item]) -> Iterator[Problem]:
    events = {item.thing_id: item for item in items if item.kind in EVENT_KINDS}
    coming = set(
        Session.objects.filter(
            page__in=events, ends_at__gt=timezone.now(), cancelled_at=None
        ).values_list("page", flat=True)
    )
    for key, event in events.items():
        if key not in coming:
            yield _warning(_("« %(name)s » est passé ou annulé.") % {"name": event.title})


def _check_links(page: NewsletterIssuePage) -> Iterator[Problem]:
    """Yield the links to what the public can't see: they would lead to an error."""
    references = set(references_in(to_words(NewsletterDetail.own_words(page))))
    pages = {ref.key[0] for ref in references if ref.kind == "page_tag"}
    documents = {ref.key[0] for ref in references if ref.kind == "document_tag"}
    alive = set(page_items().filter(page__in=pages).values_list("thing_id", flat=True))
    titles = dict(Page.objects.filter(pk__in=pages - alive).values_list("pk", "title"))
    for key in sorted(pages - alive):
        yield _error(
            _("Un lien mène à « %(name)s », qui n'est pas en ligne.")
            % {"name": titles.get(key) or _("une page supprimée")}
        )
    known = set(Document.objects.filter(pk__in=documents).values_list("pk", flat=True))
    if documents - known:
        yield _error(_("Un lien mène à un document qui est supprimé."))


class _LinkParser(HTMLParser):
    """Finds images without alternative text, and links that lead nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.has_image_without_alt = False
        self.relative: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "img" and "alt" not in given:
            self.has_image_without_alt = True
        if tag == "a":
            target = given.get("href") or ""
            # One without any address is what is left of a link to a page: reported by _check_links.
            if target and not target.startswith(ABSOLUTE_PREFIXES):
                self.relative.append(target)


def _check_rendering(rendered: RenderedIssue) -> Iterator[Problem]:
    parser = _LinkParser()
    parser.feed(rendered.html)
    if parser.has_image_without_alt:
        yield _error(_("Une image n'a pas de texte alternatif."))
    for target in sorted(set(parser.relative)):
        yield _error(_("Un lien ne mène nulle part : « %(target)s ».") % {"target": target})
    size = len(rendered.html.encode())
    if size > GMAIL_CLIP:
        yield _error(
            _(
                "Le message pèse %(size)s Ko : au-delà de 102 Ko, Gmail le coupe. Retirez des "
                "contenus ou raccourcissez les textes."
            )
            % {"size": size // KIBIBYTE}
        )
