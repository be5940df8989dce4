"""Lighthouse, as a phone: the front page and a post of the demonstration, served as the site is. Its package comes from npm."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.ground import show

PACKAGE = "lighthouse@12.8.2"
PORT = os.environ.get("PORT", "5917")
SITE = f"http://127.0.0.1:{PORT}"
POST = "/posts/what-masthead-can-set"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu"


def run() -> None:
    rows = []
    with tempfile.TemporaryDirectory(prefix="masthead-lighthouse-") as name, served(Path(name)):
        for path in ("/", POST):
            report = audited(path, Path(name))
            scores = [round(report["categories"][kind]["score"] * 100) for kind in CATEGORIES]
            rows.append((path, *scores, "; ".join(faults(report))))
    show(("page", *CATEGORIES, "what costs"), rows)


@contextmanager
def served(folder: Path) -> Iterator[None]:
    address = {"DATABASE_URL": f"sqlite:///{folder}/site.db", "MEDIA_ROOT": str(folder / "media")}
    environment = {**os.environ, **address, "PORT": PORT, "SITE_URL": SITE}
    command = [sys.executable, "-m", "blog.serving", "--demo"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait(process)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def wait(process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"{SITE}/healthz", timeout=5).close()  # noqa: S310 - our own, on this machine
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the site does not answer at {SITE}")


def audited(path: str, folder: Path) -> Mapping[str, Any]:
    """On its preset for a phone: a slow line, and a processor four times as slow."""
    npx, report = shutil.which("npx"), folder / "report.json"
    if npx is None:
        raise RuntimeError("no npx here, which gets Lighthouse: install npm")
    options = ["--quiet", f"--chrome-flags={FLAGS}", "--output=json", f"--output-path={report}"]
    chromium = shutil.which("chromium") or ""
    environment = {**os.environ, **({"CHROME_PATH": chromium} if chromium else {})}
    subprocess.run(
        [npx, "--yes", PACKAGE, f"{SITE}{path}", *options], env=environment, check=True, timeout=300
    )
    found: Mapping[str, Any] = json.loads(report.read_text())
    return found


def faults(report: Mapping[str, Any]) -> Iterator[str]:
    for kind in CATEGORIES:
        for reference in report["categories"][kind]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                yield f"{audit['id']} {audit['score']}"
