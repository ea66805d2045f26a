"""Count the import circles among the modules of the project: ``python -m scripts.circles``.

Each level adds to the one before: imports at the top of a module, then those inside functions,
then those that only type checkers see. A circle at any level makes the check fail: modules that
need each other can be neither read nor moved apart.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import defaultdict
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ROOT = Path(__file__).resolve().parents[1]


class Level(IntEnum):
    """Where an import stands."""

    TOP = 0
    FUNCTION = 1
    TYPING = 2


Imports = dict[str, dict[str, Level]]
"""For each module, the modules that it imports, each at its least level."""


def find_modules(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the files of some packages by the names of their modules, migrations left out."""
    return {
        _module_name(file, folder.parent): file
        for folder in folders
        for file in sorted(folder.rglob("*.py"))
        if "migrations" not in file.parts
    }


def _module_name(file: Path, root: Path) -> str:
    *parents, last = file.relative_to(root).with_suffix("").parts
    return ".".join(parents if last == "__init__" else [*parents, last])


def read_imports(modules: Mapping[str, Path]) -> Imports:
    """Return the imports of modules from each other, read from their text."""
    imports: Imports = defaultdict(dict)
    for name, file in modules.items():
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        for target, level in _imports_of(ast.parse(file.read_text()), package, Level.TOP):
            found = _nearest(target, modules)
            if found and found != name:
                imports[name][found] = min(level, imports[name].get(found, level))
    return imports


def _imports_of(node: ast.AST, package: str, level: Level) -> Iterator[tuple[str, Level]]:
    """Yield what a tree imports, in absolute names that may end with those of objects."""
    match node:
        case ast.Import():
            yield from ((alias.name, level) for alias in node.names)
        case ast.ImportFrom():
            parents = package.split(".")
            above = parents[: len(parents) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((f"{source}.{alias.name}", level) for alias in node.names)
        case ast.If() if "TYPE_CHECKING" in ast.dump(node.test):
            for statement in node.body:
                yield from _imports_of(statement, package, Level.TYPING)
            for statement in node.orelse:
                yield from _imports_of(statement, package, level)
        case _:
            is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            inside = max(level, Level.FUNCTION) if is_function else level
            for child in ast.iter_child_nodes(node):
                yield from _imports_of(child, package, inside)


def _nearest(name: str, modules: Mapping[str, Path]) -> str:
    """Return the module that has a name, or an empty string outside of the project."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def find_circles(imports: Imports, level: Level) -> list[list[str]]:
    """Return the groups of modules that need each other, with imports up to a level."""
    graph = {
        name: {target for target, each in targets.items() if each <= level}
        for name, targets in imports.items()
    }
    reached = {name: _reach(name, graph) for name in graph}
    circles = {
        tuple(sorted(other for other in reached[name] if name in reached.get(other, ())))
        for name in graph
        if name in reached[name]
    }
    return sorted(map(list, circles))


def _reach(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = graph.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def project_folders(root: Path) -> list[Path]:
    """Return the folders of the packages that import-linter checks too."""
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    places = [root, root / "site"]
    return [
        place / name
        for name in settings["tool"]["importlinter"]["root_packages"]
        for place in places
        if (place / name).is_dir()
    ]


def main() -> int:
    """Print the circles at each level; return 1 where there is any."""
    imports = read_imports(find_modules(project_folders(ROOT)))
    failed = False
    for level in Level:
        circles = find_circles(imports, level)
        failed |= bool(circles)
        print(f"Circles with imports up to {level.name.lower()}: {len(circles)}")
        for circle in circles:
            print(f"  {len(circle)} modules")
            for name in circle:
                inside = sorted(
                    f"{target} ({each.name.lower()})"
                    for target, each in imports[name].items()
                    if target in circle and each <= level
                )
                print(f"    {name} imports {', '.join(inside)}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
