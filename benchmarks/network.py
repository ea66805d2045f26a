"""Ten thousand structures: their import, their lists, and the exports that stream them."""

from __future__ import annotations

import json
import tempfile
from typing import Any

from benchmarks.harness import Figures, database, gunicorn, load
from benchmarks.running import django_in

COUNT = 10_000
MEBI = 1024 * 1024
PATHS = {
    "structures/?limit=20": "/api/v1/structures/?limit=20",
    "with facets": "/api/v1/structures/?limit=20&facets=true",
    "nearest to a postcode, with facets": "/api/v1/structures/?limit=20&facets=true&place=59100",
    "page of the directory, with the map": "/reseau/",
}
EXPORTS = ("geojson", "csv", "data-inclusion.json")


def run() -> list[str]:
    """Return the figures as lines of Markdown."""
    with database() as url, tempfile.TemporaryDirectory(prefix="pare-bench-") as folder:
        environment = {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "RESPONSE_CACHE_SECONDS": "0",
            "VAR_DIR": folder,
        }
        imports = _ask(environment, "import", str(COUNT))
        with gunicorn(environment) as address:
            lists = {name: load(address, path) for name, path in PATHS.items()}
        exports = {
            (name, share): _ask(environment, "stream", f"/api/v1/structures.{name}{query}")
            for name in EXPORTS
            for share, query in (("all", ""), ("a region", "?territory=R84"))
        }
    return [*_of_imports(imports), "", *_of_lists(lists), "", *_of_exports(exports)]


def _ask(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    call = f"from benchmarks.structures import main as m; m(*{arguments!r})"
    answer: dict[str, Any] = json.loads(django_in(environment, call))
    return answer


def _of_imports(figures: dict[str, Any]) -> list[str]:
    lines = [
        f"Import of a table of {COUNT} lines on PostgreSQL:",
        "",
        "| table | preview | write |",
        "|---|---:|---:|",
    ]
    for name, label in (
        ("new", "all new"),
        ("same", "the same again"),
        ("changed", "every line changed"),
    ):
        preview, write = figures[f"{name}: preview"], figures[f"{name}: write"]
        lines.append(f"| {label} | {preview:.1f} s | {write:.1f} s |")
    return lines


def _of_lists(figures: dict[str, Figures]) -> list[str]:
    lines = [
        f"{COUNT} structures, nothing cached, gunicorn with 2 workers of 4 threads, 8 clients:",
        "",
        "| answer | requests/s | median | 95th | bytes |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {f.per_second:.0f} | {f.median_ms:.0f} ms | {f.p95_ms:.0f} ms | {f.size} |"
        for name, f in figures.items()
    ]
    return lines


def _of_exports(figures: dict[tuple[str, str], dict[str, Any]]) -> list[str]:
    lines = [
        "Exports, in one process each; memory is all that the process held at most:",
        "",
        "| export | rows | time | of which computing | bytes | memory |",
        "|---|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {share} | {f['seconds']:.1f} s | {f['busy']:.1f} s"
        f" | {f['bytes'] / MEBI:.1f} MiB | {f['memory'] / MEBI:.0f} MiB |"
        for (name, share), f in figures.items()
    ]
    return lines
