"""What every flavour of the settings shares.

Values that depend on the machine come from the environment, and ``.env.example`` describes
each of them. This module has no secret and no default that would be unsafe in production: what
is only right on a developer's machine is in ``dev.py``.
"""

from pathlib import Path
from typing import Any

import environ
from corsheaders.defaults import default_headers
from csp.constants import NONE, SELF, UNSAFE_INLINE

ROOT_DIR = Path(__file__).resolve().parents[3]
SITE_DIR = ROOT_DIR / "site"
env = environ.Env()
# Whatever the program writes: the default database, files, collected static files.
VAR_DIR = Path(env("VAR_DIR", default=str(ROOT_DIR / "var")))


# Address of the site

# Canonical scheme and host. Empty in development: the host of the request is used then.
PUBLIC_URL = env("PUBLIC_URL", default="").rstrip("/")

ROOT_URLCONF = "pare.urls"
WSGI_APPLICATION = "pare.wsgi.application"


# Applications

INSTALLED_APPS = [
    "pare",
    "core",
    "background",  # Before django_tasks_db, whose db_worker it replaces.
    "outbox",
    "review",
    "accounts",
    "published",
    "home",
    "resources",
    "events",
    "network",
    "search",
    "contributions",
    "newsletter",
    "figures",
    "operations",
    "wagtail_localize",
    "wagtail_localize.locales",  # Takes the place of wagtail.locales.
    "wagtail.contrib.redirects",
    "wagtail.contrib.settings",
    "wagtail.contrib.table_block",
    "wagtail.contrib.frontend_cache",
    "wagtail.api.v2",
    "wagtail.embeds",
    "wagtail.sites",
    "accounts.apps.WagtailAccountsConfig",  # Takes the place of wagtail.users.
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "django_filters",  # Templates of the filters in Wagtail's listings.
    "django_tasks",
    "django_tasks_db",
    "anymail",
    # Second factors and sessions; its addresses, sign-up among them, are not mounted.
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",  # Only for Wagtail's API v2; ours is made with Ninja.
    "ninja",  # Its documentation page then uses our static files and not those of a CDN.
    "corsheaders",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    # Wagtail says with it how long ago something was; its catalogue comes with the app.
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.postgres",  # Lookups (unaccent, trigrams); it does nothing under SQLite.
]

