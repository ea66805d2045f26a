"""`contributions/`: send a contribution, by the rules of the website's form."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from ninja import File, Form, Query, Router
from ninja.decorators import decorate_view
from ninja.errors import Throttled
from ninja.files import UploadedFile

from contributions import files, intake
from contributions.consent import CONSENT_TEXT, CONSENT_VERSION
from contributions.forms import ContributionForm
from contributions.inspection import FileRejected
from contributions.kinds import TAKES_FILES, ContributionKind
from contributions.models import Contribution, ContributionFile, ContributionState
from contributions.schemas import (
    AskedField,
    AskedKind,
    ContributionIn,
    ContributionReceipt,
    KindList,
    Received,
)
from contributions.uploads import stream_uploads
from contributions.views import SUBMISSION_RATE
from core.api.errors import PROBLEMS, FieldError, Problem, problem
from core.api.reading import json_response, public_read
from core.schemas.languages import InLanguage
from core.throttling import allow_request

router = Router(tags=["contributions"])

VOCABULARIES = {
    "structure_type": "structure_types",
    "listed_type": "structure_types",
    "resource_type": "resource_types",
    "department": "territories",
}


@router.get(
    "/kinds/",
    operation_id="getContributionKinds",
    response={200: KindList, **PROBLEMS},
    summary="Get what may be contributed",
)
@decorate_view(public_read)
def get_kinds(request: HttpRequest, query: Query[InLanguage]) -> HttpResponse:
    """Each kind with the fields that it asks for, the text of the consent, the limits of files."""
    return json_response(
        KindList(
            kinds=[_serialize_kind(kind) for kind in ContributionKind],
            consent_version=CONSENT_VERSION,
            consent_text=str(CONSENT_TEXT),
            max_files=files.MAX_FILES,
            max_total_bytes=files.MAX_TOTAL_BYTES,
        )
    )


def _serialize_kind(kind: ContributionKind) -> AskedKind:
    fields = [
        AskedField(
            name=name,
            label=str(field.label),
            help_text=str(field.help_text),
            is_required=field.required,
            max_length=getattr(field, "max_length", None),
            vocabulary=VOCABULARIES.get(name, ""),
        )
        for name, field in ContributionForm(kind).fields.items()
    ]
    return AskedKind(
        kind=kind, label=str(kind.label), fields=fields, takes_files=kind in TAKES_FILES
    )


@router.post(
    "/",
    operation_id="createContribution",
    response={
        201: ContributionReceipt,
        413: Problem,
        422: Problem,
        429: Problem,
        507: Problem,
    },
    summary="Send a contribution",
)
@decorate_view(stream_uploads)
def send_contribution(
    request: HttpRequest,
    data: Form[ContributionIn],
    files_: Annotated[
        list[UploadedFile], File(alias="files", description="Up to ten, 128 MB in all.")
    ] = [],  # noqa: B006 (Ninja reads the default, and nobody writes to it)
) -> HttpResponse:
    """Send a contribution to the team, which reviews it: nothing is public before.

    The follow-up link goes to the e-mail address. Files are `checking` until they are inspected:
    one that is refused then is announced by e-mail.
    """
    if not allow_request(request, "contribution", *SUBMISSION_RATE):
        raise Throttled(wait=SUBMISSION_RATE[1])
    if too_large := getattr(request, "too_large", []):
        rejected = [FileRejected("too_large", name) for name in too_large]
        return problem(request, 413, " ".join(map(files.rejection_message, rejected)))
    session = uuid.uuid4()
    result = files.UploadResult()
    if data.kind in TAKES_FILES:
        result = files.store_uploads(session, list(files_))
    with override(data.locale):
        form = ContributionForm(data.kind, data.data(), has_files=bool(result.stored))
        if not form.is_valid() or result.rejected:
            files.delete_files(result.stored)
            errors = _errors(form, result)
            if any(rejected.code == "no_room" for rejected in result.rejected):
                # RFC 4918, 11.5: the server can't store it, for now.
                return problem(request, 507, "The files can't be stored for now.", errors)
            return problem(request, 422, "The contribution is not valid.", errors)
        contribution = intake.submit_contribution(
            form.submission(), session, Contribution.Origin.API
        )
    receipt = ContributionReceipt(
        reference=contribution.reference,
        state=ContributionState(contribution.state),
        files=[Received.from_model(f) for f in ContributionFile.objects.filter(session=session)],
    )
    return json_response(receipt, status=201)


def _errors(form: forms.Form, result: files.UploadResult) -> list[FieldError]:
    errors: list[FieldError] = []
    data: dict[str, Any] = form.errors.get_json_data()
    for name, problems in data.items():
        location = ["body"] if name == "__all__" else ["body", name]
        errors += [
            FieldError(location=location, message=one["message"], code=one["code"] or "invalid")
            for one in problems
        ]
    errors += [
        FieldError(
            location=["body", "files"],
            message=files.rejection_message(rejected),
            code=rejected.code,
        )
        for rejected in result.rejected
    ]
    return errors
