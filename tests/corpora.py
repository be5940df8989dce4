"""The collection of real and hostile data that tests are run against."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def corpus(name: str) -> Path:
    """A folder of the collection. A missing one fails the test: skipping it would prove nothing."""
    folder = Path(os.environ.get("MASTHEAD_CORPORA") or ROOT.parent / "shared" / "corpora") / name
    assert folder.is_dir(), f"{folder} is missing: name the collection of test data by MASTHEAD_CORPORA"
    return folder
