"""Pieces of pages as HTML, made once for what they show: when one of twenty entries changes, the others need not be made anew."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, request
from markupsafe import Markup

from blog.settings import place

MOST = 2_000  # of each kind, some 1,000 characters long


def kept_macro(app: Flask, template: str, name: str) -> Callable[..., Markup]:
    """A macro of a template, made once for each of its arguments, which are hashable and hold all that it shows besides
    the clock, the language, and where the site is.
    """

    @lru_cache(maxsize=MOST)
    def make(root: str, words: object, *shown: Any) -> Markup:
        made: Markup = getattr(app.jinja_env.get_template(template).module, name)(*shown)
        return made

    return lambda *shown: make(request.script_root, place(), *shown)
