"""What docs/api.md shows must run."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from blog.accounts.models import User
from config import ROOT
from tests import make
from tests.drill import served
from tests.program import token_of

TEXT = (ROOT / "docs/api.md").read_text()
EXAMPLES = re.findall(r"^```(sh|python)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


@pytest.fixture
def environment(
    app_with: Callable[..., Flask], admin: User, alice: User, charlie: User, tmp_path: Path
) -> Iterator[dict[str, str]]:
    """A site that listens, somebody's token, and their id."""
    make.post(alice)
    app = app_with(MEDIA_ROOT=str(tmp_path / "media"))
    token = {"TOKEN": str(token_of(admin).key), "ME": str(admin.id), "HOME": str(tmp_path)}
    with served(app) as address:
        app.config["SITE_URL"] = address
        yield {**os.environ, **token, "SITE": address}


def test_every_example_of_the_api_works(environment: dict[str, str]) -> None:
    assert len(EXAMPLES) >= 7
    for language, example in EXAMPLES:
        command = [sys.executable, "-c"] if language == "python" else ["bash", "-euc"]
        ran = subprocess.run(
            [*command, example], env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, f"{example}\n{ran.stdout}\n{ran.stderr}"
        assert ran.stdout or language == "python", example


def test_the_problem_that_is_shown_is_the_one_that_is_told(environment: dict[str, str]) -> None:
    shown = re.search(r"^```json\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    example = next(example for language, example in EXAMPLES if "colour=red" in example)
    ran = subprocess.run(["bash", "-euc", example], env=environment, capture_output=True, check=True)
    told = ran.stdout.decode().replace(environment["SITE"], "https://blog.example.org")
    assert shown
    assert json.loads(told) == json.loads(shown[1])