# No GZipMiddleware: compressing pages that hold a CSRF token opens them to BREACH. Static files
# are compressed by WhiteNoise beforehand; the rest is the reverse proxy's decision.
MIDDLEWARE = [
    # Before what looks at the host and at HTTPS: programs ask from inside.
    "operations.probes.ProbesMiddleware",
    "operations.request_context.RequestContextMiddleware",
    "pare.middleware.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Both outside all that answers, from memory too; static files are not counted.
    "operations.metrics.MetricsMiddleware",
    "figures.middleware.CountingMiddleware",
    # Before any cookie is read.
    "pare.middleware.PlainCookiesMiddleware",
    # Outside all that sets one.
    "pare.middleware.PrivateCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    # Before CommonMiddleware, whose slash redirects need the language of the request.
    "pare.middleware.PathLocaleMiddleware",
    "pare.middleware.RequestMemoryMiddleware",
    "pare.middleware.EditorsBarMiddleware",
    "pare.middleware.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Right after it: who has not proved enough, or whose session has ended, is nobody.
    "accounts.middleware.ProvenUserMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "contributions.middleware.PartnersMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Both after that of messages, since they show some.
    "review.middleware.ActorMiddleware",
    "core.admin.refusals.AdminRefusalsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Both after CsrfViewMiddleware, since the second looks at whether a CSRF token was given.
    "pare.middleware.ContentSecurityPolicyMiddleware",
    "pare.middleware.ReferrerPolicyMiddleware",
    "pare.middleware.ApiMethodMiddleware",
    # Before what looks for an address in the database, and inside what sets headers.
    "pare.middleware.PlainAddressMiddleware",
    "pare.redirects.AdmittedRedirectMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "home.context_processors.site",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# An address typed without its scheme is one over HTTPS, as Django 6 will have it.
FORMS_URLFIELD_ASSUME_HTTPS = True
# The page editor posts one field per block and per attribute of it.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000


# Database


def database_from_url(name: str, default: str) -> dict[str, Any]:
    """Read a database from the environment variable *name*, tuned for its engine."""
    database: dict[str, Any] = env.db_url_config(env(name, default="") or default)
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        # Writers queue up (20 s at most) when their transaction starts, where SQLite can wait;
        # by default they would fail at their first write, where it can't. With a write-ahead
        # log, readers and the writer don't block each other.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", 20)
        options.setdefault("init_command", "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
    else:
        database.setdefault("CONN_MAX_AGE", 60)
        database["CONN_HEALTH_CHECKS"] = True
        if DATABASE_IS_POOLED:
            # A cursor of the server belongs to a connection, and so would an option.
            database["DISABLE_SERVER_SIDE_CURSORS"] = True
        else:
            # A list joins its rows with many small tables. PostgreSQL would try every order of up
            # to eight of them, at ten times the cost of running the query, to find that of the
            # query.
            options.setdefault("options", "-c join_collapse_limit=4")
    return database


# Whether DATABASE_URL leads to a pooler (PgBouncer) that gives a connection for a transaction.
DATABASE_IS_POOLED = env.bool("DATABASE_IS_POOLED", default=False)
DATABASES = {"default": database_from_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
# A streaming replica, from which this process builds what anyone may read.
if env("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = database_from_url("DATABASE_REPLICA_URL", "")
    DATABASE_ROUTERS = ["core.replicas.ReplicaRouter"]


# Cache, and how long a shared cache may keep an anonymous response

REDIS_URL = env("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "core.cache_backends.AbsentRedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    ),
    # Wagtail's: a rendition that another process has deleted would still be found there.
    "renditions": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
RESPONSE_CACHE_SECONDS = env.int("RESPONSE_CACHE_SECONDS", default=300)
# How late a cache in front of the site (a CDN) may be: what is withdrawn stays there so long.
SHARED_CACHE_SECONDS = env.int("SHARED_CACHE_SECONDS", default=0)


# How often each process writes what it counted of its readers; 0: never
FIGURES_FLUSH_SECONDS = 60


# Background work: at once and in the same process, unless production says otherwise

TASKS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_tasks.backends.immediate.ImmediateBackend",
        # Tasks that take long have a queue of their own, so that no other waits for them.
        "QUEUES": ["default", "long"],
    }
}
# How long a worker is believed to be alive without a sign of it.
WORK_LEASE_SECONDS = 60


# Wagtail's own API, read-only, for tools that know no other. Ours is at /api/v1/.
WAGTAIL_API_V2 = env.bool("WAGTAIL_API_V2", default=False)


# Search

# In the database, whichever it is.
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "core.search_backends", "ATOMIC_REBUILD": True}}


# Accounts

AUTH_USER_MODEL = "core.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
]
# Whether a second factor is asked of those who may see personal data, or make public.
MFA_REQUIRED = env.bool("MFA_REQUIRED", default=False)
# A session ends when nothing was done with it for a while, and a day's work after it began.
SESSION_IDLE_SECONDS = 60 * 60
SESSION_COOKIE_AGE = 12 * 60 * 60
# The cookie goes with the browser: on a shared computer it is not found there the next day.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# Each chooses their own password, by the link of an invitation.
WAGTAILUSERS_PASSWORD_ENABLED = False
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
LOGIN_URL = "wagtailadmin_login"
WAGTAIL_FRONTEND_LOGIN_URL = "/admin/login/"

# django-allauth: its second factors and sessions alone. Limits are ours (accounts/limits.py), and
# so are the e-mails.
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Projet PARÉ"
# The clock of a phone may be half a minute off.
MFA_TOTP_TOLERANCE = 1


