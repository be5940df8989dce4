"""`/metrics`, for Prometheus: from the machine itself, or with the token of somebody who may see queries.

Each process tells what it counted itself; those of the page cache are answers that never reached the application.
"""

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.pool import QueuePool

from blog.access import may, public
from blog.accounts.bearer import key_in_header, sign_in
from blog.db import db, now
from blog.errors import Forbidden
from blog.jobs import Job
from blog.measuring import Histogram, Measures

FORMAT = "text/plain; version=0.0.4; charset=utf-8"
HERE = {"127.0.0.1", "::1"}
PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
@public
def tell() -> Response:
    if not is_from_this_machine():
        sign_in(key_in_header())
        if not may(current_user, "see queries"):
            raise Forbidden
    return Response("".join(f"{line}\n" for line in lines()), content_type=FORMAT)


def is_from_this_machine() -> bool:
    """Not what a proxy on it passes on for others."""
    return request.remote_addr in HERE and not any(name in request.headers for name in PASSED_ON)


def lines() -> Iterator[str]:
    measures: Measures = current_app.extensions["measures"]
    yield "# TYPE masthead_requests_total counter"
    for (route, status), number in sorted(measures.answers.items()):
        yield f'masthead_requests_total{{route="{escaped(route)}",status="{status}"}} {number}'
    yield from histogram("masthead_request_seconds", measures.seconds)
    yield from histogram("masthead_request_queries", measures.queries)
    yield from of_cache()
    yield "# TYPE masthead_jobs gauge"
    yield from (f'masthead_jobs{{state="{state}"}} {number}' for state, number in jobs().items())
    yield from of_pools()


def histogram(name: str, found: Histogram) -> Iterator[str]:
    yield f"# TYPE {name} histogram"
    so_far = 0
    for bound, number in zip((*found.bounds, "+Inf"), found.counts, strict=True):
        so_far += number
        yield f'{name}_bucket{{le="{bound}"}} {so_far}'
    yield f"{name}_sum {found.total:g}"
    yield f"{name}_count {so_far}"


def of_cache() -> Iterator[str]:
    cache = current_app.extensions.get("page_cache")
    if cache:
        for name, value in (("hits", cache.hits), ("misses", cache.misses)):
            yield f"# TYPE masthead_page_cache_{name}_total counter"
            yield f"masthead_page_cache_{name}_total {value}"
        yield "# TYPE masthead_page_cache_bytes gauge"
        yield f"masthead_page_cache_bytes {cache.shelf.bytes}"


def jobs() -> dict[str, int]:
    """By state. One query."""
    counted = [
        select(func.count()).select_from(Job).where(is_so).scalar_subquery().label(state)
        for state, is_so in Job.states(now()).items()
    ]
    return dict(db.session.execute(select(*counted)).mappings().one())


def of_pools() -> Iterator[str]:
    yield "# TYPE masthead_pool_connections_in_use gauge"
    for name, engine in db.engines.items():
        if isinstance(engine.pool, QueuePool):
            used = engine.pool.checkedout()
            yield f'masthead_pool_connections_in_use{{database="{name or "primary"}"}} {used}'


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
