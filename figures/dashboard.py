"""What the dashboard has of links that lead nowhere, and of files that some can't read."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_latest_str

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.compat.admin import AdminURLFinder, policy_registry
from core.library import may_replace_public_files
from core.models import Document, Image
from core.registry import get_file_uses
from figures.side_panels import VIEW_FIGURES
from figures.views.files import UNREADABLE, describe_unreadable, edit_address, missing_files
from published.links.broken import broken_references, broken_uses, describe_links

if TYPE_CHECKING:
    from core.models import User


@register_block(70)
def inaccessible_documents(user: User) -> Block:
    """Return the documents that a screen reader can't read well, and this user may replace."""
    documents = policy_registry.get_by_type(Document).instances_user_has_permission_for(
        user, "change"
    )
    if not may_replace_public_files(user):
        documents = documents.exclude(pk__in=get_file_uses().published_keys(Document))
    documents = documents.filter(UNREADABLE).order_by("title", "pk")
    return Block(
        "troubled-documents",
        _("Documents à vérifier"),
        "doc-full-inverse",
        [
            Line(
                document.title,
                reverse("wagtaildocs:edit", args=[document.pk]),
                describe_unreadable(document),
            )
            for document in documents.defer("text")[:SHOWN_LINES]
        ],
        total=documents.count(),
        url=reverse("figures_documents") if user.has_perm(VIEW_FIGURES) else "",
        is_folded=True,
    )


@register_block(72)
def missing(user: User) -> Block | None:
    """Return the files that are gone, and that this user may send in again."""
    if not user.has_perm(VIEW_FIGURES):
        return None
    found = [missing_files(user, model) for model in (Image, Document)]
    rows = [*chain(*(files[:SHOWN_LINES] for files in found))][:SHOWN_LINES]
    return Block(
        "missing-files",
        _("Fichiers manquants"),
        "warning",
        [Line(file.title, edit_address(file), _("Envoyer le fichier à nouveau")) for file in rows],
        total=sum(files.count() for files in found),
        url=reverse("figures_missing_files"),
    )


@register_block(75)
def broken_links(user: User) -> Block | None:
    """Return the links of what is public that lead nowhere, those to our own pages first."""
    if not user.has_perm(VIEW_FIGURES):
        return None
    references, uses = broken_references(), broken_uses()
    rows: list[Any] = [*chain(references[:SHOWN_LINES], uses[:SHOWN_LINES])][:SHOWN_LINES]
    finder = AdminURLFinder(user)
    return Block(
        "broken-links",
        _("Liens cassés"),
        "link",
        [
            Line(
                get_latest_str(link.thing),
                finder.get_edit_url(link.thing) or "",
                f"{link.address} : {link.problem}" if link.address else link.problem,
            )
            for link in describe_links(rows)
        ],
        total=references.count() + uses.count(),
        url=reverse("figures_links"),
        is_folded=True,
    )
