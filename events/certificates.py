"""Certificates of attendance, as PDF."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import reportlab
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

from events.calendars import location_of
from events.schemas import format_when

if TYPE_CHECKING:
    from events.models import Registration

INK = HexColor("#1f2f46")
ACCENT = HexColor("#0f4c5c")
FONT, BOLD = "Vera", "VeraBd"


class NotEarned(Exception):
    """The person was not there, or not yet."""


@cache
def _fonts() -> None:
    # Those that reportlab carries: every Latin letter with its accents, unlike PDF's own fonts.
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))


def write_certificate(registration: Registration, issuer: str) -> bytes:
    """Return the certificate of somebody who was there.

    Args:
        registration: with its session and the session's page.
        issuer: in whose name.

    Raises:
        NotEarned: attendance was not ticked, or the session was cancelled or is not over.
    """
    session = registration.session
    if not registration.has_attended or session.is_cancelled or not session.is_past:
        raise NotEarned
    _fonts()
    heading = _style("heading", BOLD, 26, ACCENT)
    name = _style("name", BOLD, 20, INK)
    text = _style("text", FONT, 13, INK)
    small = _style("small", FONT, 10, INK)
    story = [
        Spacer(1, 18 * mm),
        Paragraph(_("Attestation de présence"), heading),
        Spacer(1, 16 * mm),
        Paragraph(_("Nous attestons que"), text),
        Spacer(1, 4 * mm),
        Paragraph(escape(registration.name), name),
        *([Paragraph(escape(registration.structure), text)] if registration.structure else []),
        Spacer(1, 6 * mm),
        Paragraph(
            _("a participé à la formation")
            if session.page.kind == "training"
            else _("a participé au webinaire"),
            text,
        ),
        Spacer(1, 4 * mm),
        Paragraph(escape(f"« {session.title} »"), name),
        Spacer(1, 4 * mm),
        Paragraph(escape(format_when(session.starts_at, session.ends_at)), text),
        Paragraph(escape(location_of(session)), text),
        Spacer(1, 16 * mm),
        Paragraph(
            escape(
                _("Fait le %(day)s par %(issuer)s.")
                % {"day": date_format(timezone.localdate(), "j F Y"), "issuer": issuer}
            ),
            text,
        ),
        Spacer(1, 8 * mm),
        Paragraph(_("Référence : %(reference)s") % {"reference": registration.uuid}, small),
    ]
    output = io.BytesIO()
    SimpleDocTemplate(
        output,
        pagesize=landscape(A4),
        title=_("Attestation de présence"),
        author=issuer,
        lang="fr-FR",
    ).build(story)
    return output.getvalue()


def _style(name: str, font: str, size: int, colour: HexColor) -> ParagraphStyle:
    return ParagraphStyle(
        name,
        fontName=font,
        fontSize=size,
        leading=size * 1.4,
        textColor=colour,
        alignment=TA_CENTER,
    )
