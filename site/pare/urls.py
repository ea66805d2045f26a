"""Every address of the site."""

from anymail import urls as anymail_urls
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.conf.urls.static import static
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from accounts.sign_in import SignInRedirectView
from home.views import privacy, quick_exit
from newsletter.feeds import NewsletterFeed
from pare.api import api
from pare.api_v2 import router as api_v2
from pare.sitemaps import SITEMAPS
from pare.views import robots, security_txt
from published.documents import serve_document
from published.views import serve
from resources.feeds import NewsFeed, ResourceFeed

# Passwords of pages: at addresses that pages could have too, so they come before. There is one
# screen of sign-in, that of the accounts, with its limits.
OWN = ("wagtail_serve", "wagtailcore_login")
of_restrictions = [each for each in wagtail_urls.urlpatterns if each.name not in OWN]

urlpatterns = [
    # In the place of Wagtail's own.
    path("admin/", include("accounts.urls")),
    path("admin/", include(wagtailadmin_urls)),
    # Before Wagtail's own, which knows a document by its present name alone.
    path("documents/<int:document_id>/", serve_document, name="document"),
    re_path(r"^documents/(?P<document_id>\d+)/(?P<name>.+)$", serve_document),
    path("documents/", include(wagtaildocs_urls)),
    path("api/v1/", api.urls),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", robots, name="robots"),
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("quitter/", quick_exit, name="quick-exit"),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),
]
if settings.WAGTAIL_API_V2:
    urlpatterns.append(path("api/v2/", api_v2.urls))
# What the provider of e-mail reports of bounces, where it can prove who it is: that provider's
# alone, since those of the others fail without their settings.
if settings.ANYMAIL.get("WEBHOOK_SECRET"):
    of_provider = [
        each
        for each in anymail_urls.urlpatterns
        if each.name == f"{settings.EMAIL_PROVIDER}_tracking_webhook"
    ]
    urlpatterns.append(path("retours/", include(of_provider)))
urlpatterns += i18n_patterns(
    path("flux/actualites.atom", NewsFeed(), name="news-feed"),
    path("flux/ressources.atom", ResourceFeed(), name="resource-feed"),
    path("flux/lettre.atom", NewsletterFeed(), name="newsletter-feed"),
    path("recherche/", include("search.urls")),
    path("vos-donnees/", privacy, name="privacy"),
    path("contribuer/", include("contributions.urls")),
    path("inscriptions/", include("events.urls")),
    path("reseau/", include("network.urls")),
    path("lettre/", include("newsletter.urls")),
    path("_util/login/", SignInRedirectView.as_view(), name="wagtailcore_login"),
    path("", include(of_restrictions)),
    re_path(wagtail_urls.serve_pattern, serve, name="wagtail_serve"),
    prefix_default_language=False,
)

handler400 = "pare.views.bad_request"
handler404 = "pare.views.page_not_found"
handler500 = "pare.views.server_error"