# Languages and time

LANGUAGE_CODE = "fr"
# French first: it has no prefix in addresses, and what has no translation is said in it. Each is
# named in itself, for those who look for theirs.
LANGUAGES = WAGTAIL_CONTENT_LANGUAGES = [
    ("fr", "Français"),
    ("en", "English"),
    ("ar", "العربية"),
]
# As they are written in French, in fields too; ISO 8601 is read as well.
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
FORMAT_MODULE_PATH = "core.formats"
# Suggests translations to editors: nothing is sent anywhere unless one is chosen here.
WAGTAILLOCALIZE_MACHINE_TRANSLATOR: dict[str, Any] | None = env.json(
    "MACHINE_TRANSLATOR", default=None
)
# A translation is a draft until somebody who may publishes it, however public its page is.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
LOCALE_PATHS = [ROOT_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True


# Files

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [SITE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Documents and the originals of images: never served by the web server, only by a view that
# asks whether this reader may have them.
PRIVATE_ROOT = VAR_DIR / "private"


# A form is read to its end where the disk is full.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "core.files.uploads.CarefulUploadHandler",
]


def storages(*, media: Path, private: Path, static: str) -> dict[str, dict[str, Any]]:
    """Return the storages: *media* is public, *private* has no address."""
    return {
        "default": {
            "BACKEND": "core.files.storage.WholeFileStorage",
            # Text and not a Path: Wagtail hands them to the task that deletes a file.
            "OPTIONS": {"location": str(media), "base_url": MEDIA_URL},
        },
        "private": {
            "BACKEND": "core.files.storage.WholeFileStorage",
            # Left unsaid, base_url would be MEDIA_URL, as if these files were public. Empty, it
            # gives paths at which nothing answers.
            "OPTIONS": {"location": str(private), "base_url": ""},
        },
        "staticfiles": {"BACKEND": static},
    }


def object_storages(*, media: str, private: str, static: str) -> dict[str, dict[str, Any]]:
    """Return the storages in two buckets: *media* is public, *private* has no address."""
    service = {
        "endpoint_url": env("S3_ENDPOINT_URL", default="") or None,
        "region_name": env("S3_REGION", default="") or None,
    }
    backend = "core.files.object_storage.ObjectStorage"
    return {
        "default": {
            "BACKEND": backend,
            "OPTIONS": {**service, "bucket_name": media, "base_url": MEDIA_URL},
        },
        "private": {"BACKEND": backend, "OPTIONS": {**service, "bucket_name": private}},
        "staticfiles": {"BACKEND": static},
    }


STORAGES = storages(
    media=MEDIA_ROOT,
    private=PRIVATE_ROOT,
    static="django.contrib.staticfiles.storage.StaticFilesStorage",
)

# The antivirus that looks into what partners send: tcp://HOST:PORT or unix:///PATH of clamd.
CLAMD_URL = env("CLAMD_URL", default="")


# E-mail


def email_settings(default: str) -> dict[str, Any]:
    """Return where e-mails go: all into the outbox, and from there to EMAIL_URL or a provider."""
    found: dict[str, Any] = env.email_url("EMAIL_URL", default=default)
    # A provider of e-mail, through django-anymail: its backend.
    backend = env("ANYMAIL_BACKEND", default="") or found["EMAIL_BACKEND"]
    return {
        **found,
        "EMAIL_BACKEND": "outbox.backends.EmailBackend",
        "OUTBOX_EMAIL_BACKEND": backend,
    }


vars().update(email_settings("smtp://localhost:25"))
# Its name, as anymail.backends.brevo.EmailBackend has it: its webhook alone is there.
EMAIL_PROVIDER = env("ANYMAIL_BACKEND", default="").removeprefix("anymail.backends.").split(".")[0]
# The settings of that backend of django-anymail.
ANYMAIL: dict[str, Any] = env.json("ANYMAIL", default={})
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Projet PARÉ <ne-pas-repondre@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# For each answer of the mail server.
EMAIL_TIMEOUT = 30
# Whether letters leave at once after the transaction that wrote them, in the same process, where
# no worker sends them: never in production.
OUTBOX_IMMEDIATE = True
# How long a worker is believed to be alive: longer than a mail server takes for one message.
OUTBOX_LEASE_SECONDS = 300
# Before the second try; each one after waits twice as long, up to an hour, for two days.
OUTBOX_RETRY_SECONDS = 60

# The newsletter
NEWSLETTER_FROM_EMAIL = env("NEWSLETTER_FROM_EMAIL", default=DEFAULT_FROM_EMAIL)
NEWSLETTER_RATE_PER_MINUTE = env.int("NEWSLETTER_RATE_PER_MINUTE", default=0)
# How long a worker is believed to be alive: longer than a mail server takes to answer.
NEWSLETTER_LEASE_SECONDS = 300
# Before the second try; each one after waits twice as long.
NEWSLETTER_RETRY_SECONDS = 120
# The mailbox in which bounces arrive: imaps://USER:PASSWORD@HOST/FOLDER.
BOUNCES_URL = env("BOUNCES_URL", default="")


# Wagtail

WAGTAIL_SITE_NAME = "Projet PARÉ"
WAGTAILADMIN_USER_LOGIN_FORM = "accounts.forms.LoginForm"
# Those of France, from west to east: of all that Python knows, browsers refuse some.
WAGTAIL_USER_TIME_ZONES = [
    "Pacific/Tahiti",
    "America/Guadeloupe",
    "America/Martinique",
    "America/Cayenne",
    "America/Miquelon",
    "Europe/Paris",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Wallis",
]
WAGTAILADMIN_BASE_URL = PUBLIC_URL or "http://localhost:8000"
WAGTAIL_I18N_ENABLED = True
# The editors' browsers call no third party: neither for releases nor for portraits.
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
# Saving resets the approvals of a workflow: it happens when an editor asks for it.
WAGTAIL_AUTOSAVE_INTERVAL = 0
# Who approves, approves what will be published: an edit takes a review back to its start.
WAGTAIL_WORKFLOW_REQUIRE_REAPPROVAL_ON_EDIT = True
WAGTAIL_FINISH_WORKFLOW_ACTION = "review.finishing.finish_review"

WAGTAILIMAGES_IMAGE_MODEL = "core.Image"
WAGTAILIMAGES_IMAGE_FORM_BASE = "core.admin.forms.ImageForm"
# Each must be known to core.files.image_cleaning, and any other is refused. No SVG: it can carry
# scripts. HEIC is what iPhones produce; it is kept as JPEG.
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "jpeg", "jpg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
# A small file may unfold into an image that fills the memory.
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 50_000_000

WAGTAILDOCS_DOCUMENT_MODEL = "core.Document"
WAGTAILDOCS_DOCUMENT_FORM_BASE = "core.admin.forms.DocumentForm"
# Always through our view and its permission check, whatever the storage.
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "epub", "odp", "ods", "odt", "pdf", "pptx", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = 50 * 1024 * 1024


# APIs

# Part of the key of cached responses: a new release never serves what an old one said.
RELEASE = env("RELEASE", default="")
API_PAGE_SIZE_MAX = 100
# What anyone may read, the pages of anyone may read. Never with a cookie.
CORS_URLS_REGEX = r"^/(api|flux)/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST"]
# What a browser on another origin may send and read besides what it always may (Fetch Standard,
# "CORS-safelisted request-header", "CORS-safelisted response-header name").
CORS_ALLOW_HEADERS = [*default_headers, "if-none-match"]
CORS_EXPOSE_HEADERS = ["Content-Disposition", "ETag", "Retry-After", "X-Request-ID"]
WAGTAILAPI_LIMIT_MAX = 100
# The header, as Django names it, in which a proxy gives the address of a visitor, to limit how
# often one address may send a form. Only if the proxy replaces what visitors send in it.
CLIENT_ADDRESS_HEADER = env("CLIENT_ADDRESS_HEADER", default="")
WAGTAILAPI_RICH_TEXT_FORMAT = "html"


