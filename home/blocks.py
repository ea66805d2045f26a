"""Blocks of the home and team pages; those of a body are in :mod:`core.blocks`."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from core.blocks import KeyFigureBlock, LinkTargetBlock

LISTED_PAGE_TYPES = [
    "resources.ResourceIndexPage",
    "resources.NewsIndexPage",
    "events.EventIndexPage",
]
"""The page types whose latest children the home page can show."""


class EntranceBlock(LinkTargetBlock):
    """A way in for one kind of visitor: « Je suis un parent »."""

    title = blocks.CharBlock(label=_("Titre"), max_length=80)
    text = blocks.TextBlock(label=_("Texte"), required=False, max_length=200)

    class Meta:
        icon = "user"
        label = _("Porte d'entrée")
        label_format = "{title}"


class MissionBlock(blocks.StructBlock):
    title = blocks.CharBlock(label=_("Mission"), max_length=150)
    text = blocks.TextBlock(label=_("Précision"), required=False, max_length=400)

    class Meta:
        icon = "tasks"
        label = _("Mission")
        label_format = "{title}"


class LatestBlock(blocks.StructBlock):
    """The latest pages of a section, which follow what is published."""

    title = blocks.CharBlock(label=_("Titre"), max_length=100)
    section = blocks.PageChooserBlock(label=_("Rubrique"), page_type=LISTED_PAGE_TYPES)
    count = blocks.IntegerBlock(label=_("Nombre"), default=3, min_value=1, max_value=12)

    class Meta:
        icon = "list-ul"
        label = _("Derniers contenus d'une rubrique")
        label_format = "{title}"


class SocialLinkBlock(blocks.StructBlock):
    name = blocks.CharBlock(label=_("Réseau"), max_length=40, help_text=_("Par exemple LinkedIn."))
    url = blocks.URLBlock(label=_("Adresse"))

    class Meta:
        icon = "link-external"
        label = _("Réseau social")
        label_format = "{name}"


class MemberBlock(blocks.StructBlock):
    """Someone of the team; the role is enough where a name should not be public."""

    role = blocks.CharBlock(label=_("Fonction"), max_length=100)
    name = blocks.CharBlock(label=_("Nom"), required=False, max_length=100)
    text = blocks.TextBlock(label=_("Présentation"), required=False, max_length=600)
    photo = ImageBlock(label=_("Photo"), required=False)

    class Meta:
        icon = "user"
        label = _("Membre de l'équipe")
        label_format = "{role}"


class KeyFigureStream(blocks.StreamBlock):
    figure = KeyFigureBlock()
