"""The resource list against Wagtail's v2 list of the same pages, and against a trivial view."""

from __future__ import annotations

import tempfile

from benchmarks.harness import Figures, database, gunicorn, load
from benchmarks.running import django_in

COUNT = 200
PATHS = {
    "trivial view, same bytes": "/trivial/",
    "v1 resources/?limit=20": "/api/v1/resources/?limit=20",
    "v1 with facets": "/api/v1/resources/?limit=20&facets=true",
    "v2 pages/?fields=*&limit=20": ("/api/v2/pages/?type=resources.ResourcePage&fields=*&limit=20"),
    "page of the resource centre": "/ressources/",
}


def run() -> list[str]:
    """Return the figures as lines of Markdown."""
    with database() as url, tempfile.TemporaryDirectory(prefix="pare-bench-") as folder:
        environment = {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "RESPONSE_CACHE_SECONDS": "0",
            "WAGTAIL_API_V2": "true",
            "VAR_DIR": folder,
        }
        django_in(environment, f"from benchmarks.content import make_resources as m; m({COUNT})")
        with gunicorn(environment) as address:
            uncached = {name: _measure(address, path) for name, path in PATHS.items()}
        with gunicorn(environment | {"RESPONSE_CACHE_SECONDS": "300"}) as address:
            cached = _measure(address, PATHS["v1 resources/?limit=20"])
    return _table(uncached | {"v1 resources/?limit=20, from the cache": cached})


def _measure(address: str, path: str) -> Figures:
    return load(address, path)


def _table(figures: dict[str, Figures]) -> list[str]:
    v2 = figures["v2 pages/?fields=*&limit=20"].per_second
    lines = [
        f"{COUNT} resources on PostgreSQL, gunicorn with 2 workers of 4 threads, 8 clients:",
        "",
        "| answer | requests/s | median | 95th | bytes | × v2 |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, f in figures.items():
        lines.append(
            f"| {name} | {f.per_second:.0f} | {f.median_ms:.1f} ms | {f.p95_ms:.1f} ms"
            f" | {f.size} | {f.per_second / v2:.1f} |"
        )
    return lines
