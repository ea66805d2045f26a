"""The public API, assembled: a table of contents."""

from django.conf import settings
from ninja.openapi.docs import Swagger

from contributions.api import router as contributions
from core.api.errors import ProblemAPI
from core.api.reading import cache_contract
from core.api.vocabularies import router as vocabularies
from events.api import calendars, events
from home.api import pages, privacy, site
from network.api import files as structure_files
from network.api import structures
from newsletter.api import issues as newsletters
from newsletter.api import subscriptions
from pare.resolving import router as resolve
from resources.api import news, resources
from search.api import router as search

TAGS = {
    "resources": "The resource centre.",
    "news": "The news.",
    "events": "Trainings and webinars, their calendars, and registering for them.",
    "structures": "The directory of support structures, and the map.",
    "pages": "Home, standard, campaign and team pages.",
    "contributions": "What partners send, which is reviewed before publication.",
    "newsletters": "The issues of the newsletter that were sent, and subscribing to it.",
    "vocabularies": "What the filters take: types, themes, audiences, services, territories.",
    "site": "What surrounds every page: menus, emergency numbers, contacts, funders.",
    "resolve": "What stands at a path of the site.",
    "search": "Everything, by words.",
}

api = ProblemAPI(
    title="API PARÉ",
    version="1.0.0",
    description=(
        "Everything that the PARÉ website shows, as typed JSON. Public reads need no key.\n\n"
        "Errors are problem details (RFC 9457). Lists take `limit` and `offset`, repeatable "
        "filters (any of the values of one filter, all filters together), and count the values of "
        "their filters with `facets=true`. Responses carry an `ETag`: ask again with "
        "`If-None-Match`."
    ),
    urls_namespace="api_v1",
    # Without the badge for which Swagger UI would ask a third party.
    docs=Swagger(settings={"validatorUrl": None}),
    docs_url="/docs/",
    docs_decorator=cache_contract,
    openapi_url="/openapi.json",
    servers=[{"url": settings.PUBLIC_URL or "/", "description": "This site"}],
    openapi_extra={
        "info": {"contact": {"name": settings.WAGTAIL_SITE_NAME}},
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
    },
)

api.add_router("/resources", resources)
api.add_router("/news", news)
api.add_router("/events", events)
api.add_router("", calendars)
api.add_router("/structures", structures)
api.add_router("", structure_files)
api.add_router("/pages", pages)
api.add_router("/contributions", contributions)
api.add_router("/newsletters", newsletters)
api.add_router("/newsletter/subscriptions", subscriptions)
api.add_router("/vocabularies", vocabularies)
api.add_router("/site", site)
api.add_router("/privacy", privacy)
api.add_router("/resolve", resolve)
api.add_router("/search", search)
