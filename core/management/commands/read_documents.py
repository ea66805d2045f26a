"""Read the documents again of which something is not known yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.models import Document
from core.tasks import read_document


class Command(BaseCommand):
    help = "Reads the PDF files of which it is not known whether they are tagged."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read each of them, by a task."""
        unknown = Document.objects.filter(
            is_tagged=None, text_state__in=(Document.TextState.READ, Document.TextState.SCANNED)
        )
        keys = list(unknown.values_list("pk", flat=True))
        for pk in keys:
            read_document.enqueue(pk)
        self.stdout.write(f"{len(keys)} documents to read.")
