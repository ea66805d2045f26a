"""The only patch of wagtail-localize: what it copies, and how it saves a translation.

Whatever asks for a translation to be saved (« Traduire », « Mettre à jour », the editor of
translations, a script) ends in ``TranslationSource.create_or_update_translation``. That of
wagtail-localize 1.14 writes the proposed words to the live row before any revision exists, takes a
structure offline to save its draft, and publishes once the transaction is over, in nobody's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_save
from modelcluster.fields import ParentalManyToManyField
from wagtail.coreutils import find_available_slug
from wagtail.models import DraftStateMixin, Page, PageLogEntry, RevisionMixin

from core.compat import localize
from core.languages.publishing import refuse_publication
from core.languages.trees import create_draft_parents
from core.slugs import make_slug

if TYPE_CHECKING:
    from wagtail.models import Locale, Revision, TranslatableMixin
    from wagtail_localize.models import TranslationSource

    from core.models import User


def copy_shared_fields(source: TranslatableMixin, target: TranslatableMixin) -> None:
    """Copy the fields that all languages share, many-to-many fields included.

    wagtail-localize 1.14 leaves many-to-many fields out (``get_translatable_fields``: "not
    supported yet"), and would not empty one: a translation would keep the themes that its page
    had on the day when it was first translated.
    """
    localize.copy_synchronised_fields(source, target)
    for field in source._meta.many_to_many:
        if isinstance(field, ParentalManyToManyField):
            setattr(target, field.name, getattr(source, field.name).all())


def save_translation(
    source: TranslationSource,
    locale: Locale,
    *,
    user: User | None = None,
    publish: bool = True,
    copy_parent_pages: bool = False,
    fallback: bool = False,
) -> tuple[Any, bool]:
    """Save a translation as a draft; publish it then, if asked.

    The live row of a page or structure that was translated before keeps its words: they are
    those of its last publication. What has no drafts (terms, numbers) is public once saved.

    Returns:
        The translated object, and whether it is new.

    Raises:
        CannotSaveDraftError: *publish* is false, and the model has no drafts.
        PermissionDenied: *user* may not publish it, or it waits for its review. Nothing was
            written.
        ValidationError: a text is not valid. It is marked, and the last draft stands.
    """
    original = source.as_instance()
    if not publish and not isinstance(original, DraftStateMixin):
        raise localize.models.CannotSaveDraftError
    invalid: ValidationError | None = None
    with transaction.atomic():
        target, created = _find_or_copy(source, original, locale, copy_parent_pages)
        if publish and user is not None:
            refuse_publication(user, target)
        try:
            with transaction.atomic():
                if isinstance(target, Page) and target.alias_of_id:
                    _convert_alias(target, user)
                fill_translation(source, original, target, locale, fallback=fallback)
                revision = _write(target, created, user)
                if isinstance(target, Page):
                    source.sync_view_restrictions(original, target)
                if publish and revision is not None and isinstance(target, DraftStateMixin):
                    revision.publish(user=user)
                    if isinstance(target, Page):
                        localize.sync_view_restrictions(source, original, target)
        except ValidationError as error:
            _mark_invalid_texts(source, locale, error)
            invalid = error
        else:
            localize.models.TranslationLog.objects.create(
                source=source, locale=locale, revision=revision
            )
    if invalid is not None:
        raise invalid
    return target, created


def fill_translation(
    source: TranslationSource, original: Any, target: Any, locale: Locale, *, fallback: bool = True
) -> None:
    """Fill an instance with what is shared and what is translated, without saving it."""
    copy_shared_fields(original, target)
    segments = localize.get_segments(source, locale, fallback=fallback)
    localize.ingest_segments(original, target, source.locale, locale, segments)
    if isinstance(target, Page):
        target.slug = find_available_slug(
            target.get_parent(), make_slug(target.slug), ignore_page_id=target.pk
        )


def _find_or_copy(
    source: TranslationSource, original: Any, locale: Locale, copy_parent_pages: bool
) -> tuple[Any, bool]:
    """Return the translated object, and whether it was made now, as a draft."""
    target = source.object.get_instance_or_none(locale)
    if target is not None:
        return source.get_translated_instance(locale), False
    if not isinstance(original, Page):
        return original.copy_for_translation(locale), True
    if copy_parent_pages:
        create_draft_parents(original, locale)
    return original.copy_for_translation(locale), True


def _convert_alias(page: Page, user: User | None) -> None:
    """Turn an alias into a page of its own, with what it shows as its first revision."""
    page.alias_of = None
    page.save(update_fields=["alias_of"], clean=False)
    revision = page.save_revision(user=user, changed=False, clean=False)
    if page.live:
        page.live_revision = revision
        page.save(update_fields=["live_revision"], clean=False)
    PageLogEntry.objects.log_action(
        instance=page,
        revision=revision,
        action="wagtail.convert_alias",
        user=user,
        data={"page": {"id": page.pk, "title": page.get_admin_display_title()}},
    )


def _write(target: Any, created: bool, user: User | None) -> Revision | None:
    """Save the words of a translation: in a revision, and in the row where none is public."""
    if created and isinstance(target, DraftStateMixin):
        # A structure is copied as it is in French, public or not.
        target.live = False
        target.has_unpublished_changes = True
    if created or not isinstance(target, DraftStateMixin):
        if not isinstance(target, Page):
            target.full_clean()
        target.save()
    if not isinstance(target, RevisionMixin):
        return None
    revision: Revision = target.save_revision(user=user)
    return revision


def _mark_invalid_texts(source: TranslationSource, locale: Locale, error: ValidationError) -> None:
    """Mark the translated texts that are not valid, for their translator to see."""
    for name, errors in getattr(error, "error_dict", {}).items():
        context = {"context__object_id": source.object_id, "context__path": name, "locale": locale}
        wrong = [
            *localize.models.StringTranslation.objects.filter(
                **context, translation_of__in=source.stringsegment_set.values("string")
            ),
            *localize.models.SegmentOverride.objects.filter(**context),
        ]
        for each in wrong:
            each.set_field_error(errors)


def restrict_translation(source: TranslationSource, original: Any, page: Any) -> None:
    """Restrict a translation as its page is; lift nothing, which is for who may publish."""
    if original.view_restrictions.exists():
        localize.sync_view_restrictions(source, original, page)


def update_draft_title(instance: Any, **kwargs: Any) -> None:
    """Show the translated title in lists of the administration, cut to what its column takes.

    A title that is too long is kept as it was typed, and marked when the page is saved; PostgreSQL
    would refuse it here, and lose it.
    """
    if instance.context.path == "title":
        field: Any = Page._meta.get_field("draft_title")
        Page.objects.filter(
            translation_key=instance.context.object_id, locale_id=instance.locale_id
        ).update(draft_title=instance.data[: field.max_length])


def patch_wagtail_localize() -> None:
    """Patch wagtail-localize to copy, save and restrict with the functions of this module."""
    words = localize.models.StringTranslation
    post_save.disconnect(localize.models.post_save_string_translation, sender=words)
    post_save.connect(update_draft_title, sender=words, dispatch_uid="core.update_draft_title")
    localize.models.copy_synchronised_fields = copy_shared_fields
    localize.models.TranslationSource.create_or_update_translation = save_translation
    localize.models.TranslationSource.sync_view_restrictions = restrict_translation
