"""The blocks of a page's body: what editors can build with, and nothing that breaks a page.

Every block has a schema of the same name in :mod:`core.schemas.blocks`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.contrib.table_block.blocks import TableBlock as WagtailTableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageBlock

if TYPE_CHECKING:
    from collections.abc import Sequence

RICH_TEXT_FEATURES = ["bold", "italic", "ol", "ul", "link", "document-link", "superscript"]


class RichTextBlock(blocks.RichTextBlock):
    """Paragraphs, lists and links. Headings and images are blocks of their own."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", RICH_TEXT_FEATURES)
        super().__init__(**kwargs)

    class Meta:
        icon = "pilcrow"
        label = _("Texte")


class LevelBlock(blocks.ChoiceBlock):
    """A choice of the editor's, whose words are no words of the page."""

    def get_searchable_content(self, value: Any) -> list[str]:
        """Return nothing: « Titre de partie » is no text of the page."""
        return []


class HeadingBlock(blocks.StructBlock):
    """A heading below the page's own title (levels 2 and 3)."""

    text = blocks.CharBlock(label=_("Titre"), max_length=150)
    level = LevelBlock(
        label=_("Niveau"),
        choices=[("2", _("Titre de partie")), ("3", _("Sous-titre"))],
        default="2",
    )

    def get_searchable_content(self, value: Any) -> list[str]:
        """Return its words: the name of its level is not one of them."""
        return [value["text"]]

    class Meta:
        icon = "title"
        label = _("Titre")
        label_format = "{text}"


class FigureBlock(blocks.StructBlock):
    """An image with its alternative text (RGAA criterion 1.1), or marked as decorative."""

    image = ImageBlock(label=_("Image"))
    caption = blocks.CharBlock(label=_("Légende"), required=False, max_length=250)

    class Meta:
        icon = "image"
        label = _("Image")


class DocumentBlock(blocks.StructBlock):
    """A file to download."""

    document = DocumentChooserBlock(label=_("Document"))
    title = blocks.CharBlock(
        label=_("Intitulé"),
        required=False,
        max_length=150,
        help_text=_("Vide : le titre du document."),
    )

    class Meta:
        icon = "doc-full"
        label = _("Document à télécharger")


class VideoBlock(blocks.StructBlock):
    """A link to a video: a poster and a link. Nothing of the video's host loads on our page."""

    url = blocks.URLBlock(label=_("Adresse de la vidéo"))
    title = blocks.CharBlock(label=_("Titre"), max_length=150)
    poster = ImageBlock(label=_("Image d'attente"), required=False)
    duration = blocks.RegexBlock(
        label=_("Durée"),
        regex=r"^\d{1,2}(:\d{2}){1,2}$",
        required=False,
        help_text=_("Par exemple 12:30."),
        error_messages={"invalid": _("Écrivez la durée sous la forme 12:30 ou 1:02:30.")},
    )
    transcript = RichTextBlock(
        label=_("Transcription"),
        required=False,
        help_text=_("Pour les personnes sourdes ou qui ne peuvent pas mettre le son (RGAA 4.1)."),
    )

    class Meta:
        icon = "media"
        label = _("Vidéo")


class QuoteBlock(blocks.StructBlock):
    text = blocks.TextBlock(label=_("Citation"), max_length=800)
    attribution = blocks.CharBlock(label=_("Auteur ou source"), required=False, max_length=150)

    class Meta:
        icon = "openquote"
        label = _("Citation")


class KeyFigureBlock(blocks.StructBlock):
    """A figure is never shown without its source and date."""

    value = blocks.CharBlock(
        label=_("Chiffre"), max_length=60, help_text=_("Avec sa fourchette : « 7 000 à 10 000 ».")
    )
    label = blocks.CharBlock(label=_("Ce qu'il mesure"), max_length=200)
    source = blocks.CharBlock(label=_("Source et date"), max_length=250)
    source_url = blocks.URLBlock(label=_("Lien vers la source"), required=False)

    class Meta:
        icon = "decimal"
        label = _("Chiffre clé")
        label_format = "{value} : {label}"


