"""Load: `wrk` on a core of its own, and what it tells."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig.programs import LOAD_CORE

CONNECTIONS = 16
TOLD = """
done = function(summary, latency)
  io.write(string.format('\\n{"requests": %d, "micros": %d, "p50": %d, "p99": %d, "errors": %d, "failed": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Told:
    """Answers a second, and the times of half and of 99 in 100 of them, in milliseconds; how many were no good."""

    a_second: float
    p50: float
    p99: float
    errors: int


def load(address: str, seconds: int, headers: Mapping[str, str], connections: int = CONNECTIONS) -> Told:
    """Asks for one page as often as it is answered. Raises AssertionError where anything else than pages came."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(TOLD)
        script.flush()
        given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script.name]
        command = ["taskset", "-c", LOAD_CORE, *wrk, *given, address]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 90)
    told = json.loads(said.stdout.strip().splitlines()[-1])
    errors = told["errors"] + told["failed"]
    assert not errors, f"{address}: {errors} of {told['requests']} were no good"
    return Told(told["requests"] / told["micros"] * 1e6, told["p50"] / 1000, told["p99"] / 1000, errors)


def commit_of(path: Path) -> str:
    """The commit of a checkout, or "" of what is none."""
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=path, capture_output=True, text=True, check=False
    )
    return said.stdout.strip()
