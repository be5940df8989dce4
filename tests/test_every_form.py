"""Every form of every page: it brings the token of its session, leads to this site, and without the token does nothing."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests import make
from tests.reading import fields_on
from tests.routes import Route, routes, samples
from tests.test_expired_forms import everything
from tests.visitor import Visitor, sign_in

NO_PAGES = {"api.openapi_json", "assets.styles", "static"}

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # what guards a form is the same on both


class Form(NamedTuple):
    address: str
    method: str
    html: str


def forms_on(answer: TestResponse, address: str) -> Iterator[Form]:
    """The forms of a page; buttons that lead elsewhere by `formaction` are forms of their own."""
    for attributes, html in re.findall(r"<form\b([^>]*)>(.*?)</form>", answer.text, re.DOTALL):
        method = named("method", attributes) or "get"
        actions = [named("action", attributes) or "", *re.findall(r'formaction="([^"]+)"', html)]
        yield from (Form(urljoin(address, action), method.lower(), html) for action in actions)


def named(name: str, attributes: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return found[1].replace("&amp;", "&") if found else ""


def pages(app: Flask, client: Visitor, role: str) -> Iterator[tuple[Route, TestResponse]]:
    person = make.user(role=role or "author")
    if role:
        sign_in(client, person)
    for route in routes(app, samples(person), "GET"):
        if route.endpoint not in NO_PAGES:
            yield route, client.get(route.address)


@pytest.mark.parametrize("role", ["", "reader", "author", "editor", "owner"])
def test_every_form_brings_the_token_of_its_session(app: Flask, guarded_client: Visitor, role: str) -> None:
    found = 0
    for route, page in pages(app, guarded_client, role):
        for form in forms_on(page, route.address):
            assert form.address.startswith("/"), (route, form.address)
            if form.method != "get":
                found += 1
                assert re.search(r'name="csrf_token"[^>]*value="[^"]+"', form.html), (route, form.address)
    assert found >= (2 if role else 1)


@pytest.mark.parametrize("role", ["", "reader", "author", "owner"])
def test_without_it_no_form_does_anything(app: Flask, guarded_client: Visitor, role: str) -> None:
    for route, page in pages(app, guarded_client, role):
        for form in forms_on(page, route.address):
            if form.method == "get":
                continue
            before = everything()
            typed = {name: field.value for name, field in fields_on(page).items() if name != "csrf_token"}
            answer = guarded_client.post(form.address, data=typed)
            assert answer.status_code == 400, (route, form.address, answer.status_code)
            assert everything() == before


def test_with_it_they_are_taken(app: Flask, guarded_client: Visitor) -> None:
    """So the refusals above are for want of the token, and of nothing else."""
    sign_in(guarded_client, make.user(role="author"))
    page = guarded_client.get("/posts/new")
    typed = {name: field.value for name, field in fields_on(page).items()}
    answer = guarded_client.post("/posts/new", data={**typed, "title": "Taken", "content": "Words."})
    assert answer.status_code == 302
