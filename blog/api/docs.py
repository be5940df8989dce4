"""The API described: as OpenAPI at /api/openapi.json, and from the same document as a page at /api/docs."""

import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template, request

from blog.access import public
from blog.api.bodies import MULTIPART
from blog.api.openapi import KINDS

pages = Blueprint("api", __name__, url_prefix="/api")

Json = Mapping[str, Any]


def init_app(app: Flask) -> None:
    app.register_blueprint(pages)


def document() -> Json:
    made: Json = current_app.extensions["api"].document
    return made


@pages.get("/openapi.json")
@public
def openapi_json() -> Response:
    text = json.dumps(document(), indent=1)
    response = Response(text, mimetype="application/json")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.make_conditional(request)
    return response


@pages.get("/docs")
@public
def docs() -> str:
    spec = document()
    return render_template(
        "api/docs.html", spec=spec, groups=groups(spec), schemas=schemas(spec), kinds=KINDS
    )


@dataclass(frozen=True)
class Row:
    """A line of a table: a parameter, a field, or an answer."""

    name: str
    kind: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """What can be done at an address."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    access: str
    parameters: list[Row]
    takes: str
    answers: list[Row]
    example: str


def groups(spec: Json) -> list[tuple[Json, list[Operation]]]:
    """The operations under the tag that they belong to."""
    every = [
        operation(spec, path, method, about)
        for path, methods in spec["paths"].items()
        for method, about in methods.items()
        if method != "parameters"
    ]
    tags = {about["operationId"]: about["tags"][0] for about in operations(spec)}
    return [(tag, [one for one in every if tags[one.id] == tag["name"]]) for tag in spec["tags"]]


def operations(spec: Json) -> Iterator[Json]:
    for methods in spec["paths"].values():
        yield from (about for method, about in methods.items() if method != "parameters")


def operation(spec: Json, path: str, method: str, about: Json) -> Operation:
    shared = spec["paths"][path].get("parameters", [])
    named = [resolved(spec, parameter) for parameter in [*shared, *about.get("parameters", [])]]
    kind, body = body_of(about)
    return Operation(
        id=about["operationId"],
        method=method.upper(),
        path=path,
        summary=about.get("summary", ""),
        description=about.get("description", ""),
        scope=about["security"][0]["token"][0],
        access=about["x-access"],
        parameters=[row(one["name"], {**one["schema"], "in": one["in"]}, one) for one in named],
        takes=kind_of(body) if body else "",
        answers=[answer(spec, status, one) for status, one in about["responses"].items()],
        example=example(spec, path, method, kind, body),
    )


def body_of(about: Json) -> tuple[str, Json | None]:
    """Of what kind the body of an operation is, and its schema."""
    for kind, content in about.get("requestBody", {}).get("content", {}).items():
        return kind, content["schema"]
    return "", None


def answer(spec: Json, status: str, about: Json) -> Row:
    about = resolved(spec, about)
    content: Json = next(iter(about.get("content", {}).values()), {})
    return Row(status, kind_of(content.get("schema", {})), about["description"])


def schemas(spec: Json) -> list[tuple[str, list[Row]]]:
    """What is taken and told: each with its fields."""
    found = spec["components"]["schemas"].items()
    return [
        (
            name,
            [
                row(field, about, about, required=field in schema.get("required", []))
                for field, about in schema["properties"].items()
            ],
        )
        for name, schema in sorted(found)
    ]


def row(name: str, schema: Json, about: Json, *, required: bool = False) -> Row:
    return Row(name, kind_of(schema), about.get("description", ""), required or about.get("required") is True)


def resolved(spec: Json, about: Json) -> Json:
    """What a reference leads to."""
    found: Json = about
    if "$ref" in about:
        found = spec
        for part in about["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return found


def kind_of(schema: Json) -> str:
    """In a few words: "text, at most 80 characters"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", maxsplit=1)[-1]
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"] if value is not None)
    kinds = [schema["type"]] if isinstance(schema.get("type"), str) else schema.get("type", [])
    words = " or ".join(WORDS.get(schema.get("format", kind), WORDS.get(kind, kind)) for kind in kinds)
    if "items" in schema:
        words = f"list of {kind_of(schema['items'])}"
    return ", ".join(filter(None, [words, bounds(schema)]))


WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true or false",
    "null": "null",
    "array": "list",
    "object": "object",
    "date-time": "time",
    "date": "date",
    "uri": "address",
    "binary": "file",
}


def bounds(schema: Json) -> str:
    least = schema.get("minLength", schema.get("minimum"))
    most = schema.get("maxLength", schema.get("maximum"))
    unit = " characters" if "maxLength" in schema else ""
    if most is None:
        return ""
    return f"{least} to {most}{unit}" if least else f"at most {most}{unit}"


def example(spec: Json, path: str, method: str, kind: str, body: Json | None) -> str:
    """How it is asked with curl."""
    address = current_app.config["SITE_URL"] + path
    words = ["curl", address] if method == "get" else ["curl", "-X", method.upper(), address]
    lines = [shlex.join(words), '-H "Authorization: Bearer $TOKEN"']
    if body and kind == MULTIPART:
        lines += [f"-F {name}={value}" for name, value in sample(spec, body).items()]
    elif body:
        given = json.dumps(sample(spec, body), ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(given)}"]
    return " \\\n  ".join(lines)


SAMPLES = {"date-time": "2026-01-15T12:00:00Z", "binary": "@harbour.jpg"}


def sample(spec: Json, schema: Json) -> Any:
    """Something that the schema takes, of its required fields, or else of its first."""
    schema = resolved(spec, schema)
    if "properties" in schema:
        wanted = schema.get("required") or list(schema["properties"])[:1]
        return {name: sample(spec, schema["properties"][name]) for name in wanted}
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("format") in SAMPLES:
        return SAMPLES[schema["format"]]
    kind = (
        schema["type"] if isinstance(schema.get("type"), str) else next(iter(schema.get("type", ["string"])))
    )
    return {"integer": schema.get("minimum", 1), "boolean": True, "array": []}.get(kind, "…")
