"""Tags: names for what posts are about. The pages under a tag are lists of posts: see `blog/posts/lists.py`."""

from flask import Flask

from blog.api import register
from blog.tags.api import tags


def init_app(app: Flask) -> None:
    register(app, tags)
