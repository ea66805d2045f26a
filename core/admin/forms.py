"""Forms of the library."""

from typing import Any

from wagtail.documents.forms import BaseDocumentForm
from wagtail.images.forms import BaseImageForm

from core.images import CleanImageFormField


class DocumentForm(BaseDocumentForm):
    """A document's form, with a warning beside a file that could not be read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.accessibility_warning:
            self.fields["file"].help_text = self.instance.accessibility_warning


class ImageForm(BaseImageForm):
    """An image's form, which cleans its file and shows why it can't be kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if file := self.fields.get("file"):
            self.fields["file"] = CleanImageFormField(
                label=file.label, required=file.required, widget=file.widget
            )
