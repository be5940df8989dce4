"""The description of the API: OpenAPI 3.1, made from the routes, for programs as JSON and for people as a page."""

import http
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields
from marshmallow.schema import SchemaMeta

from blog.access import PERMISSIONS, Role
from blog.api.fields import Shown
from blog.api.idempotency import HEADER as IDEMPOTENCY_KEY
from blog.errors import PROBLEM

VERSION = "1"
SIGNED_IN = "signed in"

INTRODUCTION = """\
Everything is JSON, but for files that are sent. Sign in with an API token, made at /account/tokens or by `flask users token`, in the header
`Authorization: Bearer <token>`. A token with the scope `read` reads, one with `write` also changes what its person may
change up to the role of an editor, and one with `admin` does all that its person may do.

Whatever goes wrong is told as a problem (RFC 9457). What this document does not name, in an address
or in a body, is refused with 422.
"""

KINDS = {
    "invalid": "What was sent can be read, but not taken: `errors` tells why, by field.",
    "taken": "Something else has this name or address already; `errors` names the field.",
    "has-posts": "They wrote posts, and it is not said what becomes of these.",
    "stale": "It has changed since it was read: the `If-Match` no longer fits. Read it again, then decide.",
    "key-reused": "The `Idempotency-Key` came before, with another request. Give each request a key of its own.",
    "still-running": "The first request with this `Idempotency-Key` has not ended. Ask again in a moment.",
    "insufficient-credits": "More was to be given than there is. Nothing was written.",
    "deactivated": "One of the two is deactivated, and so gives and receives no credits.",
    "too-often": "That was tried too often; `Retry-After` tells in how many seconds to ask again.",
    "scope": "The token's scope does not reach so far; `WWW-Authenticate` names the one that does.",
}


class Problem(Shown):
    """What went wrong (RFC 9457)."""

    type = fields.String(
        required=True,
        metadata={
            "format": "uri",
            "description": "`about:blank`, or an address that says what kind of problem.",
        },
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={
            "description": "What is wrong with each field; the key is its name, or `list.2` inside a list."
        },
    )


