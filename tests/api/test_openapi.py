"""The API is what its description says, and the description says all of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from marshmallow import fields
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from blog.accounts.models import User
from blog.api import Resource, register
from blog.api.fields import Shown
from blog.api.openapi import ANSWERS, KINDS
from blog.errors import Conflict
from blog.limits import LIMITS, MINUTE, Limit, Rate
from config import ROOT
from tests import make
from tests.drill import drill
from tests.program import token_of
from tests.reading import without_search
from tests.visitor import Visitor


def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get("/api/openapi.json").get_json()
    return found


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        yield from ((path, method, one) for method, one in methods.items() if method != "parameters")


def test_it_is_openapi(app: Flask) -> None:
    spec = document(app)
    assert spec["openapi"] == "3.1.0"
    OPENAPI_31_VALIDATOR.validate(spec)


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    described = {(path, method.upper()) for path, method, _ in operations(document(app))}
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if isinstance(app.blueprints.get(rule.endpoint.partition(".")[0]), Resource)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routes


def test_every_operation_says_what_it_does_and_who_may(app: Flask) -> None:
    spec = document(app)
    names = [one["operationId"] for _, _, one in operations(spec)]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in spec["tags"]}
    for path, method, one in operations(spec):
        assert one["summary"], (path, method)
        assert set(one["tags"]) <= tags
        assert one["security"][0]["token"][0] in {"read", "write", "admin"}
        assert {"401", "403", "429", "503"} <= set(one["responses"])
        assert all(int(status) in {200, 201, 204, 304, *ANSWERS} for status in one["responses"])


def test_every_kind_of_problem_is_explained() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "blog").rglob("*.py"))
    used = set(re.findall(r'\bkind="([a-z-]+)"', sources))
    assert used <= set(KINDS)


def test_it_is_asked_for_anew_only_when_it_has_changed(client: Visitor) -> None:
    tag = client.get("/api/openapi.json").headers["ETag"]
    assert client.get("/api/openapi.json", headers={"If-None-Match": tag}).status_code == 304


# The page


def test_people_can_read_it_without_script_and_without_any_other_host(app: Flask, client: Visitor) -> None:
    answer = client.get("/api/docs")
    assert answer.status_code == 200
    assert "<script" not in without_search(answer.text)
    loaded = re.findall(r'<(?:link|img|script|iframe)[^>]+(?:href|src)="([^"]+)"', answer.text)
    assert loaded
    assert all(address.startswith("/") for address in loaded)


def test_it_shows_every_operation_field_and_kind_of_problem(app: Flask, client: Visitor) -> None:
    page, spec = client.get("/api/docs").text, document(app)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for path, method, one in operations(spec):
        assert f"<code>{method.upper()} {path}</code>" in page
        assert one["operationId"] in ids
    assert {f"schema-{name}" for name in spec["components"]["schemas"]} <= set(ids)
    assert set(KINDS) <= set(ids)
    assert all(target in ids for target in re.findall(r'href="#([^"]+)"', page))


def test_where_a_problem_leads_there_is_something_to_read(app: Flask, client: Visitor) -> None:
    problem = client.get(
        "/api/users?limit=x", headers={"Authorization": f"Bearer {token_of(make.user(), 'read').key}"}
    )
    address = problem.get_json()["type"].removeprefix("http://localhost")
    path, _, kind = address.partition("#")
    assert f'id="{kind}"' in client.get(path).text


# schemathesis

PHASES = {"coverage", "fuzzing", "stateful_testing"}  # the document gives no examples


@pytest.fixture
def unlimited(app_with: Callable[..., Flask], tmp_path: Path) -> Flask:
    often = Limit(Rate(10**6, MINUTE))
    return app_with(LIMITS=dict.fromkeys(LIMITS, often), MEDIA_ROOT=str(tmp_path))


def test_schemathesis_finds_nothing(unlimited: Flask, owner: User, alice: User, charlie: User) -> None:
    """For about a minute; `bin/bench drill` takes longer. Two owners: one may be deleted on the way."""
    make.post(alice)
    make.user("second", role="owner")
    report = drill(unlimited, token_of(owner), seconds=8, examples=3, rounds=10)
    assert not report.failures, "\n\n".join(sorted(report.failures))
    assert {phase for phase, requests in report.phases.items() if requests} == PHASES
    for path, method, _ in operations(document(unlimited)):
        assert f"{method.upper()} {path}" in report.answers
    assert not report.untaken, {label: report.answers[label] for label in report.untaken}


class Wish(Shown):
    id = fields.Function(lambda wish: wish, required=True, metadata={"type": "integer"})


def break_down() -> None:
    raise RuntimeError


def object_to_it() -> None:
    raise Conflict("There is no word of this in the document.")


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (break_down, "Server error"),
        (object_to_it, "Undocumented status code"),
        (lambda: "no number", "Response violates schema"),
    ],
)
def test_it_would_find_what_is_not_as_described(
    unlimited: Flask, owner: User, answer: Callable[[], Any], title: str
) -> None:
    unlimited.config["PROPAGATE_EXCEPTIONS"] = False
    wishes = Resource("wishes", "Wishes", "For tests.", shows=Wish, find=lambda **ids: None)

    @wishes.reads()
    def read_wish(wish: Any) -> Any:
        """One of them"""
        return answer()

    register(unlimited, wishes)
    report = drill(unlimited, token_of(owner), seconds=1, examples=2, only="/api/wishes")
    assert set(report.answers) == {"GET /api/wishes/{id}"}
    assert title in {failure.split(": ")[1] for failure in report.failures}
