"""Look for words in our names and docstrings that have no place there: part of ``make lint``.

A function is named with a common verb and its object, a class with a noun, and a docstring starts
with what the code does. The words below are those that we once used instead.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

WORDS = re.compile(
    r"\b(?:say|says|said|saying|sayers?|tell|tells|telling|whoever|whom|mend|mends|mended|mending"
    r"|(?:go|goes|going|went) around)\b",
    re.IGNORECASE,
)

# Names that an earlier release stored in databases, kept until no database has them.
OLD_NAMES = frozenset({"tell_of_change", "tell_of_cancellation"})

Found = tuple[int, str]


def main() -> int:
    """Print each of the words with its place, and fail if there is any."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for package in packages()
        for path in sorted(package.rglob("*.py"))
        if "migrations" not in path.parts
        for line, what in in_module(path)
    ]
    print(*found, sep="\n", end="\n" if found else "")
    return int(bool(found))


def packages() -> list[Path]:
    """Return the folders of our own Python."""
    folders = [*ROOT.glob("*/__init__.py"), *ROOT.glob("site/*/__init__.py")]
    return sorted(init.parent for init in folders)


def in_module(path: Path) -> list[Found]:
    """Return the lines of a module whose names or docstrings have one of the words."""
    found = [(1, f"module {path.stem}")] if has_word(path.stem) else []
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(tree):
        found += [(line, f"name {name}") for line, name in defined_names(node) if has_word(name)]
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=False) or ""
            if WORDS.search(text):
                line = node.body[0].lineno
                words = ", ".join(match.group().lower() for match in WORDS.finditer(text))
                found.append((line, f"docstring with {words}"))
    return sorted(set(found))


def defined_names(node: ast.AST) -> Iterator[Found]:
    """Yield the names that a node defines: those that it uses may be of others."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.lineno, node.name
        case ast.arg():
            yield node.lineno, node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.lineno, node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.lineno, node.attr
        case ast.alias(asname=str(name)):
            yield node.lineno, name


def has_word(name: str) -> bool:
    """Return whether one of the words is a part of a name: ``serialize_body``, ``isSaid``."""
    if name in OLD_NAMES:
        return False
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name)
    return bool(WORDS.search(parts))


if __name__ == "__main__":
    sys.exit(main())
