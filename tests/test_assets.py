"""Style and scripts: at addresses that change with what they lead to, so that browsers may keep them."""

import gzip
import re

import brotli  # type: ignore[import-untyped]  # it has no types
import pytest
from flask import Flask, url_for

from blog.assets import STYLES, style, version_of
from config import ROOT
from tests.conftest import visitor
from tests.visitor import Visitor

LASTING = "max-age=31536000"


def test_all_style_is_one_sheet_in_its_order(client: Visitor) -> None:
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.text == "".join((ROOT / "static/css" / f"{name}.css").read_text() for name in STYLES)
    assert answer.text.lstrip().startswith(("@layer", "/*"))
    assert LASTING in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("version", ["0" * 12, "x", "../../config", "%00", "A" * 5000])
def test_a_sheet_of_another_version_is_not_found(client: Visitor, version: str) -> None:
    """Kept for a year under the wrong name, it would be wrong for a year."""
    assert client.get(f"/style-{version}.css").status_code == 404


def test_the_address_of_a_file_tells_its_content(app: Flask, client: Visitor) -> None:
    with app.test_request_context("/"):
        address = url_for("static", filename="favicon.svg")
    content = (ROOT / "static/favicon.svg").read_bytes()
    assert address == f"/static/favicon.svg?v={version_of(content)}"
    answer = client.get(address)
    assert answer.data == content
    assert LASTING in answer.headers["Cache-Control"]


def test_a_file_that_is_not_there_has_an_address_all_the_same(app: Flask, client: Visitor) -> None:
    with app.test_request_context("/"):
        assert url_for("static", filename="none.svg") == "/static/none.svg"
    assert client.get("/static/none.svg").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../config.py",
        "%2e%2e/config.py",
        "..%2f..%2fetc/passwd",
        "/etc/passwd",
        "css",
        "",
        "css/../../config.py",
    ],
)
def test_nothing_outside_of_its_folder_is_served(client: Visitor, path: str) -> None:
    answer = client.get(f"/static/{path}")
    assert answer.status_code in {404, 308}
    assert "SETTINGS" not in answer.text


def test_pages_and_style_are_sent_small(client: Visitor) -> None:
    plain = client.get(f"/style-{style()[1]}.css")
    small = client.get(f"/style-{style()[1]}.css", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert len(small.data) < len(plain.data) / 3
    assert "Accept-Encoding" in small.headers["Vary"]


def test_the_sheet_is_pressed_for_whoever_takes_it(client: Visitor) -> None:
    text, version = style()
    plain = client.get(f"/style-{version}.css")
    pressed = client.get(f"/style-{version}.css", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert brotli.decompress(pressed.data).decode() == plain.text == text
    assert pressed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in pressed.headers["Vary"]
    assert pressed.headers["Cache-Control"] == plain.headers["Cache-Control"]


def test_whoever_has_a_file_is_not_sent_it_again(client: Visitor) -> None:
    first = client.get("/static/favicon.svg")
    again = client.get("/static/favicon.svg", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_every_file_that_a_page_names_is_there(app: Flask, alice_client: Visitor) -> None:
    page = alice_client.get("/posts/new").text
    named = set(re.findall(r'"(/static/[^"]+|/style-[^"]+)"', page))
    assert len(named) > 3
    for address in named:
        assert visitor(app).get(address.replace("&amp;", "&")).status_code == 200, address
