"""The API's ground: what every JSON route shares, whichever feature it belongs to."""

from flask import Flask

from blog.api import docs, openapi
from blog.api.resource import CHALLENGE, Resource, out_of_scope
from blog.security import csrf

__all__ = ["CHALLENGE", "Resource", "init_app", "out_of_scope", "register"]


def init_app(app: Flask) -> None:
    app.extensions["api"] = openapi.Description(app)
    docs.init_app(app)


def register(app: Flask, *resources: Resource) -> None:
    """Let the site answer for them. They take no cookie, so there is nothing that another site could borrow."""
    for resource in resources:
        csrf.exempt(resource)
        app.extensions["api"].register(resource)
