"""A drill: nginx with `deploy/nginx.conf` in front keeps what it may, nothing of anybody's, and goes on when Masthead is gone."""

import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from benchmarks.ground import databases, show
from benchmarks.rig.load import load
from benchmarks.rig.programs import granian, path_of, refuse_incomplete, running
from benchmarks.rig.sites import site_with
from config import ROOT
from tests.browser.conftest import free_port

CLIENT = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def run() -> None:
    refuse_incomplete()
    with databases() as database, tempfile.TemporaryDirectory(prefix="masthead-proxy-") as name:
        folder, port, behind = Path(name), free_port(), free_port()
        folder.chmod(0o755)
        address = database("sqlite", "proxy")
        site_with(address, 50)
        site = {
            "SITE_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": address,
            "PAGE_CACHE_MB": "32",
            "TRUSTED_PROXIES": "1",
        }
        nginx = [path_of("nginx") or "nginx", "-c", str(configured(folder, port, behind))]
        subprocess.run([*nginx, "-t"], check=True, capture_output=True)
        front = f"http://127.0.0.1:{port}"
        with running([*nginx, "-g", "daemon off;"], folder / "log", port):
            with running(granian("benchmarks.rig.applications:masthead"), folder / "log", behind, **site):
                cookie = {"Cookie": "session=somebody"}
                seen = [status_of(front, headers) for headers in ({}, {}, cookie)]
                told = load(f"{front}/", 2, {"Accept-Encoding": "br"})
            time.sleep(1.5)
            seen.append(status_of(front, {}))
    rows = list(zip(("first", "again", "with a session", "Masthead is gone"), seen, strict=True))
    show(("asked", "what nginx says of its cache"), rows)
    print(f"\n{told.a_second:,.0f} a second through nginx")
    assert seen in (
        ["MISS", kept, "BYPASS", "STALE"] for kept in ("HIT", "UPDATING")
    )  # a second may have passed


def configured(folder: Path, port: int, behind: int) -> Path:
    """The file as it ships, at other ports and with its cache elsewhere, and a header that tells of it."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    for shipped, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};\n    add_header X-Kept $upstream_cache_status;"),
        ("127.0.0.1:5000", f"127.0.0.1:{behind}"),
        ("/var/cache/nginx/masthead", f"{folder}/kept"),
        ("$host;", f"127.0.0.1:{port};"),
    ):
        assert shipped in text
        text = text.replace(shipped, here)
    paths = "".join(f"{what}_temp_path {folder}/{what};" for what in CLIENT)
    file = folder / "nginx.conf"
    file.write_text(
        f"pid {folder}/pid; error_log {folder}/errors; events {{}} http {{ access_log off; {paths} {text} }}"
    )
    return file


def status_of(front: str, headers: Mapping[str, str]) -> str:
    with urllib.request.urlopen(urllib.request.Request(front, headers=dict(headers)), timeout=30) as answer:  # noqa: S310
        return str(answer.headers["X-Kept"])
