"""The code itself, to be looked through for what breaks a rule."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config import ROOT

BLOG = ROOT / "blog"

# What imports may go to: to what stands in a row above one's own, to plumbing, and to the left in one's own row.
ROWS = (
    ("accounts", "teams", "tags"),
    ("media", "posts", "projects"),
    ("notices", "comments", "tasks", "credits", "stats", "search"),
    ("feeds", "interchange", "admin"),
)
FEATURES = [name for row in ROWS for name in row]
RANKS = {name: (number, place) for number, row in enumerate(ROWS) for place, name in enumerate(row)}


def sources(*folders: str) -> list[Path]:
    """All Python files, by default those of the application."""
    found = [path for folder in folders or ("blog",) for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if "node_modules" not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path, *, types: bool = True) -> set[str]:
    """The full names of what is imported, anywhere in the file; `types` also counts what is there for types alone."""
    unwanted = set() if types else {id(node) for node in for_types(path)}
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and id(node) not in unwanted:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def for_types(path: Path) -> Iterator[ast.AST]:
    """What stands under `if TYPE_CHECKING`: types may go in circles, as tables do."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from ast.walk(node)


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """(what is called, as it is written; the call)."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def called(path: Path, *names: str) -> list[str]:
    """What is called of these names: the last part of `db.session.commit` is "commit"."""
    return [name for name, _ in calls(path) if name in names or name.split(".")[-1] in names]


def functions(path: Path) -> list[tuple[int, str]]:
    """(lines, where) of each function."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (1 + (node.end_lineno or 0) - node.lineno, f"{name_of(path)}:{node.name}")
        for node in ast.walk(tree_of(path))
        if isinstance(node, kinds)
    ]


def filled(path: Path) -> int:
    """Lines that are not empty."""
    return sum(1 for line in path.read_text().splitlines() if line.strip())


def feature_of(module: str) -> str | None:
    """The feature that a module is in; None for plumbing, and for what is not ours."""
    parts = module.split(".")
    return parts[1] if parts[0] == "blog" and len(parts) > 1 and parts[1] in FEATURES else None


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
