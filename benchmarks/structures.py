"""Ten thousand structures: their import, their lists and their exports."""

from __future__ import annotations

import csv
import io
import json
import random
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from django.test import Client
from wagtail.models import Locale

from core.models import Audience, Service, StructureType, Territory, User
from network.gazetteer import geocode
from network.imports.planner import plan_import
from network.imports.reader import read_structures
from network.imports.writer import write_plan
from network.models import DirectoryPage, Structure

SHELTERS = 0.2
HEAD = (
    *("external_id", "name", "type", "services", "audiences", "description"),
    *("street", "postcode", "municipality", "insee_department", "latitude", "longitude"),
    *("confidential", "phone", "email", "website", "verified_on"),
)


def make_table(count: int, street: str, seed: int = 1) -> bytes:
    """Return a table of structures all over the country, the same one for the same seed."""
    chance = random.Random(seed)
    types, services, audiences = (
        list(model.objects.values_list("slug", flat=True))
        for model in (StructureType, Service, Audience)
    )
    departments = Territory.objects.filter(kind=Territory.Kind.DEPARTMENT)
    centres = {
        department.code: geocode(_first_postcode(department.code))[0] for department in departments
    }
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(HEAD)
    for number in range(count):
        code, centre = chance.choice(list(centres.items()))
        writer.writerow(
            [
                f"B{number:05}",
                f"Structure Exemple {number}",
                chance.choice(types),
                "|".join(chance.sample(services, 3)),
                "|".join(chance.sample(audiences, 2)),
                "Accueil, écoute et accompagnement des mineurs et de leurs proches. " * 3,
                f"{number} {street}",
                "",
                "Ailleurs",
                code,
                f"{centre.latitude + chance.uniform(-0.3, 0.3):.5f}",
                f"{centre.longitude + chance.uniform(-0.3, 0.3):.5f}",
                "oui" if chance.random() < SHELTERS else "non",
                "01 23 45 67 89",
                f"s{number}@example.org",
                "https://example.org/",
                "2026-01-01",
            ]
        )
    return output.getvalue().encode()


def _first_postcode(department: str) -> str:
    corsica = {"2A": "20000", "2B": "20200"}
    return corsica.get(department) or f"{department:0<5}"


def timed(call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """Return how many seconds a call took, and what it returned."""
    start = time.perf_counter()
    result = call(*arguments, **options)
    return time.perf_counter() - start, result


def import_them(count: int) -> dict[str, float]:
    """Import a table, the same again, then one in which every line has changed."""
    from home.models import HomePage  # noqa: PLC0415 (Django is set up by then)

    HomePage.objects.get().add_child(instance=DirectoryPage(title="Réseau", slug="reseau"))
    locale = Locale.get_default()
    importer = User.objects.create_superuser("importer", "importer@example.org")
    figures = {}
    for name, street in (("new", "rue A"), ("same", "rue A"), ("changed", "rue B")):
        table = make_table(count, street)
        figures[f"{name}: preview"], planned = timed(plan_import, read_structures(table), locale)
        if planned.has_errors:
            raise RuntimeError(next(row.errors for row in planned.rows if row.errors))
        figures[f"{name}: write"], _counts = timed(write_plan, planned, importer, is_published=True)
    return figures


def stream(path: str) -> dict[str, float]:
    """Read an export part by part, as a server sends it: its seconds, bytes, and greatest memory.

    Memory is that of the whole process: that it is the same for a tenth of the
    rows shows that they are not all held at once.
    """
    client = Client(headers={"host": "localhost"})
    client.get("/api/v1/structures/?limit=1")
    wall, busy = time.perf_counter(), time.process_time()
    response: Any = client.get(path)
    size = sum(len(part) for part in response.streaming_content)
    return {
        "seconds": time.perf_counter() - wall,
        "busy": time.process_time() - busy,
        "bytes": size,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def main(what: str, *arguments: str) -> None:
    """Print figures as JSON, for the process that measures."""
    if what == "import":
        figures = import_them(int(arguments[0]))
        figures["count"] = Structure.objects.count()
    else:
        figures = stream(arguments[0])
    json.dump(figures, sys.stdout)
