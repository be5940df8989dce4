"""A folder in memory, for databases that need not outlive the tests: SQLite waits for a disk at each commit."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")
ROOM = 2**30


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """On the disk, where this machine has no such memory, or little of it."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    if roomy:
        remove_leftovers()
    with tempfile.TemporaryDirectory(
        prefix=f"masthead-{os.getpid()}-", dir=MEMORY if roomy else None
    ) as folder:
        yield Path(folder)


def remove_leftovers() -> None:
    """Of runs that were killed: nobody else gives this memory back."""
    for folder in MEMORY.glob("masthead-*-*"):
        if not psutil.pid_exists(int(folder.name.split("-")[1])):
            shutil.rmtree(folder, ignore_errors=True)
