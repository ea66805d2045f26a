"""Forms of the library."""

from typing import Any

from wagtail.documents.forms import BaseDocumentForm


class DocumentForm(BaseDocumentForm):
    """A document's form, which says beside the file what could not be read of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.trouble:
            self.fields["file"].help_text = self.instance.trouble