# What browsers may do

# The default is the strictest; ``pare.middleware`` says why anything more is ever sent.
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

# What no page of ours asks a browser for, so that nothing in it ever can.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "ambient-light-sensor", "autoplay", "bluetooth", "browsing-topics"),
        *("camera", "clipboard-read", "display-capture", "encrypted-media", "fullscreen"),
        *("gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get"),
        *("idle-detection", "join-ad-interest-group", "local-fonts", "magnetometer", "microphone"),
        *("midi", "otp-credentials", "payment", "picture-in-picture", "run-ad-auction"),
        *("screen-wake-lock", "serial", "storage-access", "usb", "web-share"),
        *("window-management", "xr-spatial-tracking"),
    )
)

# The public site: our own files and nothing else, nowhere framed, no inline script or style.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
# Parts of the site that need more, by the start of their path; the rest stays as above.
CSP_REPLACEMENTS: dict[str, dict[str, list[str]]] = {
    # Wagtail's editor has inline scripts and styles, shows pictures before they are uploaded,
    # and frames its own previews. Nonces don't do: what it fetches into an open screen has
    # scripts too, and its widgets write theirs without a request. No handler is in an attribute,
    # which is what is slipped into a text.
    "/admin/": {
        "script-src": [SELF, UNSAFE_INLINE],
        "script-src-attr": [NONE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "frame-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "frame-ancestors": [SELF],
    },
    # Swagger UI, and the pages on which Django REST framework shows Wagtail's API.
    "/api/v1/docs": {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]},
    "/api/v2/": {"style-src": [SELF, UNSAFE_INLINE], "img-src": [SELF, "data:"]},
}
# Wagtail's user bar, which editors see on the public site.
CSP_EDITORS_BAR_REPLACEMENT: dict[str, list[str]] = {
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}
# A preview is a page of the public site inside a frame of the editor, with that bar.
CSP_PREVIEW_REPLACEMENT: dict[str, list[str]] = {
    **CSP_EDITORS_BAR_REPLACEMENT,
    "frame-ancestors": [SELF],
}


