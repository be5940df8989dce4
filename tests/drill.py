"""schemathesis: asks the API whatever its description allows and forbids, and holds every answer against it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from blog.accounts.tokens import ApiToken

schemathesis.openapi.format("username", strategies.from_regex(r"[a-z][a-z0-9]{2,30}", fullmatch=True))
schemathesis.openapi.format("email", strategies.from_regex(r"[a-z]{1,20}@[a-z]{1,20}\.org", fullmatch=True))


@dataclass
class Report:
    """What a drill found: the failures, and how many requests were answered how."""

    failures: set[str] = field(default_factory=set)
    answers: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(sum(statuses.values()) for statuses in self.answers.values())


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The site at an address of this machine."""

    class Quiet(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

        def log(self, *arguments: Any) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drill(app: Flask, token: ApiToken, *, seconds: int, examples: int) -> Report:
    """All checks of schemathesis in all its phases; after `seconds` it comes to an end."""
    report = Report()
    with served(app) as address:
        schema = load(address, str(token.key), seconds, examples)
        spare(schema, token.id)
        for event in from_schema(schema).execute():
            take(event, report)
    return report


def load(address: str, key: str, seconds: int, examples: int) -> Any:
    settings = {
        "seed": 1,
        "max-time": seconds,
        "continue-on-failure": True,
        "headers": {"Authorization": f"Bearer {key}"},
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        "checks": {"enabled": True},
        "cache": {"enabled": False},
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    schema.config.base_url = address
    return schema


def spare(schema: Any, token_id: int) -> None:
    """The token that the drill needs is not ended; and what only the site's state decides is no failure."""

    @schema.hook  # type: ignore[untyped-decorator]
    def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
        ours = path_parameters and str(path_parameters.get("token_id")) == str(token_id)
        return {**(path_parameters or {}), "token_id": token_id + 1} if ours else path_parameters

    @schema.hook  # type: ignore[untyped-decorator]
    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return failure.title != "Schema-valid request rejected" or not depends_on_state(response)


def depends_on_state(response: Any) -> bool:
    """Whether it was refused for an ETag that does not fit, or a key that came before with another request."""
    told = json.loads(response.content)
    return response.status_code == 412 or str(told["type"]).endswith("#key-reused")


def take(event: Any, report: Report) -> None:
    if isinstance(event, events.ScenarioFinished):
        for label, status in answers(event):
            counted = report.answers.setdefault(label, {})
            counted[status] = counted.get(status, 0) + 1
        report.failures |= set(failures(event))
    elif isinstance(event, events.NonFatalError):
        report.failures.add(f"{event.label}: {event.value!r}")
    elif isinstance(event, events.FatalError):
        raise event.exception


def answers(event: events.ScenarioFinished) -> Iterator[tuple[str, int]]:
    for case_id, interaction in event.recorder.interactions.items():
        if interaction.response is not None:
            label = event.recorder.cases[case_id].value.operation.label
            yield label, interaction.response.status_code


def failures(event: events.ScenarioFinished) -> Iterator[str]:
    for case_id, checks in event.recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case = event.recorder.cases[case_id].value
                failure = check.failure_info.failure
                yield f"{case.operation.label}: {failure.title}: {failure.message}\n{case.as_curl_command()}"
