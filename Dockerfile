# One image for the web server, the workers and the commands: `docker build -t pare .`
FROM python:3.11-slim-trixie

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    HOST=0.0.0.0 \
    DJANGO_SETTINGS_MODULE=pare.settings.production

# pg_dump and pg_restore, for backups: of version 17, as the server of compose.yaml.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app

# Before the code, so that a change of code doesn't install everything again.
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .

# Production settings want their variables even to collect static files, which uses none of them.
RUN SECRET_KEY=$(python -c "import secrets; print(secrets.token_urlsafe(50))") \
    ALLOWED_HOSTS=build.invalid PUBLIC_URL=https://build.invalid DATABASE_URL=sqlite://:memory: \
    python manage.py collectstatic --noinput \
    && useradd --system --uid 1000 pare \
    && mkdir -p var/media var/private \
    && chown pare var/media var/private

USER pare
EXPOSE 8000
VOLUME ["/app/var/media", "/app/var/private"]
CMD ["gunicorn"]