# What is found out about this server, and by whom

# To whom vulnerabilities are reported, by security.txt: e-mail addresses or https:// pages. The
# contact of the site, where there is none.
SECURITY_CONTACTS = env.list("SECURITY_CONTACTS", default=[])
# The page with the rules for who reports them.
SECURITY_POLICY_URL = env("SECURITY_POLICY_URL", default="")
# The token with which /metrics is read; without one there is nothing.
METRICS_TOKEN = env("METRICS_TOKEN", default="")
# The header, as Django names it, in which a proxy numbers requests; else they are numbered here.
REQUEST_ID_HEADER = env("REQUEST_ID_HEADER", default="")
# Who gets errors by e-mail, each once in a quarter of an hour.
ADMINS = [(address, address) for address in env.list("ADMINS", default=[])]
EMAIL_SUBJECT_PREFIX = "[PARÉ] "
SENTRY_DSN = env("SENTRY_DSN", default="")
# The folder of pg_dump and pg_restore, with which backups are made, if PATH is not where they are.
POSTGRESQL_BIN = env("POSTGRESQL_BIN", default="")


# Logs: to the console, for whatever runs the program to keep

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "operations.logs.PlainFormatter"},
        "json": {"()": "operations.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "()": "operations.logs.ConsoleHandler",
            "formatter": "json" if env("LOG_FORMAT", default="plain") == "json" else "plain",
        },
        "mail": {"()": "operations.logs.ErrorMailHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["console", "mail"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        # Django's own handlers (console in debug, e-mail to ADMINS) would repeat it all.
        "django": {"handlers": [], "propagate": True},
    },
}
