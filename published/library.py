"""The files of the library: where they are used, and who may choose, change and delete them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.utils import get_latest_str
from wagtail.models import (
    DraftStateMixin,
    Page,
    ReferenceIndex,
    Revision,
    TaskState,
    WorkflowState,
)
from wagtail.permission_policies.collections import CollectionOwnershipPermissionPolicy

from core.compat import extract_references
from core.compat.admin import AdminURLFinder, register_permission_policy
from core.library import may_replace_public_files
from core.models import Document, Image
from core.registry import get_file_uses
from published.models import ItemReference
from published.queries import shown_references
from review.files import external_ids, is_external_file
from review.provenance import content_type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

PUBLIC = gettext_lazy(
    "Ce fichier est en ligne : ce qui change ici devient public aussitôt. Seules la Direction et "
    "la Coordination peuvent le remplacer ou en changer le titre, le texte alternatif ou le crédit."
)
APPROVED = gettext_lazy(
    "Ce fichier fait partie d'un contenu qu'une personne a déjà approuvé : il ne change plus "
    "jusqu'à la fin de la relecture. Pour le remplacer, demandez d'abord des modifications : la "
    "relecture recommencera."
)


@dataclass(frozen=True)
class Use:
    """A content in which a file is used.

    Attributes:
        title: that of the content.
        kind: the name of its type.
        edit_url: where it is edited, empty for who may not.
        is_public: whether anyone may read it now.
        is_draft: whether only words that are not published use the file.
    """

    title: str
    kind: str
    edit_url: str
    is_public: bool
    is_draft: bool

    @property
    def state(self) -> str:
        """Return whether it is public, for people."""
        if self.is_public:
            return _("en ligne")
        return _("brouillon") if self.is_draft else _("publié, mais pas visible en ce moment")


def is_in_public_use(file: Document | Image) -> bool:
    """Return whether something published refers to a file, or will at its scheduled time."""
    return get_file_uses().is_published(file) or any(
        True for _ in _drafts_using(file, _scheduled_revisions())
    )


def is_approved(file: Document | Image) -> bool:
    """Return whether a review that has not ended approved words that refer to a file.

    Approvals are given to words: who changed the file after them would have its new content
    approved unread.
    """
    approved = TaskState.objects.filter(
        status=TaskState.STATUS_APPROVED, workflow_state__status=WorkflowState.STATUS_IN_PROGRESS
    )
    revisions = Revision.objects.filter(pk__in=approved.values("revision"))
    if is_external_file(file):
        revisions |= _scheduled_revisions()
    return any(True for _content in _drafts_using(file, revisions))


def refusal_to_change(user: Any, file: Document | Image) -> str | None:
    """Return why a user may not replace a file nor change its words, or ``None`` if they may."""
    if is_approved(file):
        return str(APPROVED)
    if not may_replace_public_files(user) and is_in_public_use(file):
        return str(PUBLIC)
    return None


def find_uses(file: Document | Image, user: Any = None) -> list[Use]:
    """Return where a file is used, published or in a draft, public ones first.

    Args:
        file: an image or a document.
        user: who asks, who is given the addresses where they may edit.
    """
    found: dict[tuple[int, str], Use] = {}

    def add(content: Any, *, is_public: bool, is_draft: bool) -> None:
        use = _use(content, user, is_public=is_public, is_draft=is_draft)
        if use is not None:
            found.setdefault((content_type_of(content).pk, str(content.pk)), use)

    kind = str(file._meta.model_name)
    shown = set(shown_references(kind).filter(key=file.pk).values_list("item", flat=True))
    references = ItemReference.objects.filter(kind=kind, key=file.pk).select_related("item")
    for reference in references.order_by("item__title"):
        item = reference.item
        content = item.content_type.get_object_for_this_type(pk=item.thing_id)
        add(content, is_public=item.pk in shown, is_draft=False)
    for content, _references in ReferenceIndex.get_grouped_references_to(file):
        has_drafts = isinstance(content, DraftStateMixin)
        is_spoken = bool(getattr(content, "affects_public_content", False))
        add(content, is_public=is_spoken and not has_drafts, is_draft=has_drafts)
    for content in _drafts_using(file, _latest_revisions() | _scheduled_revisions()):
        add(content, is_public=False, is_draft=True)
    return sorted(found.values(), key=lambda use: (not use.is_public, use.is_draft, use.title))


class LibraryPermissionPolicy(CollectionOwnershipPermissionPolicy):
    """Who may do what with a file: after the collections, where it comes from and is used.

    What came from outside is chosen by nobody before it is released. What published content
    shows is changed by those who may publish. What is used anywhere is not deleted.
    """

    def user_has_any_permission_for_instance(
        self, user: Any, actions: Iterable[str], instance: Any
    ) -> bool:
        """Return whether a user may do any of these with a file."""
        return any(
            super(LibraryPermissionPolicy, self).user_has_any_permission_for_instance(
                user, [action], instance
            )
            and not self._is_refused(user, action, instance)
            for action in actions
        )

    def may_open(self, user: Any, instance: Any) -> bool:
        """Return whether a user may look at a file on its screen, without changing it."""
        return bool(super().user_has_any_permission_for_instance(user, ["change"], instance))

    def instances_user_has_any_permission_for(self, user: Any, actions: Iterable[str]) -> Any:
        """Return the files that a user finds, with what their addresses need."""
        found = super().instances_user_has_any_permission_for(user, actions)
        if set(actions) == {"choose"}:
            found = found.exclude(pk__in=external_ids(self.model))
        return found.select_related("public_version") if self.model is Document else found

    def _is_refused(self, user: Any, action: str, instance: Any) -> bool:
        match action:
            case "choose":
                return is_external_file(instance)
            case "change":
                return refusal_to_change(user, instance) is not None
            case "delete":
                return bool(find_uses(instance))
            case _:
                return False


def register_policies() -> None:
    """Register the policy of images and documents."""
    for model, auth_model in ((Document, "wagtaildocs.Document"), (Image, "wagtailimages.Image")):
        policy = LibraryPermissionPolicy(
            model, auth_model=auth_model, owner_field_name="uploaded_by_user"
        )
        # Exactly for this class: Wagtail registers its own for it and its subclasses.
        register_permission_policy(model, policy, exact_class=True)


def _use(content: Any, user: Any, *, is_public: bool, is_draft: bool) -> Use | None:
    # Records that no screen shows hold files too: they are no use of them.
    if AdminURLFinder().get_edit_url(content) is None:
        return None
    return Use(
        title=get_latest_str(content),
        kind=capfirst(str(getattr(content, "specific_class", type(content))._meta.verbose_name)),
        edit_url=(AdminURLFinder(user).get_edit_url(content) or "") if user else "",
        is_public=is_public,
        is_draft=is_draft,
    )


def _latest_revisions() -> QuerySet[Revision]:
    """Return what is written and not published, of every kind of content."""
    latest = Q()
    for model in apps.get_models():
        is_base = model is Page or not issubclass(model, Page)
        if is_base and issubclass(model, DraftStateMixin):
            rows = model._default_manager.filter(has_unpublished_changes=True)
            latest |= Q(pk__in=rows.values("latest_revision"))
    return Revision.objects.filter(latest)


def _scheduled_revisions() -> QuerySet[Revision]:
    return Revision.objects.filter(approved_go_live_at__isnull=False)


def _drafts_using(file: Document | Image, revisions: QuerySet[Revision]) -> Iterator[Any]:
    """Yield the contents of revisions that refer to a file."""
    target = (ContentType.objects.get_for_model(file).pk, str(file.pk))
    # Its key is somewhere in their text: few are left to be read.
    candidates = revisions.annotate(text=Cast("content", TextField())).filter(
        text__contains=str(file.pk)
    )
    for revision in candidates:
        content = revision.as_object()
        if any(
            (each.to_content_type_id, each.to_object_id) == target
            for each in extract_references(content)
        ):
            yield content
