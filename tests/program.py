"""A program that speaks to the API: with a token, and without cookies."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from blog.accounts.models import User
from blog.accounts.tokens import ApiToken, Scope
from blog.db import db, now
from tests.visitor import Visitor


def token_of(person: User, scope: str = "admin", **details: Any) -> ApiToken:
    """A new token of theirs, as it was handed over: with its `key`."""
    options = {"name": "For tests", "at": now(), **details}
    token = ApiToken.issue(to=person, scope=Scope(scope), **options)
    db.session.commit()
    return token


class Program:
    """`Program(app, key).get("/api/users")`; whatever is given as `json` is the body."""

    def __init__(self, app: Flask, key: str | None = None) -> None:
        client = app.test_client(use_cookies=False)
        assert isinstance(client, Visitor)
        self.client, self.key = client, key

    def send(
        self, method: str, address: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> TestResponse:
        sign_in = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return self.client.open(address, method=method, headers={**sign_in, **(headers or {})}, **options)

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.send("GET", address, **options)

    def post(self, address: str, **options: Any) -> TestResponse:
        return self.send("POST", address, **options)

    def put(self, address: str, **options: Any) -> TestResponse:
        return self.send("PUT", address, **options)

    def patch(self, address: str, **options: Any) -> TestResponse:
        return self.send("PATCH", address, **options)

    def delete(self, address: str, **options: Any) -> TestResponse:
        return self.send("DELETE", address, **options)


def program_of(app: Flask, person: User, scope: str = "") -> Program:
    """Signed in with the widest token that this person may have, or one for `scope`."""
    widest = "admin" if person.role in {"admin", "owner"} else "write"
    return Program(app, token_of(person, scope or widest).key)


def links(answer: TestResponse) -> dict[str, str]:
    """The addresses of the other pages of a list, by how they stand to this one."""
    found = re.findall(r'<http://localhost([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    return {name: address for address, name in found}


def pages(program: Program, address: str | None, direction: str) -> Iterator[list[Any]]:
    """What each page of a list tells, from this address on."""
    for _ in range(50):
        answer = program.get(address or "")
        assert answer.status_code == 200, answer.text
        yield answer.get_json()
        address = links(answer).get(direction)
        if not address:
            return
    raise AssertionError("it does not end")
