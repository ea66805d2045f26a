"""What an issue is made of: sections of published pages, each with the editor's word on it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from core.blocks import RichTextBlock


class ItemBlock(blocks.StructBlock):
    """A page of the site, which gives its own title, summary and image."""

    page = blocks.PageChooserBlock(label=_("Page"))
    note = blocks.TextBlock(
        label=_("Mot de la rédaction"),
        required=False,
        max_length=400,
        rows=2,
        help_text=_("Pourquoi la lire. Remplace le résumé de la page."),
    )

    class Meta:
        icon = "doc-empty"
        label = _("Contenu")
        label_format = "{page}"


class SectionBlock(blocks.StructBlock):
    """A part of an issue, with a title, a text or pages, or both."""

    title = blocks.CharBlock(label=_("Titre"), max_length=100)
    text = RichTextBlock(label=_("Texte"), required=False)
    items = blocks.ListBlock(ItemBlock(), label=_("Contenus"), default=[])

    class Meta:
        icon = "list-ul"
        label = _("Rubrique")
        label_format = "{title}"
