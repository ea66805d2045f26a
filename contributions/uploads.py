"""Receive large forms without keeping them in memory, and no more than is allowed."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from contributions.file_names import shown_name
from contributions.files import MAX_FILES, MAX_TOTAL_BYTES
from core.files.uploads import CarefulUploadHandler

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class QuotaHandler(FileUploadHandler):
    """Count files and bytes as they come in, and drop a file over the limit.

    The rest of the form is still read, so that nothing that was typed is lost.
    ``request.too_large`` has the names of what was let go of.
    """

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.left = MAX_TOTAL_BYTES
        self.files = 0
        self.too_large: list[str] = []
        request.too_large = self.too_large  # type: ignore[attr-defined]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files += 1
        if self.files > MAX_FILES:
            self._let_go()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.left -= len(raw_data)
        if self.left < 0:
            self._let_go()
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handler after this one."""

    def _let_go(self) -> None:
        self.too_large.append(shown_name(self.file_name or ""))
        raise SkipFile


def stream_uploads(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Write uploads straight to disk, for a view that reads no form before."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            request.upload_handlers = [QuotaHandler(request), CarefulUploadHandler(request)]
        return view(request, *args, **kwargs)

    return wrapper
