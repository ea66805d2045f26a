"""The WSGI entry point: ``gunicorn --pythonpath site pare.wsgi``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pare.settings.production")

application = get_wsgi_application()
