"""Forms of the library."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from core.files.uploads import check_room, refuse_unstored
from core.images import CleanImageFormField
from core.library import may_replace_public_files


class ReplaceFileMixin:
    """A form by which a file may be replaced, by who may have the new one public."""

    instance: Any
    changed_data: list[str]

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)  # type: ignore[call-arg]
        self.user = user

    def full_clean(self) -> None:
        """Check the form, then whether there is room for a new file."""
        super().full_clean()  # type: ignore[misc]
        file = getattr(self, "cleaned_data", {}).get("file")
        if file and "file" in self.changed_data:
            try:
                refuse_unstored(file)
                check_room(self.instance.file.storage, file)
            except ValidationError as error:
                self.add_error("file", error)  # type: ignore[attr-defined]

    def save(self, commit: bool = True) -> Any:
        """Save the file. What it replaces is deleted by the model, once nothing needs it."""
        self.original_file = None
        if self.user is not None and may_replace_public_files(self.user):
            self.instance.admitted_by = self.user
        return super().save(commit=commit)  # type: ignore[misc]


class DocumentForm(ReplaceFileMixin, BaseDocumentForm):
    """A document's form, with a warning beside a file that could not be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.accessibility_warning:
            self.fields["file"].help_text = self.instance.accessibility_warning


class ImageForm(ReplaceFileMixin, BaseImageForm):
    """An image's form, which cleans its file and shows why it can't be kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if file := self.fields.get("file"):
            self.fields["file"] = CleanImageFormField(
                label=file.label, required=file.required, widget=file.widget
            )