class KeyFiguresBlock(blocks.StructBlock):
    figures = blocks.ListBlock(KeyFigureBlock(), label=_("Chiffres"), min_num=1, max_num=6)

    class Meta:
        icon = "decimal"
        label = _("Chiffres clés")


class LinkTargetBlock(blocks.StructBlock):
    """Base of what links somewhere: a page of the site or an outside address, not both."""

    page = blocks.PageChooserBlock(label=_("Page du site"), required=False)
    url = blocks.RegexBlock(
        label=_("ou adresse"),
        regex=r"^(https?://|tel:|sms:|mailto:)\S+$",
        required=False,
        help_text=_("https://…, tel:119, sms:114 ou mailto:…"),
        error_messages={
            "invalid": _("Écrivez une adresse qui commence par https://, tel:, sms: ou mailto:.")
        },
    )

    def clean(self, value: Any) -> Any:
        """Require exactly one target.

        Raises:
            StructBlockValidationError: neither or both are given.
        """
        cleaned = super().clean(value)
        if bool(cleaned.get("page")) == bool(cleaned.get("url")):
            message = ValidationError(
                _("Choisissez une page du site ou une adresse, l'une des deux.")
            )
            raise StructBlockValidationError(block_errors={"page": message, "url": message})
        return cleaned


class CallToActionBlock(LinkTargetBlock):
    title = blocks.CharBlock(label=_("Titre"), max_length=120)
    text = blocks.TextBlock(label=_("Texte"), required=False, max_length=400)
    button = blocks.CharBlock(
        label=_("Bouton"),
        max_length=60,
        help_text=_("Un verbe et son objet : « Télécharger le guide », jamais « Cliquez ici »."),
    )

    class Meta:
        icon = "link"
        label = _("Appel à l'action")
        label_format = "{title}"


class AccordionItemBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Question ou titre"), max_length=200)
    content = RichTextBlock(label=_("Réponse"))

    class Meta:
        icon = "list-ul"
        label = _("Volet")
        label_format = "{title}"


class AccordionBlock(blocks.StructBlock):
    items = blocks.ListBlock(AccordionItemBlock(), label=_("Volets"), min_num=1)

    class Meta:
        icon = "list-ul"
        label = _("Accordéon (questions et réponses)")


class TableBlock(blocks.StructBlock):
    """A simple data table; its caption names it for everyone (RGAA criterion 5.4)."""

    caption = blocks.CharBlock(label=_("Titre du tableau"), max_length=200)
    table = WagtailTableBlock(
        label=_("Tableau"),
        table_options={
            "renderer": "text",
            "contextMenu": [
                "row_above",
                "row_below",
                "col_left",
                "col_right",
                "remove_row",
                "remove_col",
                "undo",
                "redo",
            ],
            "minSpareRows": 0,
            "startRows": 3,
            "startCols": 3,
            "colHeaders": False,
            "rowHeaders": False,
            "autoColumnSize": False,
            "stretchH": "all",
            "height": 216,
            "language": "fr-FR",
        },
    )

    class Meta:
        icon = "table"
        label = _("Tableau")
        label_format = "{caption}"


class LinkedContentBlock(blocks.StructBlock):
    """A few pages of the site, shown as cards that follow their pages' changes."""

    title = blocks.CharBlock(label=_("Titre"), required=False, max_length=120)
    pages = blocks.ListBlock(
        blocks.PageChooserBlock(label=_("Page")), label=_("Pages"), min_num=1, max_num=6
    )

    class Meta:
        icon = "doc-empty-inverse"
        label = _("Contenus liés")


class BodyBlock(blocks.StreamBlock):
    """The body of a page."""

    rich_text = RichTextBlock()
    heading = HeadingBlock()
    image = FigureBlock()
    document = DocumentBlock()
    video = VideoBlock()
    quote = QuoteBlock()
    key_figures = KeyFiguresBlock()
    call_to_action = CallToActionBlock()
    accordion = AccordionBlock()
    table = TableBlock()
    linked_content = LinkedContentBlock()


def block_names() -> Sequence[str]:
    """Return the names that a body block can have, for the check that each has a schema."""
    return list(BodyBlock.base_blocks)
