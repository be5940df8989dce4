"""The two checkers of pages: axe for accessibility, the Nu HTML checker for HTML. Both come from npm, pinned."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

MODULES = Path(__file__).parent / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
NU = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
HOW = "`npm ci` in tests/browser gets it, as bin/test does"


def axe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it is now, one line for each element that it blames; by all its rules, or by these.

    The debugger evaluates it, which a content security policy does not bind: pages are checked as they ship.
    """
    need(AXE, f"no axe here: {HOW}")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['html']} at {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def nu(pages: Mapping[str, str], folder: Path) -> list[str]:
    """What the Nu HTML checker says of these pages (address: HTML), errors and warnings, in one run of Java."""
    need(NU, f"no Nu HTML checker here: {HOW}")
    need(
        Path(shutil.which("java") or "java"),
        "no Java here, which runs the Nu HTML checker: install a JRE, 17 or newer",
    )
    names = {}
    for number, (address, html) in enumerate(pages.items()):
        path = folder / f"{number}.html"
        path.write_text(html, encoding="utf-8")
        names[path.as_uri()] = address
    command = [
        "java",
        "-jar",
        str(NU),
        "--format",
        "json",
        "--exit-zero-always",
        *map(str, folder.glob("*.html")),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return [told(message, names) for message in json.loads(run.stderr)["messages"]]


def told(message: Mapping[str, str], names: Mapping[str, str]) -> str:
    kind = message.get("subType", message["type"])
    where = names.get(message.get("url", "").replace("file:/", "file:///", 1), message.get("url"))
    return f"{where}:{message.get('lastLine')}: {kind}: {message['message']} {message.get('extract', '')!r}"


def need(path: Path, otherwise: str) -> None:
    if not path.exists():
        pytest.skip(otherwise)
