"""Looking at pages that may be kept, as a visitor without a cookie."""

from flask import Flask
from sqlalchemy import update
from werkzeug.test import Client, TestResponse

from blog.caching import PageCache
from blog.db import db
from blog.posts.models import Post
from blog.site_version import ServerReader


def cache_of(app: Flask) -> PageCache:
    found: PageCache = app.extensions["page_cache"]
    return found


def get(app: Flask, address: str = "/", **headers: str) -> TestResponse:
    """As somebody without a cookie; committed before, and by then seen by the thread that looks."""
    db.session.commit()
    if cache_of(app).watch.begun:
        look(cache_of(app))
    return Client(app.wsgi_app).get(
        address,
        base_url="http://localhost",
        headers={name.replace("_", "-"): headers[name] for name in headers},
    )


def look(cache: PageCache) -> None:
    """As the thread does, whether PostgreSQL's notice is here already or not."""
    if isinstance(cache.watch.reader, ServerReader):
        cache.watch.reader.asked_at = 0.0
    cache.watch.look()


def made(app: Flask) -> int:
    return cache_of(app).misses


def change_title(post_id: int) -> None:
    anew = update(Post).where(Post.id == post_id).values(title="Anew", version=Post.version + 1)
    db.session.execute(anew.execution_options(synchronize_session=False))
