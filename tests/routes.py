"""Every route of the site, with an address for each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from blog.accounts.models import User
from blog.accounts.setup import setup_key
from blog.assets import style
from tests import make


class Route(NamedTuple):
    """`endpoint` takes `method` at `address`."""

    endpoint: str
    method: str
    address: str


def samples(by: User) -> dict[str, Any]:
    """What stands for each argument that a route may have: things that are there, and are `by` somebody."""
    post = make.post(by, tags=["One"], slug="a-post")
    comment = make.comment(post, by)
    return {
        "comment_id": comment.id,
        "filename": "favicon.svg",
        "month": 1,
        "post_id": post.id,
        "slug": "a-post",
        "username": by.username,
        "version": style()[1],
        "year": 2026,
    }


QUERIES = {"accounts.setup": lambda: f"?key={setup_key()}"}
SLUGS = {"lists.tag": "one"}


def routes(app: Flask, values: dict[str, Any], *methods: str) -> list[Route]:
    """Each route that takes one of `methods`, in the order of the addresses."""
    return sorted(found_routes(app, values, methods), key=lambda route: (route.address, route.method))


def found_routes(app: Flask, values: dict[str, Any], methods: tuple[str, ...]) -> Iterator[Route]:
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        address = addresses.build(rule.endpoint, arguments_for(rule, values), append_unknown=False)
        query = QUERIES.get(rule.endpoint, str)()
        for method in sorted((rule.methods or set()).intersection(methods)):
            yield Route(rule.endpoint, method, address + query)


def arguments_for(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    missing = rule.arguments - set(values)
    assert not missing, f"tests/routes.py needs a value for {missing} of {rule.rule}"
    chosen = {name: values[name] for name in rule.arguments}
    return chosen | ({"slug": SLUGS[rule.endpoint]} if rule.endpoint in SLUGS else {})
