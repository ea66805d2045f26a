"""The files of documents at lasting addresses: the public is given what was admitted."""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition, require_safe
from wagtail import hooks

from core.absences import Absences
from core.compat import extract_references
from core.compat.admin import policy_registry
from core.models import Document
from published.queries import is_public_file

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from core.models import DocumentVersion
    from review.actors import Actor

SHOWN_BY_BROWSERS = {"application/pdf"}
"""The media types that open in a browser; others are downloads."""
UNREADABLE = Absences("The file %s can't be opened, and is not found: %s")
WAITING = "waiting"
"""Name of the query parameter by which the team asks for a file that nobody admitted yet."""


def admit_documents_of(content: Model, actor: Actor | None) -> None:
    """Make the present files of the documents of a content those of the public.

    Args:
        content: what becomes public, in memory.
        actor: who makes it public.
    """
    document_type = ContentType.objects.get_for_model(Document).pk
    keys = {
        each.to_object_id
        for each in extract_references(content)
        if each.to_content_type_id == document_type
    }
    admitted_by = (actor.user or actor.system) if actor else "publication"
    for document in Document.objects.filter(pk__in=keys).select_related("public_version"):
        document.admit(admitted_by)


def publicly_served_file(document: Document) -> Document | DocumentVersion | None:
    """Return the file of a document that anyone may have now, if there is one.

    Something public refers to the document; the file is the last that was admitted, and it did
    not come from outside without its review.
    """
    return document.public_file if is_public_file(document) else None


def is_in_library_of(user: Any, document: Document) -> bool:
    """Return whether a user of the team finds a document in the library."""
    rows = policy_registry.get_by_type(Document).instances_user_has_any_permission_for(
        user, {"add", "change", "delete", "choose"}
    )
    return rows.filter(pk=document.pk).exists()


@require_safe
def serve_document(request: HttpRequest, document_id: int, name: str = "") -> HttpResponseBase:
    """Return the file of a document, whatever name its address has: files are replaced.

    The name in the address is that of the present file; any other leads there.

    Raises:
        Http404: there is none for this reader, who must not learn whether it exists.
    """
    document: Document = get_object_or_404(
        Document.objects.select_related("public_version", "collection"), pk=document_id
    )
    for check in hooks.get_hooks("before_serve_document"):
        answer = check(document, request)
        if isinstance(answer, HttpResponse):
            return answer
    if WAITING in request.GET and is_in_library_of(request.user, document):
        return _send(request, document, "private, no-store")
    if name != document.filename:
        elsewhere = redirect(document.url, permanent=True)
        # A browser that kept it would go round in circles once a name is used again.
        patch_cache_control(elsewhere, no_cache=True)
        return elsewhere
    # Kept, and asked for again each time: it may be taken from the public at any moment. Who has a
    # session may have opened what is not for all.
    shared = "private" if request.COOKIES else "public"
    response = _send(request, document.public_file, f"{shared}, no-cache")
    patch_vary_headers(response, ["Cookie"])
    return response


def _send(
    request: HttpRequest, file: Document | DocumentVersion, cache_control: str
) -> HttpResponseBase:
    def etag(_request: HttpRequest) -> str | None:
        return f'"{file.file_hash}"' if file.file_hash else None

    @condition(etag_func=etag)
    def send(_request: HttpRequest) -> FileResponse:
        try:
            content = file.file.open("rb")
        except OSError as error:
            # It is in the report of missing files; what it is that fails is for the log.
            UNREADABLE.add(file.file.name, error)
            raise Http404 from error
        name = PurePath(str(file.file.name)).name
        media_type, encoding = mimetypes.guess_type(name)
        if media_type is None or encoding is not None:
            # Its bytes are sent as they are: what is compressed is a file, and no encoding of one.
            media_type = "application/octet-stream"
        response = FileResponse(
            content,
            as_attachment=media_type not in SHOWN_BY_BROWSERS,
            filename=name,
            content_type=media_type,
        )
        # Nothing in it runs, should a browser show it.
        response.headers["Content-Security-Policy"] = "default-src 'none'"
        return response

    response: HttpResponseBase = send(request)
    response.headers["Cache-Control"] = cache_control
    return response
