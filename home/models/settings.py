from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting
from wagtail.fields import StreamField

from home.blocks import SocialLinkBlock


def page_key(label: Any, help_text: Any = "") -> models.ForeignKey[Any, Any]:
    """Return a key to a page that settings point at, in its source language."""
    return models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=label,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=help_text,
    )


@register_setting(icon="site")
class SiteSettings(BaseGenericSetting):
    """What the site shows in any language; the home pages hold what differs by language."""

    contact_email = models.EmailField(
        _("e-mail de contact"),
        blank=True,
        help_text=_("Au bas de chaque page et dans les lettres."),
    )
    contact_phone = models.CharField(
        _("téléphone"),
        max_length=30,
        blank=True,
        help_text=_(
            "Celui de l'équipe, et non un numéro d'urgence : ceux-ci sont dans « Infos du site »."
        ),
    )
    quick_exit_url = models.URLField(
        _("sortie rapide"),
        default="https://www.meteofrance.com/",
        help_text=_(
            "La page banale où mène le bouton « Quitter vite » : météo, sport, recettes. "
            "Rien qui parle de nous."
        ),
    )
    social_links = StreamField(
        [("link", SocialLinkBlock())],
        verbose_name=_("réseaux sociaux"),
        blank=True,
        help_text=_("Les comptes du projet : rien de ces réseaux n'est chargé sur le site."),
    )
    safety_page = page_key(
        _("page « Naviguer en sécurité »"), _("Ce que la sortie rapide fait et ne fait pas.")
    )
    contact_page = page_key(
        _("page de contact"), help_text=_("Où mène « Contact », au bas de chaque page.")
    )
    legal_page = page_key(
        _("mentions légales"), help_text=_("Au bas de chaque page : c'est une obligation.")
    )
    privacy_page = page_key(
        _("données personnelles"),
        help_text=_(
            "Ce qui est gardé des personnes, et leurs droits : citée sous chaque formulaire."
        ),
    )
    accessibility_page = page_key(
        _("déclaration d'accessibilité"),
        help_text=_("La déclaration que demande le RGAA, au bas de chaque page."),
    )

    email_tested_at = models.DateTimeField(
        _("dernier e-mail d'essai"),
        null=True,
        editable=False,
        help_text=_("Quand le serveur de messagerie en a pris un pour la dernière fois."),
    )

    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [FieldPanel("contact_email"), FieldPanel("contact_phone"), FieldPanel("contact_page")],
            heading=_("Contacts"),
        ),
        MultiFieldPanel(
            [FieldPanel("quick_exit_url"), FieldPanel("safety_page")], heading=_("Sécurité")
        ),
        FieldPanel("social_links"),
        MultiFieldPanel(
            [
                FieldPanel("legal_page"),
                FieldPanel("privacy_page"),
                FieldPanel("accessibility_page"),
            ],
            heading=_("Pages légales"),
        ),
    ]
    legal_fields: ClassVar[tuple[str, ...]] = (
        "contact_page",
        "legal_page",
        "privacy_page",
        "accessibility_page",
        "safety_page",
    )

    class Meta:
        verbose_name = _("réglages du site")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
