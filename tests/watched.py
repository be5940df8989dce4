"""Programs that run beside the tests and end with them, however they end."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# `read` waits for the end of a pipe that only the tests hold: it comes also when they are killed.
WATCH = 'ending=$1 folder=$2; shift 2; "$@" & read -r _; kill -s "$ending" $!; wait $!; rm -rf "$folder"'


def start(
    command: Sequence[str],
    folder: Path,
    *,
    ending: str = "TERM",
    user: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command`, which logs to `folder`/log; at the end it gets the signal `ending`, and the folder goes.

    It runs in a session of its own, so that Ctrl+C reaches the tests and not what is under them.
    """
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "sh", ending, str(folder), *command],
            user=user,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=60)
