"""Names of wagtail-localize that no documentation promises."""

from wagtail_localize import models
from wagtail_localize.fields import copy_synchronised_fields
from wagtail_localize.segments.ingest import ingest_segments

__all__ = [
    "copy_synchronised_fields",
    "create_or_update_translation",
    "get_segments",
    "hash_of_string",
    "ingest_segments",
    "models",
    "sync_view_restrictions",
]

hash_of_string = models.String._get_data_hash
get_segments = models.TranslationSource._get_segments_for_translation
# Methods as they are before core.languages.localize_patch.patch_wagtail_localize.
create_or_update_translation = models.TranslationSource.create_or_update_translation
sync_view_restrictions = models.TranslationSource.sync_view_restrictions
