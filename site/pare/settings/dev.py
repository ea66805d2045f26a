"""A developer's machine: nothing to install or to set, everything visible.

Reads ``.env`` at the root of the repository if there is one; variables already in the
environment win over it. The other flavours read no file: a test must not depend on one, and a
production server is given its environment by whatever starts it.
"""

from pathlib import Path

import environ

DOTENV = Path(__file__).resolve().parents[3] / ".env"
if DOTENV.is_file():
    # Before the import below, since base reads the environment as it is imported.
    environ.Env.read_env(DOTENV)

from .base import *  # noqa: E402, F403
from .base import INSTALLED_APPS, TEMPLATES, VAR_DIR, email_settings, env  # noqa: E402

DEBUG = env.bool("DEBUG", default=True)

# Django's own prefix for keys that production must refuse.
SECRET_KEY = env("SECRET_KEY", default="django-insecure-development-only-never-in-production")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# SQLite makes its file, not the folder of it.
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Before staticfiles: the development server then serves static files as production does.
INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]

TEMPLATES[0]["OPTIONS"]["context_processors"].insert(0, "django.template.context_processors.debug")

vars().update(email_settings("consolemail://"))

# What a change looks like is seen at the next reload.
RESPONSE_CACHE_SECONDS = env.int("RESPONSE_CACHE_SECONDS", default=0)
