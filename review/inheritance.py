"""What is made of something external is external too: copies, aliases and translations."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import transaction
from django.db.models import UniqueConstraint
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils.functional import cached_property
from wagtail.actions.copy_page import CopyPageAction
from wagtail.models import DraftStateMixin, Page, Revision
from wagtail.signals import published
from wagtail.snippets.views.snippets import CopyView

from review.files import LIBRARY_MODELS
from review.groups import PARTNERS
from review.provenance import forget, mark_external, pending_mark, release
from review.workflow import passed_review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

_source: ContextVar[Model | None] = ContextVar("review_source_of_copies", default=None)


@contextmanager
def copying(source: Model | None) -> Iterator[None]:
    """Record what is copied, until the block ends: what is made meanwhile comes from it."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def copied_source() -> Model | None:
    """Return what is being copied, if something is."""
    return _source.get()


@receiver(post_save, dispatch_uid="review.inherit_mark")
def inherit_mark(
    sender: type[Model], instance: Any, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """Mark a new page or snippet as what it was made of is marked."""
    if raw or not created or not isinstance(instance, DraftStateMixin):
        return
    source = _source.get()
    is_copy = source is not None and type(source) is type(instance) and pending_mark(source)
    # Of its source for an alias, of another language for a translation.
    if is_copy or pending_mark(instance):
        mark_external(instance)


@receiver(post_save, sender=Revision, dispatch_uid="review.mark_partners_work")
def mark_partners_work(instance: Revision, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Mark what a partner's account writes, should one ever get the right to write pages."""
    if raw or not created or instance.user_id is None:
        return
    if instance.user.groups.filter(name=PARTNERS).exists():
        mark_external(instance.content_object)


@receiver(published, dispatch_uid="review.release")
def release_published(instance: DraftStateMixin, revision: Revision, **kwargs: Any) -> None:
    """Record that what was pending is public after its review, in its aliases too."""
    # What was public may be published again meanwhile: that reviews nothing of what waits.
    if instance.live and pending_mark(instance) and passed_review(revision):
        release(instance)
        if isinstance(instance, Page):
            for alias in Page.objects.filter(alias_of=instance.pk):
                release(alias)


@receiver(post_delete, dispatch_uid="review.forget_deleted")
def forget_deleted(sender: type[Model], instance: Any, **kwargs: Any) -> None:
    """Delete the mark of what is deleted, a file of the library included."""
    if issubclass(sender, (DraftStateMixin, *LIBRARY_MODELS)):
        forget(instance)


class MarkingCopyView(CopyView):
    """« Copier », for a snippet: its form comes back here, where it is known what is copied."""

    @cached_property
    def source(self) -> Any:
        """Return what is copied.

        Raises:
            PermissionDenied: this user may not look at it.
        """
        return super().get_object()

    def get_object(self, queryset: Any = None) -> None:
        """Return nothing: what is copied is not what is written, nor in the review of the copy."""

    def get_initial_form_instance(self) -> Any:
        """Return a new object with the values of what is copied, as far as the form has them."""
        content = self.source.serializable_data()
        copied = self.get_form_class().base_fields.keys() & content.keys() - self._identifiers()
        values = {name: content[name] for name in copied}
        return self.model.from_serializable_data(
            {**values, "pk": None, "locale": self.source.locale_id, "translation_key": uuid4()}
        )

    def _identifiers(self) -> set[str]:
        """Return the fields of which no two objects may have the same value."""
        constraints = self.model._meta.constraints
        unique = (each.fields for each in constraints if isinstance(each, UniqueConstraint))
        return {name for fields in unique for name in fields}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Respond, with what is copied on record."""
        with copying(self.source):
            response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def get_add_url(self) -> str:
        return str(self.request.path)


def patch_wagtail_copies() -> None:
    """Patch Wagtail to make drafts of the copies of what waits for its review, and mark them."""
    if not hasattr(CopyPageAction._copy_page, "marks_copies"):
        CopyPageAction._copy_page = _marking(CopyPageAction._copy_page)


def _marking(copy_page: Callable[..., Page]) -> Callable[..., Page]:
    @wraps(copy_page)
    def marking(self: CopyPageAction, page: Page, *args: Any, **kwargs: Any) -> Page:
        is_pending = pending_mark(page) is not None
        keeps_live = self.keep_live
        self.keep_live = keeps_live and not is_pending
        try:
            with transaction.atomic(), copying(page.specific if is_pending else None):
                return copy_page(self, page, *args, **kwargs)
        finally:
            self.keep_live = keeps_live

    marking.marks_copies = True  # type: ignore[attr-defined]
    return marking
