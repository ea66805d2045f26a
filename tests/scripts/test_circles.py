"""Import circles are found at each level, in a small tree made up for it."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from scripts.circles import ROOT, Level, find_circles, find_modules, project_folders, read_imports

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "shop/__init__.py": "",
    "shop/models.py": """
        from typing import TYPE_CHECKING
        import django
        if TYPE_CHECKING:
            from shop.schemas import Schema
        else:
            from shop import prices
    """,
    "shop/schemas.py": "from shop.models import Model\nfrom . import queries\n",
    "shop/queries.py": "import shop.models\n",
    "shop/prices.py": """
        class Price:
            def pay(self):
                from shop.tasks import send
    """,
    "shop/tasks.py": "from shop.emails import *\n",
    "shop/emails/__init__.py": "from ..prices import Price\nfrom .frame import frame\n",
    "shop/emails/frame.py": "from shop.emails import nothing\n",
    "shop/migrations/0001_initial.py": "from shop.models import Model\n",
}


@pytest.fixture
def circles(tmp_path: Path) -> dict[Level, list[list[str]]]:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text))
    imports = read_imports(find_modules([tmp_path / "shop"]))
    return {level: find_circles(imports, level) for level in Level}


def test_each_level_adds_its_imports(circles: dict[Level, list[list[str]]]) -> None:
    emails = ["shop.emails", "shop.emails.frame"]
    paying = [*emails, "shop.prices", "shop.tasks"]

    assert circles[Level.TOP] == [emails]
    assert circles[Level.FUNCTION] == [paying]
    assert circles[Level.TYPING] == [paying, ["shop.models", "shop.queries", "shop.schemas"]]


def test_imports_are_read_in_all_their_forms(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    (folder / "emails").mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "models.py").touch()
    (folder / "emails" / "__init__.py").write_text(
        "import os, shop.models\nasync def send():\n    from .. import models\n"
    )

    imports = read_imports(find_modules([folder]))

    assert imports == {"shop.emails": {"shop.models": Level.TOP}}


def test_every_package_of_the_project_is_read() -> None:
    names = {folder.name for folder in project_folders(ROOT)}

    assert {"core", "pare", "resources"} <= names
