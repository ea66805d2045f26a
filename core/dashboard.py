"""What the dashboard has of the library and of translations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_latest_str

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.compat.admin import AdminURLFinder, policy_registry
from core.languages.outdated import outdated_translations, why_outdated, with_things
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
    """Return the translations to update of what this user may change."""
    rows = outdated_translations(user)
    finder = AdminURLFinder(user)
    return Block(
        "outdated-translations",
        _("Traductions à reprendre"),
        "wagtail-localize-language",
        [
            Line(
                get_latest_str(row.thing),
                finder.get_edit_url(row.thing) or "",
                why_outdated(row),
                row.language,
            )
            for row in with_things(rows[:SHOWN_LINES])
        ],
        total=rows.count(),
        url=reverse("wagtail_localize:translations_report"),
        is_folded=True,
    )
