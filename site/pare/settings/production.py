"""A public server. Refuses to start with settings that would be unsafe there."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import (
    MEDIA_ROOT,
    PRIVATE_ROOT,
    PUBLIC_URL,
    TASKS,
    env,
    object_storages,
    storages,
)

DEBUG = False
SECRET_KEY = env("SECRET_KEY", default="")
# Those before it: what they signed or encrypted is still read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

# Django's own threshold (security.W009).
_SECRET_KEY_MIN_LENGTH = 50


# Files in an object storage: those of everybody and those of nobody, apart.
_buckets = (env("S3_MEDIA_BUCKET", default=""), env("S3_PRIVATE_BUCKET", default=""))


def _problems() -> list[str]:
    """Return what makes this environment unsafe, one line per variable."""
    problems = []
    if env.bool("DEBUG", default=False):
        problems.append("DEBUG is on: error pages would show the code and settings to anyone.")
    if SECRET_KEY.startswith("django-insecure-"):
        problems.append("SECRET_KEY is the one of development: anyone could sign a session.")
    elif len(SECRET_KEY) < _SECRET_KEY_MIN_LENGTH:
        problems.append(
            f"SECRET_KEY is missing or shorter than {_SECRET_KEY_MIN_LENGTH} characters."
        )
    if not ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS is missing: name the hosts of the site.")
    elif any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS):
        problems.append("ALLOWED_HOSTS has a wildcard: name each host.")
    if not env("DATABASE_URL", default=""):
        problems.append("DATABASE_URL is missing.")
    if any(_buckets) and (not all(_buckets) or len(set(_buckets)) == 1):
        problems.append("S3_MEDIA_BUCKET and S3_PRIVATE_BUCKET: give both, and not the same one.")
    address = urlsplit(PUBLIC_URL)
    if address.scheme != "https" or not address.hostname:
        problems.append("PUBLIC_URL is missing or does not start with https://.")
    elif address.path or address.query:
        problems.append("PUBLIC_URL has a path: give the scheme and the host only.")
    return problems


if _found := _problems():
    raise ImproperlyConfigured("Unsafe environment:\n- " + "\n- ".join(_found))


# HTTPS

# The header by which a reverse proxy says that the visitor came over HTTPS, as "NAME,value".
# Only for a proxy that removes this header from what visitors send.
_proxy_header = env.list("SECURE_PROXY_SSL_HEADER", default=[])
SECURE_PROXY_SSL_HEADER = (_proxy_header[0], _proxy_header[1]) if _proxy_header else None
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
# Whether other hosts of the domain have TLS, and whether browsers are to know so for good, is for
# who holds the domain to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# No other host of the domain can set these (RFC 6265bis, section 4.1.3.2).
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken"
# The proxy may reach us by another name than the visitors'.
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Asked of whoever may see personal data or make public, unless it is switched off for a while.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=True)


# Files and background work

_static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = (
    object_storages(media=_buckets[0], private=_buckets[1], static=_static)
    if all(_buckets)
    else storages(media=MEDIA_ROOT, private=PRIVATE_ROOT, static=_static)
)

# Done by any number of `manage.py work`.
TASKS = {"default": {**TASKS["default"], "BACKEND": "django_tasks_db.DatabaseBackend"}}
# Sent by them too, or by any number of `manage.py send_emails`.
OUTBOX_IMMEDIATE = False
