"""The portraits of editors, which Wagtail keeps in a model of its own and publishes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models.fields.files import ImageFieldFile
from wagtail.users.models import UserProfile

from core.compat.admin import AvatarPreferencesForm, AvatarSettingsPanel
from core.images import CleanedFile, CleanFileMixin, clean_upload


class CleanAvatarFieldFile(CleanFileMixin, ImageFieldFile):
    """A stored portrait."""


class CleanAvatarFormField(forms.ImageField):
    """The field of an editor's portrait."""

    def to_python(self, data: Any) -> CleanedFile | None:
        """Return the image cleaned."""
        file = super().to_python(data)
        return clean_upload(file, str(file.name)) if file else None


class CleanAvatarForm(AvatarPreferencesForm):
    """Wagtail's form of portraits, which reduces an image: cleaned first, it can be read."""

    avatar = CleanAvatarFormField(
        label=AvatarPreferencesForm.base_fields["avatar"].label, required=False
    )


def patch_wagtail_avatars() -> None:
    """Patch Wagtail to clean the portraits of editors: their files are public."""
    UserProfile._meta.get_field("avatar").attr_class = CleanAvatarFieldFile
    AvatarSettingsPanel.form_class = CleanAvatarForm
    AvatarSettingsPanel.template_name = "core/admin/avatar_panel.html"
