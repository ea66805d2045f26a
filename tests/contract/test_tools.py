"""The contract and the examples, by what none of us wrote: validators, generators, compilers.

With its namesakes in ``test_openapi.py``, which look at what these don't: names, types, answers.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from pare.api import api
from scripts import node
from tests.factories.events import TrainingPageFactory, training_date
from tests.resources.test_api import golden_resource

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

HERE = Path(__file__).resolve().parent
EXAMPLES = node.ROOT / "examples"
SECONDS = 180
MIN_BLOCKS = 11


def run(*command: str, cwd: Path, **more: str) -> str:
    """Run a program to its end; return what it wrote.

    Raises:
        AssertionError: it failed.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**node.environment(), **more},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    return done.stdout


def tool(project: Path, path: str) -> list[str]:
    """Return the command of a package of npm; skip the test where it is not installed."""
    if reason := node.missing_packages(project):
        pytest.skip(reason)
    return ["node", str(project / "node_modules" / path)]


@pytest.fixture
def contract(tmp_path: Path) -> str:
    """The path of the document, as it is served."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(api.get_openapi_schema(), default=str))
    return str(path)


def test_it_is_openapi_3_1(contract: str) -> None:
    document = json.loads(Path(contract).read_text())

    OpenAPIV31SpecValidator(document).validate()


def test_spectral_finds_nothing(contract: str) -> None:
    spectral = tool(HERE, "@stoplight/spectral-cli/dist/index.js")

    found = run(*spectral, "lint", contract, "--fail-severity=hint", cwd=HERE)

    assert "No results" in found


def test_redocly_finds_nothing(contract: str) -> None:
    redocly = tool(HERE, "@redocly/cli/bin/cli.js")
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

    found = run(*redocly, "lint", contract, "--format=json", cwd=HERE, **quiet)

    assert json.loads(found)["problems"] == []


@pytest.fixture
def site(transactional_db: None, live_server: LiveServer) -> str:
    """The address of a site with a resource of every block and an event."""
    golden_resource()
    TrainingPageFactory(title="Une journée pour se former", dates=[training_date()])
    return str(live_server.url)


def expected(site: str) -> list[str]:
    """Return what both examples find, in the API's own words."""
    found = Client().get("/api/v1/resources/").json()
    detail = Client().get(f"/api/v1/resources/{found['items'][0]['id']}/").json()
    [event] = Client().get("/api/v1/events/").json()["items"]
    kinds = [block["type"] for block in detail["body"]]
    assert len(kinds) == len(set(kinds)) >= MIN_BLOCKS, "each block once"
    return [
        f"{found['count']} resources",
        f"- {detail['title']} ({detail['resource_type']['label']}",
        f"Next: {event['title']}, {event['sessions'][0]['starts_at'][:4]}",
        f"# {detail['title']}",
        *(block["text"] for block in detail["body"] if block["type"] in {"heading", "quote"}),
    ]


def check(written: str, site: str) -> None:
    """Compare what an example wrote with what it read."""
    missing = [text for text in expected(site) if text not in written]
    assert missing == [], written


@pytest.mark.one_engine
def test_the_typescript_client_compiles_strictly_and_reads_a_site(
    contract: str, site: str, tmp_path: Path
) -> None:
    project = EXAMPLES / "typescript"
    generator = tool(project, "@hey-api/openapi-ts/bin/run.js")
    compiler = tool(project, "typescript/bin/tsc")
    copy = tmp_path / "typescript"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("node_modules", "client", "dist"))
    (copy / "node_modules").symlink_to(project / "node_modules")

    run(*generator, cwd=copy, PARE_CONTRACT=contract)
    run(*compiler, cwd=copy)
    written = run("node", "dist/src/app.js", site, cwd=copy)

    check(written, site)


@pytest.mark.one_engine
def test_the_python_client_is_typed_and_reads_a_site(
    contract: str, site: str, tmp_path: Path
) -> None:
    shutil.copy(EXAMPLES / "python" / "app.py", tmp_path)
    generate = ["generate", "--path", contract, "--meta", "none", "--output-path", "pare_client"]

    shown = run(sys.executable, "-m", "openapi_python_client", *generate, cwd=tmp_path)
    run(sys.executable, "-m", "mypy", "--strict", "--config-file=", "app.py", cwd=tmp_path)
    written = run(sys.executable, "app.py", site, cwd=tmp_path)

    assert "WARNING parsing" not in shown
    check(written, site)
