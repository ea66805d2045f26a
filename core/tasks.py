from __future__ import annotations

import tempfile
from pathlib import Path

from django_tasks import task

from background.registry import LONG
from core.files.pdf import PDFText, read_pdf
from core.models import ContentVersion, Document
from core.models.media import document_read


@task(queue_name=LONG)
def read_document(document_id: int) -> None:
    """Read a document's text and pages, then announce it to those who index what refers to it.

    Running it twice is harmless. A document deleted meanwhile is skipped.
    """
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        return
    document.get_file_size()
    if Path(document.filename).suffix.lower() != ".pdf":
        document.text_state = Document.TextState.NOT_PDF
    else:
        reading = _read(document)
        document.text_state = Document.TextState(reading.state)
        document.page_count = reading.page_count
        document.text = reading.text
        document.is_tagged = reading.is_tagged
    document.save(update_fields=["page_count", "text", "text_state", "is_tagged", "file_size"])
    document.versions.filter(file=document.file.name).update(
        page_count=document.page_count, text=document.text, text_state=document.text_state
    )
    ContentVersion.bump()
    document_read.send(Document, instance=document)


def _read(document: Document) -> PDFText:
    """Return what can be read of a file, copied first where the storage has no paths."""
    try:
        return read_pdf(Path(document.file.path))
    except NotImplementedError:
        with tempfile.NamedTemporaryFile(suffix=".pdf") as copy, document.file.open("rb") as source:
            for chunk in source.chunks():
                copy.write(chunk)
            copy.flush()
            return read_pdf(Path(copy.name))
