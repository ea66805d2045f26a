"""Errors as problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from core.api.contract import PROBLEM_JSON, Contract
from core.api.parameters import RepeatedParameter, UnknownParameter, refuse_wrong_parameters


class FieldError(BaseModel):
    """What is wrong with one part of a request."""

    location: list[str] = Field(
        description="Where: query, path or body, then the names.", examples=[["query", "limit"]]
    )
    message: str = Field(examples=["Input should be less than or equal to 100"])
    code: str = Field(description="Stable identifier.", examples=["less_than_equal"])


class Problem(BaseModel):
    """An error, as RFC 9457 defines it (``application/problem+json``)."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    type: str = Field("about:blank", description="Identifies the kind of problem.")
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field("", description="What went wrong this time.")
    instance: str = Field(description="The path that was asked for.", examples=["/api/v1/news/"])
    errors: list[FieldError] = Field([], description="Field by field, where it is known.")


PROBLEMS: dict[int, type[Problem]] = {404: Problem, 422: Problem}
"""What any public read may answer instead."""


class ProblemAPI(NinjaAPI):
    """An API whose errors are problems, in its answers and its contract; unknown parameters too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._contracts: dict[str, Contract] = {}
        register_problem_handlers(self)
        self.add_decorator(refuse_wrong_parameters, mode="operation")

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Contract:
        """Return the contract, written once."""
        if path_prefix is None:
            path_prefix = self.get_root_path(path_params or {})
        # Writing it takes as long as many requests, and nothing changes it while a process runs.
        if path_prefix not in self._contracts:
            self._contracts[path_prefix] = Contract(self, path_prefix)
        return self._contracts[path_prefix]


def problem(
    request: HttpRequest, status: int, detail: str = "", errors: list[FieldError] | None = None
) -> HttpResponse:
    """Return a problem response; it must never be cached."""
    data = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.path,
        errors=errors or [],
    )
    response = HttpResponse(data.model_dump_json(), status=status, content_type=PROBLEM_JSON)
    response["Cache-Control"] = "no-store"
    return response


def form_problem(request: HttpRequest, form: BaseForm) -> HttpResponse:
    """Return the errors of a form as a problem response."""
    errors = [
        FieldError(location=["body", name], message=str(each.message), code=each.code or "")
        for name, found in form.errors.as_data().items()
        for each in found
    ]
    return problem(request, 422, "The request is not valid.", errors)


def register_problem_handlers(api: NinjaAPI) -> None:
    """Register the handlers that turn every error of ``api`` into a problem."""

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        errors = [_field_error(error) for error in exc.errors]
        return problem(request, 422, "The request is not valid.", errors)

    @api.exception_handler(UnknownParameter)
    def unknown(request: HttpRequest, exc: UnknownParameter) -> HttpResponse:
        known = ", ".join(exc.known)
        errors = [
            FieldError(location=["query", n], message=f"Known ones: {known}.", code="unknown")
            for n in exc.names
        ]
        return problem(request, 422, f"Unknown query parameters: {exc}.", errors)

    @api.exception_handler(RepeatedParameter)
    def repeated(request: HttpRequest, exc: RepeatedParameter) -> HttpResponse:
        errors = [
            FieldError(
                location=["query", n], message="Give it once: it takes one value.", code="repeated"
            )
            for n in exc.names
        ]
        return problem(request, 422, f"Repeated query parameters: {exc}.", errors)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, exc: Http404) -> HttpResponse:
        return problem(request, 404, "Nothing public answers to this address.")

    @api.exception_handler(PermissionDenied)
    def forbidden(request: HttpRequest, exc: PermissionDenied) -> HttpResponse:
        return problem(request, 403, str(exc))

    @api.exception_handler(AuthenticationError)
    def unauthenticated(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:
        response = problem(request, 401, "A valid bearer token is needed.")
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(Throttled)
    def throttled(request: HttpRequest, exc: Throttled) -> HttpResponse:
        response = problem(request, 429, "Too many requests; wait and try again.")
        if exc.wait:
            response["Retry-After"] = str(int(exc.wait) + 1)
        return response

    @api.exception_handler(HttpError)
    def other(request: HttpRequest, exc: HttpError) -> HttpResponse:
        return problem(request, exc.status_code, str(exc))


def _field_error(error: dict[str, Any]) -> FieldError:
    # Ninja puts the name of the Python argument after the source ("query", "pagination", "limit").
    location = [str(part) for part in error["loc"]]
    source, *names = location
    if len(names) > 1:
        del names[0]
    return FieldError(location=[source, *names], message=error["msg"], code=error["type"])
