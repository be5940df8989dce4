"""The rules that hold everywhere (ARCHITECTURE.md), looked up in the code itself."""

import ast
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ForeignKey

from blog.access import PERMISSIONS
from blog.db import Model
from config import ROOT
from tests.code import (
    BLOG,
    FEATURES,
    RANKS,
    called,
    calls,
    feature_of,
    filled,
    functions,
    imports,
    module_of,
    name_of,
    sources,
)

PLUMBING = {
    "api",
    "markup",
}  # folders that are no feature: what only a programmer names, and too much for one module

# Where plumbing needs features all the same, and why.
ABOVE_ALL = {
    "blog/__init__.py": "the table of contents",
    "blog/serving.py": "starts all of it",
    "blog/shell.py": "has everything at hand",
}


def found_in(paths: Iterable[Path], look: Callable[[Path], Iterable[Any]]) -> list[str]:
    return [f"{name_of(path)}: {found}" for path in paths for found in look(path)]


# Imports


def against_the_stream(path: Path) -> list[str]:
    own = feature_of(module_of(path))
    if name_of(path) in ABOVE_ALL:
        return []
    others = [(module, feature_of(module)) for module in imports(path, types=False)]
    return [
        module
        for module, other in others
        if other and other != own and not (own and RANKS[other] < RANKS[own])
    ]


def test_imports_run_one_way() -> None:
    assert found_in(sources(), against_the_stream) == []


def test_every_folder_is_a_known_feature() -> None:
    folders = {path.name for path in BLOG.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= {*FEATURES, *PLUMBING}


BOXES = {"utils", "util", "helpers", "services", "managers", "mixins", "core", "common", "misc"}


def test_no_module_is_a_box_for_everything() -> None:
    assert not [name_of(path) for path in sources() if path.stem in BOXES]


WEB = ("flask", "flask_wtf", "wtforms", "werkzeug", "flask_login")


def of_requests(path: Path) -> list[str]:
    return [name for name in imports(path) if name.split(".")[0] in WEB and name != "flask_login.UserMixin"]


def test_models_know_nothing_of_requests() -> None:
    """Who acts and when are arguments."""
    modules = {mapper.class_.__module__ for mapper in Model.registry.mappers}
    files = [ROOT / f"{module.replace('.', '/')}.py" for module in modules if feature_of(module)]
    assert len(files) > 5
    assert found_in(files, of_requests) == []


def other_door(path: Path) -> list[str]:
    other = {"views": "api", "api": "views"}.get(path.stem)
    found = [name for name in imports(path) if feature_of(name) and other in name.split(".")]
    return found if feature_of(module_of(path)) else []


def test_the_two_doors_do_not_lead_into_each_other() -> None:
    assert found_in(sources(), other_door) == []


CONNECTING = ("urllib.request", "http.client", "requests", "httpx", "ftplib", "socket", "smtplib")
CONNECTS = {
    "blog/fetching.py": CONNECTING,
    "blog/drawing.py": ("socket",),  # these two speak with each other, on this machine
    "blog/pictures.py": ("socket",),
    "blog/smtp.py": ("smtplib",),  # the letters of the site go to the server that the settings name
    "blog/serving.py": ("socket",),  # looks whether the port is free
}


def connections(path: Path) -> list[str]:
    wanted = [name for name in CONNECTING if name not in CONNECTS.get(name_of(path), ())]
    return [name for name in imports(path) for other in wanted if f"{name}.".startswith(f"{other}.")]


def test_connections_are_opened_in_one_place() -> None:
    assert found_in(sources(), connections) == []


# Calls


def test_only_the_transaction_commits() -> None:
    assert found_in(sources(), lambda path: called(path, "commit")) == ["blog/db.py: session.commit"]


def test_time_is_asked_of_one_clock() -> None:
    clocks = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    assert found_in(sources(), lambda path: called(path, *clocks)) == ["blog/db.py: datetime.now"]


NAMED_VALUES = ("f'PRAGMA ", "f'SET LOCAL ")  # neither takes a parameter


def built_statements(path: Path) -> list[str]:
    """Those put together from pieces of text."""
    found = []
    for name, call in calls(path):
        if name.split(".")[-1] in {"text", "execute", "exec_driver_sql", "literal_column"} and call.args:
            statement = call.args[0]
            formatted = isinstance(statement, ast.Call) and ast.unparse(statement.func).endswith(".format")
            if formatted or isinstance(statement, ast.JoinedStr | ast.BinOp):
                found.append(ast.unparse(statement))
    return [statement for statement in found if not statement.startswith(NAMED_VALUES)]


def test_no_statement_is_put_together_from_text() -> None:
    assert found_in(sources("blog", "migrations"), built_statements) == []


def test_html_is_trusted_by_no_view() -> None:
    trusting = ("Markup", "render_template_string")
    assert found_in(sources(), lambda path: called(path, *trusting)) == []


def test_errors_have_one_shape() -> None:
    """They are raised as problems and shown by blog/errors.py, as a page or as JSON."""
    assert found_in(sources(), lambda path: called(path, "abort")) == []
    assert [name_of(path) for path in sources() if "problem+json" in path.read_text()] == ["blog/errors.py"]


# Routes and tables


@pytest.fixture
def site(applications: Callable[[str], Flask]) -> Flask:
    return applications("sqlite")


def test_every_route_states_its_access(site: Flask) -> None:
    known = {"public", "signed in", *PERMISSIONS}
    stated = {name: getattr(view, "access", None) for name, view in site.view_functions.items()}
    assert not {name: access for name, access in stated.items() if access not in known}


def test_no_address_is_taken_twice(site: Flask) -> None:
    rules = [(rule.rule, (rule.methods or set()) - {"OPTIONS"}) for rule in site.url_map.iter_rules()]
    seen = [(rule, method) for rule, methods in rules for method in methods]
    assert len(seen) == len(set(seen))


def keys() -> list[ForeignKey]:
    found = [key for table in Model.metadata.tables.values() for key in table.foreign_keys]
    return sorted(found, key=lambda key: str(key.parent))


@pytest.mark.parametrize("key", keys(), ids=lambda key: str(key.parent))
def test_every_reference_says_what_a_deletion_does_and_has_an_index(key: ForeignKey) -> None:
    """Without one, each deletion reads the whole table."""
    assert key.ondelete in {"CASCADE", "SET NULL", "RESTRICT"}
    assert key.ondelete != "SET NULL" or key.parent.nullable
    parts: list[Any] = [*key.parent.table.indexes, *key.parent.table.constraints]
    first = {next(iter(part.columns)).name for part in parts if len(getattr(part, "columns", ()))}
    assert key.parent.name in first


def test_nothing_is_loaded_by_chance() -> None:
    """Every other relationship than those that a select names is refused, or is never loaded as a whole."""
    for mapper in Model.registry.mappers:
        for relationship in mapper.relationships:
            assert relationship.lazy in {"raise", "raise_on_sql", "write_only"}, str(relationship)


# Sizes


def test_no_file_is_too_long() -> None:
    """Which capability wants a module of its own?"""
    assert not [name_of(path) for path in sources("blog", "tests") if filled(path) > 300]


def test_functions_are_short() -> None:
    sizes = sorted(size for path in sources() for size, _ in functions(path))
    assert sizes[len(sizes) // 2] <= 8
    assert sizes[len(sizes) * 9 // 10] <= 25
    assert not [where for path in sources("blog", "tests") for size, where in functions(path) if size > 50]