def text(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


HEADERS = {
    "ETag": text("Changes with what is told; for `If-Match` and `If-None-Match`."),
    "Link": text("The first, previous, next and last page (RFC 8288)."),
    "Location": text("Where the new thing is.", format="uri"),
    "X-Total-Count": {
        "description": "How many there are in all.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": text("How to sign in (RFC 6750)."),
    "Retry-After": {
        "description": "In how many seconds to ask again.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "Idempotency-Replayed": text("Told when this is the answer of an earlier request.", enum=["true"]),
}
ANSWERS = {
    400: "The body is not JSON, or not as it should be: UTF-8, no name twice, no number that others would round.",
    401: "There is no token, or it is not good: ended, expired, or of somebody who is deactivated.",
    403: "The person may not do this, or the token does not reach so far.",
    404: "There is no such thing, or not for you.",
    406: "The `Accept` header leaves out JSON.",
    409: "It does not fit with what is stored: `errors` names the field, where one is to blame.",
    412: "It has changed: the `If-Match` no longer fits.",
    413: "The body is larger than this site takes.",
    415: "The body is not of the kind that is taken here, or does not say so by its `Content-Type`.",
    422: "It can be read, but not taken: `errors` tells why, by field, parameter or header.",
    429: "That was asked too often.",
    503: "The database is busy or out of reach; nothing was changed.",
}
OF_STATUS = {
    401: {"WWW-Authenticate": True},
    403: {"WWW-Authenticate": False},
    409: {"Retry-After": False},
    429: {"Retry-After": True},
    503: {"Retry-After": True},
}  # the headers of each, and whether they are never left out
PARAMETERS = {
    "If-Match": text(
        "Change it only if its ETag is one of these; else 412. Without it, it is changed as it is."
    ),
    "If-None-Match": text("Tell it only if its ETag is none of these; else 304."),
    IDEMPOTENCY_KEY: text(
        "Your own name for this request, new for each. Sent again within 24 hours, it does nothing twice and gets the "
        "first answer.",
        pattern="^[\\x21-\\x7e]+$",
        minLength=1,
        maxLength=255,
        format="idempotency-key",
    ),
}


def name_of(schema: Schema | SchemaMeta | str) -> str:
    """How a schema is called in the document: as its class, and what changes only some of its fields apart."""
    if isinstance(schema, str):
        return schema
    name = schema.__name__ if isinstance(schema, type) else type(schema).__name__
    if not getattr(schema, "partial", False):
        return name
    return f"{name}Fields" if isinstance(schema, Shown) else f"{name}Changes"


class Description(Api):
    """flask-smorest's document, with our problems, headers and parameters; it serves nothing and handles no errors.

    It is written when somebody first asks for it, which spares every start of the site a good part of its time.
    """

    ERROR_SCHEMA = Problem
    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        app.config["OPENAPI_URL_PREFIX"] = None
        self.undescribed: list[Any] = []
        schemas = MarshmallowPlugin(schema_name_resolver=name_of)
        options = {
            "info": {"description": INTRODUCTION},
            "servers": [{"url": app.config["SITE_URL"]}],
            "marshmallow_plugin": schemas,
        }
        about = {"title": "Masthead", "version": VERSION, "openapi_version": "3.1.0"}
        super().__init__(app, spec_kwargs={**about, **options})
        scheme = {"type": "http", "scheme": "bearer", "description": "An API token: `mh_` and 43 characters."}
        self.spec.components.security_scheme("token", scheme)

    def register(self, resource: Any) -> None:
        self._app.register_blueprint(resource)
        self.undescribed.append(resource)

    @cached_property
    def document(self) -> dict[str, Any]:
        """Of all routes that are registered by now."""
        for resource in self.undescribed:
            resource.register_views_in_doc(self, self._app, self.spec, name=resource.name, parameters=None)
            self.spec.tag({"name": resource.title, "description": resource.description})
        made: dict[str, Any] = self.spec.to_dict()
        return made

    def _register_error_handlers(self) -> None:
        """blog.errors has them."""

    def _register_etag_headers(self) -> None:
        for name, header in HEADERS.items():
            self.spec.components.header(name, header, lazy=True)
        for name, parameter in PARAMETERS.items():
            self.spec.components.parameter(name, "header", {"name": name, **parameter}, lazy=True)

    def _register_pagination_header(self) -> None:
        """Links and totals take its place."""

    def _register_responses(self) -> None:
        for status, description in ANSWERS.items():
            headers = {
                name: {**HEADERS[name], "required": True} if always else name
                for name, always in OF_STATUS.get(status, {}).items()
            }
            content = {PROBLEM: {"schema": Problem}}
            told = {"description": description, "content": content, "headers": headers}
            self.spec.components.response(str(status), told, lazy=True)
        self.spec.components.response("304", {"description": "It is as you have it."}, lazy=True)


@dataclass(frozen=True)
class Route:
    """What a route is: for the document, and for whoever asks whether it does what it says."""

    act: Callable[..., Any]
    method: str
    access: str
    statuses: Sequence[int]  # of its own; the first is that of success
    tells: Schema | None = None
    listed: bool = False
    takes: bool = False  # a body
    once: bool = False
    tagged: bool = True  # what it tells has an ETag
    endpoint: str | None = None
    limit: str | None = None  # how often, in blog.limits

    @property
    def all_statuses(self) -> list[int]:
        body = [400, 413, 415] if self.takes else []
        return sorted({*self.statuses, 401, 403, 406, 422, 429, 503, *body})

    @property
    def parameters(self) -> list[str]:
        """The headers that it takes."""
        named = {304: "If-None-Match", 412: "If-Match"}
        found = [header for status, header in named.items() if status in self.statuses]
        return [*found, IDEMPOTENCY_KEY] if self.once else found

    @property
    def headers(self) -> list[str]:
        """What its success tells beside the body."""
        if self.listed:
            return ["Link", "X-Total-Count"]
        made = ["Location"] if 201 in self.statuses else []
        replayed = ["Idempotency-Replayed"] if self.once else []
        etag = ["ETag"] if self.tagged else []
        return [*made, *replayed, *etag] if self.tells else []


def scope_for(access: str, method: str) -> str:
    """The least scope of a token that may do what needs this `access`."""
    if access != SIGNED_IN and PERMISSIONS[access].least.reaches(Role.ADMIN):
        return "admin"
    return "read" if method in {"GET", "HEAD"} else "write"


def describe(doc: dict[str, Any], doc_info: dict[str, Any], **about: Any) -> dict[str, Any]:
    """What flask-smorest does not know of a route: who may, which headers, which answers."""
    route: Route = doc_info["route"]
    doc["operationId"] = route.act.__name__
    doc["security"] = [{"token": [scope_for(route.access, route.method)]}]
    doc["x-access"] = route.access
    doc["parameters"] = [*doc.get("parameters", []), *route.parameters]
    doc["responses"] = {str(status): str(status) for status in route.all_statuses}
    success = str(route.statuses[0])
    doc["responses"][success] = {
        "description": http.HTTPStatus(route.statuses[0]).phrase,
        "headers": {name: name for name in route.headers},
    }
    if route.tells:
        doc["responses"][success]["content"] = {"application/json": {"schema": route.tells}}
    return doc
