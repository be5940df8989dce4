"""Keys to one thing, for whoever has the link that holds one: signed, so that nobody makes one up."""

from typing import Any

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer


def seal(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=purpose)


def key_of(purpose: str, number: int) -> str:
    return str(seal(purpose).dumps(number))


def number_of(purpose: str, key: str) -> int:
    """What the key opens; 0, which nothing has, for one that is not ours."""
    try:
        found: Any = seal(purpose).loads(key)
    except BadData:
        return 0
    return found if isinstance(found, int) else 0
