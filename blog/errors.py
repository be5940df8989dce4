"""What can go wrong, told once: to a person as a page, to a program as JSON (RFC 9457)."""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

SENTENCES = {
    400: (
        "That request makes no sense",
        "Something in it was missing or malformed. Go back, load the page again and retry.",
    ),
    403: (
        "That is not yours to do",
        "You are signed in, but this needs somebody with more rights than you have here.",
    ),
    404: (
        "There is nothing at this address",
        "It may have been moved or deleted, or the address has a typing error.",
    ),
    405: ("That cannot be done here", "This address does not take that kind of request."),
    409: ("Somebody else was faster", "What you wanted to change has been changed in the meantime."),
    413: (
        "That is too much at once",
        "What you sent is larger than this site takes. Shorten it, or send it in parts.",
    ),
    429: ("Slow down a little", "That was tried too often. Wait a minute, then try again."),
    500: (
        "That was our mistake",
        "Something broke on this side. It has been written down; what was stored is as it was.",
    ),
    503: (
        "We cannot do that right now",
        "The database does not answer at the moment. Nothing was lost; try again in a few seconds.",
    ),
}


class Problem(Exception):
    """Something a person or a program did, or met, that has a plain explanation."""

    status = 500
    title = "Something went wrong"

    def __init__(self, detail: str = "", field: str | None = None) -> None:
        self.title, standard = SENTENCES.get(self.status, (self.title, ""))
        self.detail = detail or standard
        self.field = field
        super().__init__(self.detail)


class NotFound(Problem):
    status = 404


class Forbidden(Problem):
    status = 403


class Conflict(Problem):
    """The database, or another person, was there first; `field` is the form field that is to blame."""

    status = 409


class Invalid(Problem):
    status = 422
    title = "That cannot be taken"


class Unavailable(Problem):
    """The database cannot be reached, is locked for too long, or is out of room."""

    status = 503


NO_ANSWER = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
)  # what a database that is away, locked or full raises


def init_app(app: Flask) -> None:
    app.register_error_handler(Problem, show_problem)
    app.register_error_handler(HTTPException, show_http_error)
    for error in NO_ANSWER:
        app.register_error_handler(error, show_unavailable)
    app.after_request(ask_to_come_again)


def ask_to_come_again(response: Response) -> Response:
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "5")
    return response


def show_problem(problem: Problem) -> tuple[Response, int, dict[str, str]]:
    return show(problem.status, problem.title, problem.detail, {})


def show_http_error(error: HTTPException) -> Any:
    """Also the last resort: Flask logs whatever else was raised and hands it on as a 500."""
    status = error.code or 500
    if status < 400:
        return error.get_response()
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, NO_ANSWER):  # raised while an error was shown, such as a page that was not found
        return show_unavailable(cause)
    if isinstance(error, SecurityError):  # an unknown host: no address can be built for it, so no page either
        return Response("This site does not answer under that name.\n", 400, mimetype="text/plain")
    title, detail = SENTENCES.get(status, (error.name, error.description or ""))
    return show(status, title, detail, headers_of(error))


def headers_of(error: HTTPException) -> dict[str, str]:
    kept = {"Allow", "Retry-After"}
    return {name: value for name, value in error.get_headers() if name in kept}


def show_unavailable(error: Exception) -> Any:
    current_app.logger.error("the database does not answer", exc_info=error)
    return show_problem(Unavailable())


def show(
    status: int, title: str, detail: str, headers: Mapping[str, str]
) -> tuple[Response, int, dict[str, str]]:
    if request.path.startswith("/api/"):
        return problem_json(status, title, detail), status, dict(headers)
    if status >= 500:
        forget_database()
    error = {"status": status, "title": title, "detail": detail}
    context = {"request_id": g.get("request_id"), "sent": sent(status), **nobody()}
    return Response(render_template("errors/error.html", error=error, **context)), status, dict(headers)


def forget_database() -> None:
    """From here on this request asks the database nothing: it failed, and would fail again, or keep people waiting."""
    g.without_database = True
    g.pop("site", None)


def nobody() -> dict[str, Any]:
    """What keeps a page from asking who its reader is, where that can't be known."""
    return {"current_user": AnonymousUserMixin()} if g.get("without_database") else {}


SECRET = re.compile("password|^key$")
NOT_TYPED = re.compile("password|^(csrf_token|key|next|nonce|preview|remember|save|status|version)$")


def sent(status: int) -> dict[str, list[tuple[str, str]]]:
    """What came with the form that failed, so that nothing is lost with it: `texts` that somebody typed, to be copied,
    and where trying again may help, and no page would have to hold a password for that, all its `fields`.
    """
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:  # it was too large to be read, or no form at all
        fields = []
    texts = [(name, text) for name, text in fields if text.strip() and not NOT_TYPED.search(name)]
    secret = any(SECRET.search(name) for name, _ in fields)
    return {"texts": texts, "fields": fields if status == 503 and not secret else []}


def problem_json(status: int, title: str, detail: str) -> Response:
    answer = jsonify({"type": "about:blank", "title": title, "status": status, "detail": detail})
    answer.mimetype = "application/problem+json"
    return answer
