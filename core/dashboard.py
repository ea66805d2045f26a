"""What the dashboard has of the library and of translations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.compat.admin import PagePermissionPolicy, policy_registry
from core.languages.translations import outdated_translations
from core.library import may_replace_public_files
from core.models import Document
from core.registry import get_file_uses

if TYPE_CHECKING:
    from core.models import User


@register_block(70)
def inaccessible_documents(user: User) -> Block:
    """Return the documents that a screen reader can't read, and that this user may replace."""
    documents = policy_registry.get_by_type(Document).instances_user_has_permission_for(
        user, "change"
    )
    if not may_replace_public_files(user):
        documents = documents.exclude(pk__in=get_file_uses().published_keys(Document))
    documents = documents.filter(text_state__in=Document.UNREADABLE_STATES).order_by("title", "pk")
    return Block(
        "troubled-documents",
        _("Documents à vérifier"),
        "doc-full-inverse",
        [
            Line(
                document.title,
                reverse("wagtaildocs:edit", args=[document.pk]),
                str(document.accessibility_warning),
            )
            for document in documents[:SHOWN_LINES]
        ],
        total=documents.count(),
        is_folded=True,
    )


@register_block(80)
def translations_to_update(user: User) -> Block:
    """Return the translations to update of the pages that this user may change."""
    pages = PagePermissionPolicy().instances_user_has_permission_for(user, "change")
    rows = outdated_translations().filter(page_id__in=pages.values("pk"))
    return Block(
        "outdated-translations",
        _("Traductions à reprendre"),
        "wagtail-localize-language",
        [
            Line(
                row.title,
                reverse("wagtailadmin_pages:edit", args=[row.page_id]),
                _("La page française a changé : synchronisez la traduction.")
                if row.has_changed
                else _("Des textes ne sont pas encore traduits."),
                row.language,
            )
            for row in rows[:SHOWN_LINES]
        ],
        total=rows.count(),
        url=reverse("wagtail_localize:translations_report"),
        is_folded=True,
    )
