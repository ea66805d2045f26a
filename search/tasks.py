from __future__ import annotations

from itertools import islice

from django_tasks import task
from modelsearch.index import get_search_backends_with_name

from core.registry import page_types

BATCH_SIZE = 50


@task()
def index_pages(ids: list[int]) -> None:
    """Index some pages again, after a change of something that they refer to.

    Running it twice is harmless. A page deleted meanwhile is skipped.
    """
    backends = [backend for _name, backend in get_search_backends_with_name(with_auto_update=True)]
    for model in page_types():
        pages = model.get_indexed_objects().filter(pk__in=ids).iterator(BATCH_SIZE)
        while some := list(islice(pages, BATCH_SIZE)):
            for backend in backends:
                backend.add_bulk(model, some)
