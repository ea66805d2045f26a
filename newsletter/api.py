"""`newsletters/` and `newsletter/subscriptions/`."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import override
from ninja import Body, Query, Router
from ninja.decorators import decorate_view
from ninja.errors import Throttled

from core.api.errors import PROBLEMS, Problem, form_problem
from core.api.reading import json_response, public_read
from core.schemas import Pagination
from core.schemas.languages import InLanguage
from core.throttling import allow_request
from core.web.links import canonical_url, request_origin
from newsletter import subscribing
from newsletter.consent import CONSENT_TEXT, CONSENT_VERSION
from newsletter.forms import SubscriptionForm
from newsletter.listings import NewsletterFilters, newsletter_listing
from newsletter.models import Consent
from newsletter.schemas import (
    NewsletterDetail,
    NewsletterList,
    SubscriptionIn,
    SubscriptionReceipt,
    SubscriptionTerms,
)
from published.reading import detail_or_404

issues = Router(tags=["newsletters"])
subscriptions = Router(tags=["newsletters"])

TRIES, TRIES_SECONDS = 20, 3600


@issues.get(
    "/",
    operation_id="listNewsletters",
    response={200: NewsletterList, **PROBLEMS},
    summary="List issues",
)
@decorate_view(public_read)
def list_newsletters(
    request: HttpRequest, filters: Query[NewsletterFilters], window: Query[Pagination]
) -> HttpResponse:
    """The issues that were sent, latest first."""
    return json_response(
        newsletter_listing(filters, window, request_origin(request), canonical_url(request))
    )


@issues.get(
    "/{int:issue_id}/",
    operation_id="getNewsletter",
    response={200: NewsletterDetail, **PROBLEMS},
    summary="Get an issue",
)
@decorate_view(public_read)
def get_newsletter(request: HttpRequest, issue_id: int) -> HttpResponse:
    """One issue, with its editorial and its sections."""
    return json_response(detail_or_404(request, issue_id, "newsletter"))


@subscriptions.get(
    "/",
    operation_id="getSubscriptionTerms",
    response={200: SubscriptionTerms, **PROBLEMS},
    summary="Get what to agree to",
)
@decorate_view(public_read)
def get_terms(request: HttpRequest, query: Query[InLanguage]) -> HttpResponse:
    """The text that a person must be shown, and agree to, before an app subscribes them."""
    terms = SubscriptionTerms(consent_text=str(CONSENT_TEXT), consent_version=CONSENT_VERSION)
    return json_response(terms)


@subscriptions.post(
    "/",
    operation_id="createSubscription",
    response={202: SubscriptionReceipt, 429: Problem, **PROBLEMS},
    summary="Ask to subscribe",
)
def post_subscription(request: HttpRequest, asked: Body[SubscriptionIn]) -> HttpResponse:
    """Ask to subscribe, under the rules of the website's form.

    The address gets a link by which to confirm (double opt-in). The answer is
    the same whether or not it was known.
    """
    if not allow_request(request, "subscription", TRIES, TRIES_SECONDS):
        raise Throttled(wait=TRIES_SECONDS)
    form = SubscriptionForm(asked.model_dump(exclude={"locale"}))
    with override(asked.locale):
        if not form.is_valid():
            return form_problem(request, form)
        subscribing.request_subscription(form.subscription_request(), Consent.Way.API)
        receipt = SubscriptionReceipt(
            detail=_(
                "Un e-mail part à cette adresse, avec la suite à donner : il arrive d'ordinaire "
                "en quelques minutes."
            )
        )
    response = json_response(receipt, status=202)
    response["Cache-Control"] = "no-store"
    return response
