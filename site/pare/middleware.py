"""Headers of responses (security, language, referrer), and methods of the API."""

from collections.abc import Callable
from http import HTTPStatus

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.locale import LocaleMiddleware
from django.urls import reverse
from django.utils.http import escape_leading_slashes
from django.utils.translation import get_language

from core.api.errors import FieldError, problem
from core.plain_text import CODE, has_forbidden, without_forbidden
from core.terms import remembered_labels
from core.web.request_memory import request_memory
from pare.views import lost

SAFE_METHODS = {"GET", "HEAD"}


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Strict for the public site, looser where ``settings.CSP_REPLACEMENTS`` sets it.

    A view still has the last word, with the decorators of django-csp.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        """Add what this path needs to what the view asked for."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        parts.replace = {**self._replacement(request), **(parts.replace or {})}
        return parts

    @staticmethod
    def _replacement(request: HttpRequest) -> dict[str, list[str]]:
        # Wagtail makes a preview with a made-up request for the page's public path, sends it
        # through all of the middleware and returns the result, headers included, from its own
        # view: the path says nothing here.
        if getattr(request, "is_preview", False):
            return settings.CSP_PREVIEW_REPLACEMENT
        if getattr(request, "has_editors_bar", False):
            return settings.CSP_EDITORS_BAR_REPLACEMENT
        for prefix, replacement in settings.CSP_REPLACEMENTS.items():
            if request.path_info.startswith(prefix):
                return replacement
        return {}


class PermissionsPolicyMiddleware:
    """Refuse to all pages what none of ours asks a browser for: place, camera, advertising."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with the policy."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


class EditorsBarMiddleware:
    """Keep the pages that have Wagtail's user bar out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, for its reader alone if it has the bar."""
        response = self.get_response(request)
        if getattr(request, "has_editors_bar", False):
            response["Cache-Control"] = "private, no-store"
        return response


class PrivateCookiesMiddleware:
    """Keep what sets a cookie out of shared caches: they would give it to others (RFC 9111, 7.3).

    None of ours that anyone may read sets one; this holds for what will be added.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, for its reader alone if it sets a cookie."""
        response = self.get_response(request)
        if response.cookies and "public" in response.get("Cache-Control", ""):
            response["Cache-Control"] = "private, no-cache"
            del response["ETag"]
        return response


class PathLocaleMiddleware(LocaleMiddleware):
    """Set the language from the address alone.

    Django's own adds ``Vary: Accept-Language`` to all that has no language in
    its address, though nothing of ours varies by it: shared caches would keep
    a copy for each browser's preferences.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Set the language of the response."""
        response.headers.setdefault("Content-Language", get_language() or settings.LANGUAGE_CODE)
        return response


class RequestMemoryMiddleware:
    """Remember for each request the labels of the vocabularies, and what Wagtail asks for often."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with a memory that ends with the answer."""
        with remembered_labels(), request_memory():
            return self.get_response(request)


class RedirectOfAnyMethod(HttpResponsePermanentRedirect):
    """308: ask there again by the same method, with the same content (RFC 9110, 15.4.9)."""

    status_code = HTTPStatus.PERMANENT_REDIRECT


class SlashMiddleware(CommonMiddleware):
    """Django's, which leads to the address with its slash, for what is sent too.

    Browsers and programs follow its 301 by GET: what was sent was lost, and answered 200.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Lead by the same method where nothing was found."""
        is_lost = response.status_code == HTTPStatus.NOT_FOUND
        if request.method in SAFE_METHODS or not is_lost:
            return super().process_response(request, response)
        if not self.should_redirect_with_slash(request):
            return response
        path = request.get_full_path(force_append_slash=True)
        return RedirectOfAnyMethod(escape_leading_slashes(path))


class ApiMethodMiddleware:
    """Answer HEAD where GET is answered (RFC 9110, 9.3.2), and refuse a method with a problem.

    Ninja's operations know only GET, and Ninja refuses the others before its error handlers.
    Servers leave the content out by the method of the request as they received it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Turn HEAD into GET, and an answer 405 into a problem."""
        if not request.path_info.startswith(reverse("api_v1:api-root")):
            return self.get_response(request)
        if request.method == "HEAD":
            request.method = "GET"
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        refusal = problem(request, HTTPStatus.METHOD_NOT_ALLOWED)
        refusal["Allow"] = response["Allow"].replace("GET", "GET, HEAD")
        return refusal


class ReferrerPolicyMiddleware:
    """Hide from other sites where a visitor comes from, without breaking the CSRF check.

    Under ``no-referrer`` a browser sends ``Origin: null`` with a form (Fetch Standard, "append a
    request `Origin` header": a method other than GET and HEAD, a mode other than "cors"), and no
    ``Referer``. Django's CSRF check then refuses it: it compares ``Origin`` with the host, and
    over HTTPS has no ``Referer`` to fall back on. So pages that were given a CSRF token, and
    Wagtail's admin whose scripts post with the token of another page, have ``same-origin``: both
    headers go to ourselves and, as under ``no-referrer``, to nobody else. Other pages keep the
    stricter policy of ``settings.SECURE_REFERRER_POLICY``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set the header on the way out, where the view has not."""
        response = self.get_response(request)
        # Raised by get_token(), and lowered by CsrfViewMiddleware, which runs after us.
        has_token = request.META.get("CSRF_COOKIE_NEEDS_UPDATE", False)
        if has_token or request.path_info.startswith(reverse("wagtailadmin_home")):
            response.headers.setdefault("Referrer-Policy", "same-origin")
        return response


class PlainCookiesMiddleware:
    """Leave out the cookies that have control characters: none of ours has, and some are keys."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as if they had not been sent."""
        if any(map(has_forbidden, request.COOKIES.values())):
            kept = {name: each for name, each in request.COOKIES.items() if not has_forbidden(each)}
            request.COOKIES = kept
        return self.get_response(request)


class PlainAddressMiddleware:
    """Refuse the addresses that have control characters, before anything looks for them.

    Nothing of ours has one. What a form holds is refused beside its field (:mod:`core.plain_text`);
    only NUL in a form of the team, whose fields are of many kinds, is refused here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 404 for a path, and 400 for a query: on the API, a problem."""
        if has_forbidden(request.path_info):
            return lost(request, HTTPStatus.NOT_FOUND)
        # Nothing is decoded of the queries that can't have one.
        if "%" in request.META.get("QUERY_STRING", "") and (wrong := _parts_refused(request)):
            return _refuse_query(request, wrong)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., object], *_: object) -> None:
        """Refuse a form that has a NUL, of which CsrfViewMiddleware has read all by now.

        Raises:
            BadRequest: it has one.
        """
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return
        if any("\0" in value for _name, values in request.POST.lists() for value in values):
            raise BadRequest("A value has a NUL.")


def _parts_refused(request: HttpRequest) -> list[str]:
    """Return the names of the query parameters that have control characters."""
    return [
        name
        for name, values in request.GET.lists()
        if has_forbidden(name) or any(map(has_forbidden, values))
    ]


def _refuse_query(request: HttpRequest, names: list[str]) -> HttpResponse:
    if not request.path_info.startswith(reverse("api_v1:api-root")):
        return lost(request, HTTPStatus.BAD_REQUEST)
    errors = [
        FieldError(
            location=["query", without_forbidden(name)],
            message="Text may not have control characters",
            code=CODE,
        )
        for name in names
    ]
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(request, status, "The request is not valid.", errors)
