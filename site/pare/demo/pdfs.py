"""The PDF files of the demonstration, written from their texts: the same bytes every time.

As accessible as ReportLab can make them: a title, a language, bookmarks for
the headings, embedded fonts with their characters. It writes no tags.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reportlab
from PIL import Image as Pillow
from reportlab import rl_config
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    ListFlowable,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from pare.demo.covers import PALETTES, STYLES, Palette, draw_cover
from pare.demo.markup import inline, parts_of

if TYPE_CHECKING:
    from pare.demo.content import Item

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 22 * mm
BAND = 58 * mm
FOOTER = "Document de démonstration"
INK = "#1b2430"
GREY = "#56616d"


@dataclass(frozen=True)
class Text:
    """What a PDF says."""

    key: str
    style: str
    kind: str
    title: str
    author: str
    day: str
    lead: str
    sections: list[Item]


def write_pdf(text: Text) -> bytes:
    """Return the PDF of a text, on A4."""
    _set_up()
    palette = PALETTES[STYLES[text.style][0]]
    styles = _styles(palette)
    output = io.BytesIO()
    document = _Template(output, text, palette)
    document.build(
        [
            NextPageTemplate("next"),
            Paragraph(_inline(f"{text.kind} · {text.author}"), styles["kind"]),
            _Heading(_inline(text.title), styles["title"], level=0),
            Paragraph(_inline(text.day), styles["day"]),
            _boxed([Paragraph(_inline(text.lead), styles["lead"])], palette),
            *(flowable for section in text.sections for flowable in _section(section, styles)),
        ]
    )
    return output.getvalue()


class _Template(BaseDocTemplate):
    def __init__(self, output: io.BytesIO, text: Text, palette: Palette) -> None:
        super().__init__(
            output,
            pagesize=A4,
            title=_typeset(text.title),
            author=text.author,
            subject=_typeset(text.lead),
            creator="Projet PARÉ",
            lang="fr-FR",
            displayDocTitle=1,
            initialFontName="Vera",
            invariant=1,
        )
        self.text = text
        self.palette = palette
        body = {"leftPadding": 0, "rightPadding": 0, "topPadding": 0, "bottomPadding": 0}
        width = PAGE_WIDTH - 2 * MARGIN
        bottom = 24 * mm
        first = Frame(MARGIN, bottom, width, PAGE_HEIGHT - BAND - 10 * mm - bottom, **body)
        others = Frame(MARGIN, bottom, width, PAGE_HEIGHT - 20 * mm - bottom, **body)
        self.addPageTemplates(
            [
                PageTemplate("first", [first], onPage=self._draw_first),
                PageTemplate("next", [others], onPage=self._draw_footer),
            ]
        )

    def _draw_first(self, canvas: Any, document: Any) -> None:
        canvas.drawImage(ImageReader(_band(self.text)), 0, PAGE_HEIGHT - BAND, PAGE_WIDTH, BAND)
        self._draw_footer(canvas, document)

    def _draw_footer(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setStrokeColor(HexColor(self.palette.light))
        canvas.line(MARGIN, 17 * mm, PAGE_WIDTH - MARGIN, 17 * mm)
        canvas.setFont("Vera", 8)
        canvas.setFillColor(HexColor(GREY))
        canvas.drawString(MARGIN, 12 * mm, FOOTER)
        canvas.drawRightString(PAGE_WIDTH - MARGIN, 12 * mm, f"Page {canvas.getPageNumber()}")
        canvas.restoreState()

    def afterFlowable(self, flowable: Flowable) -> None:
        """Bookmark the headings."""
        if isinstance(flowable, _Heading):
            name = f"h{self.seq.nextf('heading')}"
            self.canv.bookmarkPage(name)
            self.canv.addOutlineEntry(flowable.getPlainText(), name, flowable.level)


def _band(text: Text) -> io.BytesIO:
    """Return the middle of the cover, as wide as a page, in a format that a PDF takes as it is."""
    output = io.BytesIO()
    with Pillow.open(io.BytesIO(draw_cover(text.key, text.style))) as cover:
        height = round(cover.width * BAND / PAGE_WIDTH)
        top = (cover.height - height) // 2
        band = cover.crop((0, top, cover.width, top + height))
        band.resize((1200, height * 3 // 4)).save(output, "JPEG", quality=90)
    output.seek(0)
    return output


class _Heading(Paragraph):
    def __init__(self, text: str, style: ParagraphStyle, level: int) -> None:
        super().__init__(text, style)
        self.level = level


def _section(section: Item, styles: dict[str, ParagraphStyle]) -> list[Flowable]:
    """Return a section: its heading (kept with what follows), its text, its table."""
    content: list[Flowable] = []
    for part in parts_of(section.get("text", "")):
        if part.kind == "p":
            content += [Paragraph(_inline(text), styles["p"]) for text in part.texts]
        else:
            content.append(_list(part.kind, part.texts, styles))
    if rows := section.get("table"):
        content.append(_table(rows, styles))
    heading = _Heading(_inline(section["heading"]), styles["h2"], level=1)
    return [KeepTogether([heading, *content[:1]]), *content[1:]]


def _list(kind: str, texts: list[str], styles: dict[str, ParagraphStyle]) -> Flowable:
    bullet = {"bulletType": "1"} if kind == "ol" else {"bulletType": "bullet", "start": "•"}
    return ListFlowable(
        [Paragraph(_inline(text), styles["li"]) for text in texts],
        leftIndent=16,
        bulletFontName="VeraBd",
        bulletFontSize=9,
        bulletColor=styles["h2"].textColor,
        bulletOffsetY=-1,
        spaceAfter=8,
        **bullet,
    )


def _table(rows: list[list[str]], styles: dict[str, ParagraphStyle]) -> Flowable:
    head, *others = rows
    cells = [[Paragraph(_inline(cell), styles["th"]) for cell in head]]
    cells += [[Paragraph(_inline(cell), styles["td"]) for cell in row] for row in others]
    width = PAGE_WIDTH - 2 * MARGIN
    first = width * 0.5 / len(head)
    rest = (width - first) / (len(head) - 1)
    deep = styles["h2"].textColor
    table = Table(cells, colWidths=[first, *([rest] * (len(head) - 1))], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), "Vera"),
                ("BACKGROUND", (0, 0), (-1, 0), deep),
                ("LINEBELOW", (0, 1), (-1, -1), 0.5, HexColor("#cfd5da")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("TOPPADDING", (0, 0), (-1, -1), 5),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
            ]
        )
    )
    table.spaceBefore = 2
    table.spaceAfter = 12
    return table


def _boxed(content: list[Flowable], palette: Palette) -> Flowable:
    box = Table([[content]], colWidths=[PAGE_WIDTH - 2 * MARGIN])
    box.setStyle(
        TableStyle(
            [
                ("FONTNAME", (0, 0), (-1, -1), "Vera"),
                ("BACKGROUND", (0, 0), (-1, -1), HexColor(palette.ground)),
                ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor(palette.accent)),
                ("LEFTPADDING", (0, 0), (-1, -1), 12),
                ("RIGHTPADDING", (0, 0), (-1, -1), 12),
                ("TOPPADDING", (0, 0), (-1, -1), 9),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 11),
            ]
        )
    )
    box.spaceAfter = 6
    return box


def _styles(palette: Palette) -> dict[str, ParagraphStyle]:
    deep = HexColor(palette.deep)

    def style(name: str, size: float, leading: float, **options: Any) -> ParagraphStyle:
        given = {"fontName": "Vera", "textColor": HexColor(INK), **options}
        return ParagraphStyle(name, fontSize=size, leading=leading, **given)

    return {
        "kind": style("kind", 9, 13, fontName="VeraBd", textColor=HexColor(GREY), spaceAfter=5),
        "title": style("title", 20, 26, fontName="VeraBd", textColor=deep, spaceAfter=7),
        "day": style("day", 9, 13, textColor=HexColor(GREY), spaceAfter=12),
        "lead": style("lead", 10.5, 16),
        "h2": style("h2", 13, 18, fontName="VeraBd", textColor=deep, spaceBefore=14, spaceAfter=6),
        "p": style("p", 10, 15.5, spaceAfter=8),
        "li": style("li", 10, 15, spaceAfter=3),
        "th": style("th", 9, 13, fontName="VeraBd", textColor=white),
        "td": style("td", 9, 13),
    }


def _inline(text: str) -> str:
    """Return a line in ReportLab's own markup, which has <b> too; a link keeps its words."""
    return inline(_typeset(text), lambda target, words: words)


def _typeset(text: str) -> str:
    return text.replace("'", "’")


@cache
def _set_up() -> None:
    """Make the fonts that come with ReportLab known: they have French, and can be embedded."""
    # Its text form of binary data is slow to make, and for printers of another age.
    rl_config.useA85 = 0
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd", "VeraIt", "VeraBI"):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(
        "Vera", normal="Vera", bold="VeraBd", italic="VeraIt", boldItalic="VeraBI"
    )
