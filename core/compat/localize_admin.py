"""Names of wagtail-localize's administration that no documentation promises."""

from wagtail_localize.machine_translators import get_machine_translator
from wagtail_localize.views.convert import convert_to_alias
from wagtail_localize.views.edit_translation import (
    apply_machine_translation,
    edit_override,
    edit_string_translation,
    machine_translate,
    upload_pofile,
)
from wagtail_localize.views.submit_translations import (
    SubmitPageTranslationView,
    SubmitSnippetTranslationView,
)
from wagtail_localize.views.update_translations import UpdateTranslationsView

__all__ = [
    "SubmitPageTranslationView",
    "SubmitSnippetTranslationView",
    "UpdateTranslationsView",
    "apply_machine_translation",
    "convert_to_alias",
    "edit_override",
    "edit_string_translation",
    "get_machine_translator",
    "machine_translate",
    "upload_pofile",
]
