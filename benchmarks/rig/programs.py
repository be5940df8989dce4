"""Servers that are measured: started on one core, waited for, weighed, and ended."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from config import ROOT
from tests.browser.conftest import free_port

SERVER_CORE, LOAD_CORE = "0", "1"
NEEDED = {"taskset": "util-linux", "wrk": "wrk", "nginx": "nginx-light"}  # programs, by the Debian package
PATIENCE = 120.0  # seconds until a server answers: other people may be at work on the machine


def refuse_incomplete() -> None:
    """End with one line where a program is missing, or there is no second core for the load."""
    missing = [package for program, package in NEEDED.items() if not path_of(program)]
    if missing:
        raise SystemExit(f"What measures is not here. On Debian: apt-get install {' '.join(missing)}")
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("This needs two cores: one for the server, one for the load.")


def path_of(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass
class Program:
    """A server at a port, and the seconds from its start to its first answer."""

    process: subprocess.Popen[bytes]
    port: int
    cold_start: float

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def family(self) -> list[psutil.Process]:
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def memory(self) -> float:
        """Megabytes of all its processes, each shared page counted once (PSS)."""
        return float(sum(process.memory_full_info().pss for process in self.family())) / 1e6


@contextmanager
def running(
    command: Sequence[str], log: Path, port: int | None = None, **environment: str
) -> Iterator[Program]:
    """The program, with `{port}` in its command and PORT in its environment, from its first answer on."""
    port = port or free_port()
    pinned = [
        "taskset",
        "-c",
        SERVER_CORE,
        *(part.replace("{port}", str(port)) for part in command),
    ]
    began = time.perf_counter()
    with log.open("ab") as file:
        process = subprocess.Popen(
            pinned,
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "", **environment, "PORT": str(port)},
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/", process, log)
        yield Program(process, port, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(60)


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not answers(address):
        if time.monotonic() > until or process.poll() is not None:
            raise RuntimeError(f"no server came: {log.read_text()[-3000:]}")
        time.sleep(0.01)


def answers(address: str) -> bool:
    """Whether anything does, if only to say that there is no such page."""
    try:
        urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own server
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def page_of(address: str, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    asked = urllib.request.Request(address, headers=dict(headers))  # noqa: S310 - our own server
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        return answer.read(), dict(answer.headers.items())


def granian(target: str, threads: int = 0) -> list[str]:
    return [sys.executable, "-m", "benchmarks.rig.serve", target, str(threads)]


def gunicorn(target: str, threads: int) -> list[str]:
    kind = ["--worker-class", "gthread"] if threads > 1 else []
    given = [
        "--bind",
        "127.0.0.1:{port}",
        "--threads",
        str(threads),
        "--no-control-socket",
        "--keep-alive",
        "60",
    ]
    return [sys.executable, "-m", "gunicorn", target, *given, *kind, "--log-level", "error"]


def nginx(folder: Path, port: int) -> list[str]:
    """Serves the files of `folder` as they are: one process, nothing logged, all in the page cache of the system."""
    text = f"""
        worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log error;
        events {{ worker_connections 512; }}
        http {{
            access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=100;
            client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
            uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            default_type "text/html; charset=utf-8"; types {{}}
            server {{ listen 127.0.0.1:{port}; root {folder}/pages; add_header Content-Encoding br; }}
        }}
    """
    (folder / "nginx.conf").write_text(text)
    return [path_of("nginx") or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
