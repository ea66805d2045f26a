"""The only patch of wagtail-localize: it copies many-to-many fields too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modelcluster.fields import ParentalManyToManyField

from core.compat import localize

if TYPE_CHECKING:
    from wagtail.models import TranslatableMixin


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


def patch_wagtail_localize() -> None:
    """Patch wagtail-localize to copy with :func:`copy_shared_fields`."""
    localize.models.copy_synchronised_fields = copy_shared_fields
