"""Forms of contents: what came from outside is refused in others, though no chooser offers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from wagtail.admin.forms.models import WagtailAdminModelForm

from review.files import LIBRARY_MODELS, describe_refused_files, foreign_files

if TYPE_CHECKING:
    from collections.abc import Iterator


def check_files(form: WagtailAdminModelForm) -> bool:
    """Return whether a valid form may hold the files it chooses; add an error where it may not."""
    may_hold = True
    for part in _parts(form):
        for name, value in list(part.cleaned_data.items()):
            files = foreign_files(form.instance, list(_references(part, name, value)))
            if files:
                may_hold = False
                part.add_error(name, describe_refused_files(files))
    return may_hold


def _parts(form: WagtailAdminModelForm) -> Iterator[WagtailAdminModelForm]:
    yield form
    for formset in form.formsets.values():
        for part in formset.forms:
            if part not in formset.deleted_forms and part.has_changed():
                yield from _parts(part)


def _references(form: WagtailAdminModelForm, name: str, value: Any) -> Iterator[tuple[int, str]]:
    """Yield the content types and keys of what the value of a field refers to."""
    if isinstance(value, LIBRARY_MODELS):
        yield ContentType.objects.get_for_model(value).pk, str(value.pk)
        return
    try:
        field = form._meta.model._meta.get_field(name)
    except FieldDoesNotExist:
        return
    if value and hasattr(field, "extract_references"):
        for model, key, *_paths in field.extract_references(value):
            yield ContentType.objects.get_for_model(model).pk, str(key)


def patch_admin_forms() -> None:
    """Patch the forms of contents to refuse files that they may not hold."""
    is_valid_before = WagtailAdminModelForm.is_valid

    def is_valid(self: WagtailAdminModelForm) -> bool:
        parts = [part for formset in self.formsets.values() for part in formset.forms]
        for part in parts:
            part.is_part = True
        # Those of rows are checked with the form that holds them, which knows the content.
        return is_valid_before(self) and (hasattr(self, "is_part") or check_files(self))

    WagtailAdminModelForm.is_valid = is_valid
