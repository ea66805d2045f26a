from __future__ import annotations

from itertools import islice

from django_tasks import task
from modelsearch.index import get_search_backends_with_name

from background.registry import LONG
from core.models import ContentVersion
from published.models import Item

BATCH_SIZE = 50


@task(queue_name=LONG)
def index_pages(ids: list[int]) -> None:
    """Index what was admitted of some pages again (tasks of 0.1.0 name them so)."""
    index_items.func(list(Item.objects.filter(page__in=ids).values_list("pk", flat=True)))


@task(queue_name=LONG)
def index_items(ids: list[int]) -> None:
    """Index some items again, after a change of something that they refer to.

    Running it twice is harmless. An item withdrawn meanwhile is skipped. Answers kept meanwhile
    were of the index as it was: they are asked for no more.
    """
    backends = [backend for _name, backend in get_search_backends_with_name(with_auto_update=True)]
    rows = Item.objects.filter(pk__in=ids).iterator(BATCH_SIZE)
    while some := list(islice(rows, BATCH_SIZE)):
        for backend in backends:
            backend.add_bulk(Item, some)
    ContentVersion.bump()
