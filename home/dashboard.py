"""What a new installation still lacks, for who sets it up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from core.admin.dashboard import Block, Line, register_block
from core.models import User
from home.admin_views import may_start
from home.models import EmergencyNumber, Funder, SiteSettings
from published.queries import page_items
from review.groups import TEAM

if TYPE_CHECKING:
    from collections.abc import Iterator

LEGAL = ("legal_page", "privacy_page", "accessibility_page")
FEWEST_PEOPLE = 2
"""What comes from outside needs two of them."""


@register_block(0)
def guided_start(user: User) -> Block | None:
    """Return what is missing, computed from what is there: gone once all is done."""
    if not may_start(user):
        return None
    conf = SiteSettings.load()
    lines = [*_settings(conf), *_around_pages(), *_people(), *_email(conf), *_legal_pages(conf)]
    return Block(
        "guided-start",
        _("Pour commencer"),
        "list-ol",
        lines,
        note=_("Ce qui manque encore à ce site. Cet encadré s'en va quand tout est fait."),
    )


def _settings(conf: SiteSettings) -> Iterator[Line]:
    """Yield what the settings lack, on one line: it is one form."""
    names = [name for name in ("contact_email", *LEGAL) if not _value(conf, name)]
    if names:
        labels = [str(SiteSettings._meta.get_field(name).verbose_name) for name in names]
        detail = get_text_list(labels, _("et"))
        if set(names) & set(LEGAL):
            detail += _(" (une page s'écrit d'abord sous l'accueil, puis se choisit ici)")
        url = reverse("wagtailsettings:edit", args=["home", "sitesettings", conf.pk])
        yield Line(_("Remplir les réglages du site"), url, capfirst(detail))


def _value(conf: SiteSettings, name: str) -> Any:
    # Without reading the pages themselves.
    return getattr(conf, SiteSettings._meta.get_field(name).attname)


def _around_pages() -> Iterator[Line]:
    """Yield what surrounds every page, and is not there."""
    for model, title, detail in (
        (
            EmergencyNumber,
            _("Ajouter les numéros d'urgence"),
            _("Le 119, le 17 et les autres, en haut de chaque page."),
        ),
        (Funder, _("Ajouter les financeurs"), _("Leurs noms et leurs logos, au bas des pages.")),
    ):
        if not model._default_manager.exists():
            yield Line(title, reverse(model.snippet_viewset.get_url_name("add")), detail)


def _people() -> Iterator[Line]:
    people = User.objects.filter(is_active=True, groups__name__in=TEAM).distinct()
    if people.count() < FEWEST_PEOPLE:
        yield Line(
            _("Créer les comptes de l'équipe"),
            reverse("wagtailusers_users:add"),
            _("Deux personnes au moins : ce qui vient de l'extérieur en demande deux."),
        )


def _email(conf: SiteSettings) -> Iterator[Line]:
    if conf.email_tested_at is None:
        yield Line(
            _("Envoyer un e-mail d'essai"),
            reverse("home_try_email"),
            _("À vous-même : inscriptions, contributions et lettre en dépendent."),
        )


def _legal_pages(conf: SiteSettings) -> Iterator[Line]:
    """Yield the legal pages that were chosen, and that nobody may read yet."""
    chosen = {_value(conf, name): name for name in LEGAL if _value(conf, name)}
    shown = page_items().filter(page__in=chosen).values_list("page", flat=True)
    for pk in set(chosen) - set(shown):
        label = SiteSettings._meta.get_field(chosen[pk]).verbose_name
        yield Line(
            _("Publier la page « %(name)s »") % {"name": capfirst(str(label))},
            reverse("wagtailadmin_pages:edit", args=[pk]),
            _("Elle est choisie dans les réglages, et pas encore en ligne."),
        )
