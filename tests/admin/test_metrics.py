"""What Prometheus is told: from the machine itself, or with the token of somebody who may see queries."""

import re

import pytest
from flask import Flask

from blog.accounts.models import User
from tests import make
from tests.conftest import visitor
from tests.program import token_of
from tests.visitor import Visitor

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
LINE = re.compile(
    r'(# TYPE \w+ (counter|gauge|histogram)|\w+(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? [0-9.e+-]+)'
)


def value_of(text: str, name: str) -> float:
    (line,) = [line for line in text.splitlines() if line.startswith(f"{name} ")]
    return float(line.rpartition(" ")[2])


def test_it_works(app: Flask, client: Visitor) -> None:
    post = make.post()
    before = client.get("/metrics").text
    client.get(f"/posts/{post.slug}")
    client.get("/nowhere")
    answer = client.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert all(LINE.fullmatch(line) for line in answer.text.splitlines())
    shown = 'masthead_requests_total{route="/posts/<slug>",status="200"}'
    known = value_of(before, shown) if shown in before else 0
    assert value_of(answer.text, shown) == known + 1
    for name in ("masthead_request_seconds", "masthead_request_queries"):
        more = value_of(answer.text, f"{name}_count") - value_of(before, f"{name}_count")
        assert more == 3  # the page, what is not there, and the first look
    assert value_of(answer.text, 'masthead_jobs{state="failed"}') == 0
    assert value_of(answer.text, 'masthead_pool_connections_in_use{database="primary"}') >= 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_elsewhere_it_takes_a_token(app: Flask, admin: User, alice: User) -> None:
    client = visitor(app)
    assert client.get("/metrics", environ_base=ELSEWHERE).status_code == 401
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 401
    for person, scope, status in ((admin, "admin", 200), (alice, "read", 403)):
        sent = {"Authorization": f"Bearer {token_of(person, scope).key}"}
        answer = client.get("/metrics", environ_base=ELSEWHERE, headers=sent)
        assert answer.status_code == status
