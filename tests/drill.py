"""schemathesis: asks the API whatever its description allows and forbids, and holds every answer against it."""

import json
import threading
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import strategies
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from blog.accounts.models import User
from blog.accounts.tokens import ApiToken
from blog.api.idempotency import HEADER, KEY
from blog.db import db
from tests import make
from tests.pictures import painted
from tests.program import token_of

schemathesis.openapi.format("username", strategies.from_regex(r"[a-z][a-z0-9]{2,30}", fullmatch=True))
schemathesis.openapi.format(
    "password", strategies.from_regex(r"[a-z]{6} [a-z]{6} [0-9]{1,30}", fullmatch=True)
)
TIMES = strategies.datetimes(datetime(1901, 1, 1), datetime(2198, 1, 1), timezones=strategies.just(UTC))  # noqa: DTZ001
schemathesis.openapi.format("date-time", TIMES.map(datetime.isoformat))
schemathesis.openapi.format("tag", strategies.from_regex(r"[a-z][a-z0-9 ]{0,48}[a-z]", fullmatch=True))
schemathesis.openapi.format("email", strategies.from_regex(r"[a-z]{1,20}@[a-z]{1,20}\.org", fullmatch=True))
schemathesis.openapi.format("language", strategies.sampled_from(["", "en", "de", "pt-BR", "zh-Hans"]))
schemathesis.openapi.format("binary", strategies.sampled_from([painted(), painted(kind="JPEG")]))


PHASES = ("examples", "coverage", "fuzzing", "stateful")
OURS = {"token_id": "id", "user_id": "user_id"}  # what the drill itself needs, by its name in addresses
TAKEN = {200, 201, 204}
SPARED: dict[str, tuple[int, int]] = {}  # its id, and that of something to be asked for in its place


@dataclass
class Report:
    """What a drill found: the failures, how many requests each phase made, and how many were answered how."""

    failures: set[str] = field(default_factory=set)
    phases: Counter[str] = field(default_factory=Counter)
    answers: dict[str, dict[int, int]] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return sum(sum(statuses.values()) for statuses in self.answers.values())

    @property
    def untaken(self) -> set[str]:
        """The operations that were asked for, and never done."""
        return {label for label, statuses in self.answers.items() if not TAKEN.intersection(statuses)}


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


def drill(
    app: Flask, token: ApiToken, *, seconds: int, examples: int, only: str = "/api/", rounds: int = 0
) -> Report:
    """All checks of schemathesis: first each bound of each field, however long that takes, then for so many `seconds`
    each whatever chance, and the links between the answers lead to. `only` is how the addresses begin. Where chance
    did not lead to an operation being done, the links of that resource alone are followed, up to so many `rounds`.
    """
    report = Report()
    stand_ins = {"token_id": token_of(token_owner(token)).id, "user_id": make.user().id}
    SPARED.update({name: (getattr(token, at), stand_ins[name]) for name, at in OURS.items()})
    with served(app) as address:

        def ask(phase: str, seconds: int | None, under: str = only, seed: int = 1) -> None:
            schema = load(address, str(token.key), phase, seconds, examples, seed)
            for event in from_schema(schema.include(path_regex=f"^{under}")).execute():
                take(event, report)

        ask("coverage", None)
        ask("fuzzing", seconds)
        ask("stateful", seconds)
        for seed in range(2, rounds + 2):
            for resource in sorted({resource_of(label) for label in report.untaken}):
                ask("stateful", seconds, resource, seed)
    return report


def resource_of(label: str) -> str:
    """`/api/tags` of `PATCH /api/tags/{tag_id}`."""
    return "/".join(label.split(" ")[1].split("/")[:3])


def token_owner(token: ApiToken) -> User:
    return db.session.get_one(User, token.user_id)


def load(address: str, key: str, phase: str, seconds: int | None, examples: int, seed: int) -> Any:
    settings = {
        "seed": seed,
        **({"max-time": seconds} if seconds else {}),
        "phases": {name: {"enabled": name == phase} for name in PHASES},
        "continue-on-failure": True,
        "headers": {"Authorization": f"Bearer {key}"},
        "generation": {"max-examples": examples, "database": "none", "no-shrink": True},
        "checks": {"enabled": True},
        "cache": {"enabled": False},
    }
    config = SchemathesisConfig.from_dict(settings)
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json", config=config)
    schema.config.base_url = address
    forgive(schema)
    return schema


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Keep the drill going: the token that it needs is not ended, nor its person, else all that follows would be
    answered 401; and no key comes with two bodies, else most would be answered that it did.
    """
    for name, value in (case.path_parameters or {}).items():
        ours, stand_in = SPARED.get(name, (None, None))
        if str(value) == str(ours):
            case.path_parameters[name] = stand_in
    key = (case.headers or {}).get(HEADER)
    tried = getattr(case.meta and case.meta.phase.data, "parameter", None)
    if key and KEY.fullmatch(key) and tried != "Authorization":  # touched, it would be sent after all
        case.headers[HEADER] = f"{key[:200]}-{zlib.crc32(repr(case.body).encode())}"


def forgive(schema: Any) -> None:
    """What only the site's state decides is no failure."""

    @schema.hook  # type: ignore[untyped-decorator]
    def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
        return failure.title != "Schema-valid request rejected" or not depends_on_state(response)


def depends_on_state(response: Any) -> bool:
    """Whether it was refused for an ETag that does not fit, a key that came before with another request, because
    of what it refers to (a translation's language is asked for by what it translates), or of what a file holds, of
    which a description can say little.
    """
    told = json.loads(response.content)
    refers = any(
        name.endswith(("_to", "_id", "_of")) or name in {"file", "language"}
        for name in told.get("errors", {})
    )
    return response.status_code == 412 or str(told["type"]).endswith("#key-reused") or refers


def take(event: Any, report: Report) -> None:
    if isinstance(event, events.ScenarioFinished):
        report.phases[event.phase.name.lower()] += len(event.recorder.interactions)
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
                told = event.recorder.interactions[case_id].response
                answer = told.content.decode(errors="replace")[:300] if told else ""
                yield f"{case.operation.label}: {failure.title}: {failure.message}\n{case.as_curl_command()}\n{answer}"
