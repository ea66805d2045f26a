from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


def admit_what_was_live(**kwargs: Any) -> None:
    """Admit what is live when items first come: what an earlier release showed stays public."""
    from django.contrib.contenttypes.models import ContentType  # noqa: PLC0415

    from core.registry import registered_models  # noqa: PLC0415
    from published.models import LedgerEntry  # noqa: PLC0415
    from published.rebuilding import admit_live, keep_former_slugs  # noqa: PLC0415

    models: list[type[Model]] = [LedgerEntry, *registered_models()]
    tables = {model._meta.db_table for model in models}
    # Migrations may be run one app after the other.
    if tables <= set(connection.introspection.table_names()) and not LedgerEntry.objects.exists():
        # Of the database as it was before these migrations.
        ContentType.objects.clear_cache()
        keep_former_slugs()
        admit_live("upgrade")


class PublishedConfig(AppConfig):
    name = "published"
    verbose_name = _("Contenus publics")

    def ready(self) -> None:
        # The models are loaded by now.
        from core.registry import register_composer, register_file_uses  # noqa: PLC0415
        from published import resolvers, signals  # noqa: F401, PLC0415
        from published.composing import PublishedComposer  # noqa: PLC0415
        from published.library import register_policies  # noqa: PLC0415
        from published.publishing import patch_wagtail_publishing  # noqa: PLC0415
        from published.queries import PublishedFileUses  # noqa: PLC0415

        register_composer(PublishedComposer())
        register_file_uses(PublishedFileUses())
        register_policies()
        post_migrate.connect(admit_what_was_live, sender=self, dispatch_uid="published.first")
        patch_wagtail_publishing()
        autodiscover_modules("resolvers")
