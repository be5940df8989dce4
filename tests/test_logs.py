"""What is written down: one JSON object for each line, whoever tries to write more."""

import json
import logging
from collections.abc import Callable
from typing import Any, Never
from urllib.parse import quote

import pytest
from flask import Flask, request

from blog import logs
from blog.access import public
from blog.logs import HideKeys
from tests.conftest import visitor
from tests.visitor import Visitor


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since it was asked last, each line read as JSON."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_says_what_when_how_grave_and_in_which_request(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    site = app_with()
    with site.test_request_context("/"):
        logs.begin()
        site.logger.warning("something %s", "happened")
    (line,) = lines()
    assert line["event"] == "something happened"
    assert line["level"] == "warning"
    assert line["timestamp"].endswith("Z")
    assert len(line["request_id"]) == 16


def test_each_request_has_a_name_that_its_answer_tells(client: Visitor) -> None:
    names = [client.get(address).headers["X-Request-Id"] for address in ("/", "/", "/nowhere", "/healthz")]
    assert len(set(names)) == 4
    assert all(len(name) == 16 for name in names)


def test_nobody_chooses_the_name_of_their_request(client: Visitor) -> None:
    answer = client.get("/", headers={"X-Request-Id": "forged"})
    assert "forged" not in answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "hostile", ['x\n{"event": "forged"}', "x\r\nforged", "\x1b[31m", "\u2028", "\ud800", "ü"]
)
def test_one_event_is_one_line_of_plain_letters(
    app_with: Callable[..., Flask], capsys: pytest.CaptureFixture[str], hostile: str
) -> None:
    site = app_with()
    site.logger.error("it said %s", hostile)
    try:
        raise ValueError(hostile)
    except ValueError:
        site.logger.exception("and raised")
    written = capsys.readouterr().err
    assert written.isascii()
    assert len(written.splitlines()) == 2
    first, second = (json.loads(line) for line in written.splitlines())
    assert first["event"] == f"it said {hostile}"
    assert "ValueError" in second["exception"]


def test_an_address_that_is_secret_is_not_written_down(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    site = app_with(PROPAGATE_EXCEPTIONS=False)

    @public
    def fail(key: str, name: str) -> Never:
        raise ValueError(f"{name} has no {key}")

    site.add_url_rule("/fails/<name>/<key>", view_func=fail)
    assert visitor(site).get("/fails/alice/hunter2").status_code == 500
    (line,) = lines()
    assert "no-store" in visitor(site).get("/comments/own/hunter2").headers["Cache-Control"]
    assert line["event"] == "Exception on /fails/alice/(hidden) [GET]"
    assert "ValueError: alice has no (hidden)" in line["exception"]


@pytest.mark.parametrize(
    "address",
    [
        "/preview/k3y",
        "/comments/own/k3y",
        "/comments/mail/k3y/stop",
        "/notices/mail/k3y/stop",
        "/comments/subscription/k3y",
        "/tasks/calendar/k3y?q=x",
    ],
)
def test_a_server_does_not_write_down_what_is_secret(address: str) -> None:
    record = logging.LogRecord("granian.access", logging.INFO, "", 0, '"GET %s" 200', (address,), None)
    assert HideKeys().filter(record)
    assert record.getMessage() == f'"GET {address.replace("k3y", "(hidden)")}" 200'


@pytest.mark.parametrize("hostile", ["\r\n{}", "%0d%0aforged", "\u2028"])
def test_what_a_visitor_sends_makes_no_line_of_its_own(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]], hostile: str
) -> None:
    """In an address, as a browser's name, as a username: Flask logs the address of a page that fails."""
    site = app_with(PROPAGATE_EXCEPTIONS=False, LOG_LEVEL="DEBUG")

    @public
    def fail(name: str) -> Never:
        site.logger.info("%s came with %s", request.form["username"], request.user_agent)
        raise ValueError(name)

    site.add_url_rule("/fails/<name>", view_func=fail, methods=["POST"])
    agent = {"User-Agent": hostile.encode("ascii", "ignore").decode().replace("\r\n", " ")}
    visitor(site).post(f"/fails/{quote(hostile)}", data={"username": hostile}, headers=agent)
    assert [line["level"] for line in lines()] == ["info", "error"]


@pytest.mark.parametrize(("level", "expected"), [("DEBUG", 3), ("INFO", 2), ("WARNING", 1), ("ERROR", 0)])
def test_the_setting_says_how_much_is_written(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]], level: str, expected: int
) -> None:
    site = app_with(LOG_LEVEL=level)
    for severity in (logging.DEBUG, logging.INFO, logging.WARNING):
        site.logger.log(severity, "x")
    assert len(lines()) == expected


def test_outside_of_a_request_there_is_no_name(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    app_with().logger.warning("x")
    assert "request_id" not in lines()[0]


def test_modules_of_the_site_log_in_the_same_way(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    app_with()
    logging.getLogger("blog.anything").warning("from a module")
    assert [line["event"] for line in lines()] == ["from a module"]


def test_a_good_request_writes_nothing(
    app_with: Callable[..., Flask], lines: Callable[[], list[dict[str, Any]]]
) -> None:
    client = visitor(app_with())
    for address in ("/", "/login", "/nowhere", "/static/favicon.svg"):
        client.get(address)
    assert lines() == []
