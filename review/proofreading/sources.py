"""What a reader can't check or can't open: figures without a source, files, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from core.compat import extract_references
from core.models import Document
from review.proofreading.findings import Finding, Topic, point_at
from review.proofreading.passages import Place, bound_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from review.proofreading.passages import Passage

YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
FIGURE = re.compile(
    r"(?<![\d,.])(?:\d{1,3}(?:[.,]\d+)?\s*%|(?!116[\s.])\d{1,3}(?:[\s.]\d{3})+(?![\s.]?\d))"
    r"(?!\s*(?:€|euros))"
)
SOURCED = re.compile(
    r"\b(?:selon|d['’]après|sources?|rapport|étude|enquête|baromètre|Insee|DREES|ONPE|"
    r"(?:19|20)\d\d)\b",
    re.I,
)
EDGES = re.compile(r"^[\s.»«\u200b]+|[\s.»«\u200b]+$")
VAGUE_LINK = re.compile(
    r"(?:cliquez |cliquer )?ici|(?:ce|le) lien|lien|en savoir plus|lire la suite|plus d['’]infos?|"
    r"suite|https?://\S+|www\.\S+|"
    r"(?:click |see )?here|(?:this |the )?link|(?:read|learn|find out|see)? ?more(?: info\w*)?|"
    r"(?:(?:اضغط|انقر|اضغطوا|انقروا) )?هنا|(?:هذا )?الرابط|(?:اقرأ |اقرأوا |لمعرفة )?المزيد",
    re.I,
)
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
THOUSANDS = re.compile(r"(?<=\d)[\s.,'’٬](?=\d{3}(?!\d))")
NUMBER = re.compile(r"(?<![\w.])\d{3,}(?!\w)|(?<![\d.,])\d+(?=\s*[%٪])")
"""Numbers to call, years, amounts: not a day or an hour, which languages write otherwise."""


def check_figures(instance: Any, passages: list[Passage]) -> Iterator[Finding]:
    """Yield the figures that have no source, or no date."""
    for child, place in bound_blocks(instance):
        figures = _key_figures(child)
        for figure in figures:
            source = str(figure.get("source") or "").strip()
            if not source or not YEAR.search(source):
                yield Finding(
                    Topic.SOURCES,
                    _("Chiffre clé sans date") if source else _("Chiffre clé sans source"),
                    _("Dites qui l'a établi et en quelle année : sans cela il ne se vérifie pas."),
                    place,
                    words=f"{figure.get('value')} {figure.get('label')}",
                )
    own = {place for child, place in bound_blocks(instance) if _key_figures(child)}
    for passage in passages:
        if passage.place in own or passage.links or SOURCED.search(passage.text):
            continue
        if figure := FIGURE.search(passage.text):
            yield point_at(
                passage,
                figure.span(),
                Topic.SOURCES,
                _("Chiffre sans source"),
                _("Dites d'où il vient (« selon… », un lien, une année), ou retirez-le."),
            )


def check_links(passages: list[Passage]) -> Iterator[Finding]:
    """Yield the links whose words name no target."""
    for passage in passages:
        for words in passage.links:
            bare = EDGES.sub("", words)
            if bare and not VAGUE_LINK.fullmatch(bare):
                continue
            start = passage.text.find(words) if words else 0
            yield point_at(
                passage,
                (max(start, 0), max(start, 0) + len(words)),
                Topic.LINKS,
                _("Lien qui ne dit pas où il mène") if bare else _("Lien sans texte"),
                _(
                    "Un lecteur d'écran lit les liens seuls : écrivez ce que l'on y trouve "
                    "(« le guide de l'ASE »)."
                ),
            )


def check_documents(instance: Any) -> Iterator[Finding]:
    """Yield the documents that a screen reader can't read, or reads badly."""
    to_document = ContentType.objects.get_for_model(Document).pk
    keys = {
        each.to_object_id
        for each in extract_references(instance)
        if each.to_content_type_id == to_document
    }
    for document in Document.objects.filter(pk__in=keys).order_by("title"):
        if advice := document.accessibility_warning:
            title = _("Document sans texte")
        elif document.is_tagged is False:
            title = _("PDF non balisé")
            advice = _(
                "Sans balises, un lecteur d'écran lit ce PDF dans le désordre, sans titres ni "
                "textes des images. Depuis Word ou LibreOffice, exportez-le en « PDF balisé » ou "
                "« PDF/UA » ; sinon, donnez l'essentiel dans la page."
            )
        else:
            continue
        yield Finding(Topic.FILES, title, advice, Place(document.title))


def check_numbers(source: list[Passage], translated: list[Passage]) -> Iterator[Finding]:
    """Yield the numbers of a text that its translation has not: to call, of years, of people."""
    known = {number for passage in translated for number in numbers_of(passage.text)}
    for passage in source:
        for number in dict.fromkeys(numbers_of(passage.text)):
            if number not in known:
                known.add(number)
                yield Finding(
                    Topic.SOURCES,
                    _("Un nombre du français n'est pas dans la traduction"),
                    _("Un numéro d'appel, une année ou un total s'est-il perdu ou changé ?"),
                    passage.place,
                    words=number,
                )


def numbers_of(text: str) -> list[str]:
    """Return the numbers of a text as any language would write them.

    >>> numbers_of("Appelez le 3018 : 7 000 enfants, 25 %, à 14 h 30, le 8 mars 2026.")
    ['3018', '7000', '25', '2026']
    """
    return NUMBER.findall(THOUSANDS.sub("", text.translate(DIGITS)))


def _key_figures(child: Any) -> list[Any]:
    if child.block_type == "key_figures":
        return list(child.value["figures"])
    return [child.value] if child.block_type == "figure" else []
