"""The site, and beside it the least that Django can do to send the same bytes."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from pare.urls import urlpatterns as site_urlpatterns


@cache
def payload() -> bytes:
    """Return what the resource list answers, asked for once."""
    response = Client(headers={"host": "localhost"}).get("/api/v1/resources/?limit=20")
    return bytes(response.content)


def trivial(request: HttpRequest) -> HttpResponse:
    """Send the bytes of the resource list, without looking for them."""
    return HttpResponse(payload(), content_type="application/json")


urlpatterns = [path("trivial/", trivial), *site_urlpatterns]
handler404 = "pare.views.page_not_found"
handler500 = "pare.views.server_error"
