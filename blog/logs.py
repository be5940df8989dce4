"""What is written down: one JSON object for each line, with the id of the request that it belongs to."""

import logging
import re
import secrets
import sys
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request

TEXTS = ("event", "exception")
SERVERS = ("werkzeug", "gunicorn.access", "granian.access")


def init_app(app: Flask) -> None:
    configure(app.config["LOG_LEVEL"])
    app.before_request(begin)
    app.after_request(name_request)


def configure(level: str) -> None:
    steps: list[Any] = [
        add_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_keys,
    ]
    render = structlog.processors.JSONRenderer(ensure_ascii=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=render, foreign_pre_chain=steps))
    logger = logging.getLogger("blog")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    for server in SERVERS:
        log = logging.getLogger(server)
        log.filters[:] = [HideKeys()]


def add_request(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    if has_request_context():
        event["request_id"] = g.get("request_id")
    return event


SECRET_ADDRESS = re.compile(
    r"(/(?:preview|comments/(?:own|mail|subscription)|notices/mail|tasks/calendar)/)[^\s\"'/?#,)\]]+"
)


def hide_keys(logger: Any, name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Some addresses are secret, such as that of a link to set a new password; Flask names them where a page fails."""
    event |= {kind: hidden(event[kind]) for kind in TEXTS if isinstance(event.get(kind), str)}
    for part, value in (request.view_args or {} if has_request_context() else {}).items():
        if "key" in part:
            event |= {kind: event[kind].replace(value, "(hidden)") for kind in TEXTS if kind in event}
    return event


def hidden(text: str) -> str:
    """Without the keys of secret links and of letters about comments, also where no route took the address."""
    return SECRET_ADDRESS.sub(r"\1(hidden)", text)


class HideKeys(logging.Filter):
    """For the servers that write down who asked for what."""

    def filter(self, record: logging.LogRecord) -> bool:
        if (told := record.getMessage()) != (shown := hidden(told)):
            record.msg, record.args = shown, ()
        return True


def begin() -> None:
    g.request_id = secrets.token_hex(8)


def name_request(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response
