"""What the documentation names exists."""

import ast
import html
import pkgutil
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / "docs" / "guide").glob("*.md"),
]
# They keep the names of their day.
HISTORY = [ROOT / "CHANGELOG.md", *(ROOT / "docs" / "adr").glob("*.md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
OURS = (
    "pare",
    "scripts",
    "benchmarks",
    *sorted(path.parent.name for path in ROOT.glob("*/apps.py")),
)


def names(page: Path) -> list[str]:
    # The rest of a block of code is for a shell.
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return CODE.findall(text)


@pytest.fixture(params=[page for page in PAGES if page not in HISTORY], ids=lambda page: page.name)
def page(request):
    return request.param


@pytest.mark.parametrize("page", sorted({*PAGES, *HISTORY}), ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))

    paths = [link.partition("#")[0] for link in links if "://" not in link and link[0] != "/"]

    assert [path for path in paths if path and not (page.parent / path).exists()] == []


def test_files_that_are_named_exist(page):
    files = [name for name in names(page) if re.fullmatch(r"[\w./-]+/[\w.-]+\.\w{2,5}", name)]
    ours = [file for file in files if file.split("/")[0] in {path.name for path in ROOT.iterdir()}]

    assert [file for file in ours if not (ROOT / file).exists()] == []


def test_python_that_is_named_can_be_imported(page):
    dotted = re.compile(rf"(?:{'|'.join(OURS)})(?:\.\w+)+(?:\(\))?")
    missing = []
    for name in names(page):
        if dotted.fullmatch(name) and not re.search(r"\.(py|ics|csv|geojson|md|json)$", name):
            try:
                pkgutil.resolve_name(name.removesuffix("()"))
            except (ImportError, AttributeError):
                missing.append(name)

    assert missing == []


def test_commands_that_are_named_exist(page):
    known = get_commands().keys()
    commands = re.findall(r"manage\.py (\w+)", page.read_text(encoding="utf-8"))

    assert [command for command in commands if command not in known] == []


def test_targets_of_make_that_are_named_exist(page):
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    named = re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.M)

    assert [name for name in named if name not in targets] == []


def shown_texts() -> str:
    """Return all that the program may show: texts of its code and of its templates."""
    folders = {Path(config.path) for config in apps.get_app_configs()}
    ours = [each for each in folders if each.is_relative_to(ROOT) and ".venv" not in each.parts]
    texts = [page.read_text(encoding="utf-8") for page in (ROOT / "site").rglob("*.html")]
    for folder in ours:
        for module in folder.rglob("*.py"):
            nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
            texts += [
                n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is str
            ]
    return plain("\n".join(texts))


def plain(text: str) -> str:
    return " ".join(html.unescape(text).split())


def test_texts_of_screens_that_are_quoted_are_shown():
    text = (ROOT / "docs" / "relecture.md").read_text(encoding="utf-8")
    quoted = [
        *re.findall(r"^\| « (.+?)…? »", text, re.M),
        *re.findall(r"\*\*([A-ZÀ-Ý]\w* .+?)\*\*", text),
    ]
    shown = shown_texts()

    # What is in bold and is no text of a screen ends a sentence.
    names = [plain(each) for each in quoted if not each.endswith(".")]

    assert names
    assert [each for each in names if each not in shown] == []
