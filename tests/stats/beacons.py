"""A reader's browser, as far as the site hears of it when a post is opened, and when it was read to its end."""

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.db import db
from blog.posts.models import Post
from blog.stats.models import Counter, View
from tests.visitor import Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1"
HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


class Reader:
    """`Reader(app).opens(post)`: from an address, with a browser."""

    def __init__(self, app: Flask, address: str = "192.0.2.1", browser: str = FIREFOX) -> None:
        client = app.test_client()
        assert isinstance(client, Visitor)
        self.client, self.address, self.browser = client, address, browser

    def opens(self, post: Post | int, referrer: str = "", **headers: str | None) -> TestResponse:
        return self.send(post, "", {"referrer": referrer}, headers)

    def ends(self, post: Post | int, **headers: str | None) -> TestResponse:
        return self.send(post, "/end", {}, headers)

    def send(
        self, post: Post | int, rest: str, typed: dict[str, str], headers: dict[str, str | None]
    ) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        told = {"User-Agent": self.browser, **HERE, **given}
        post_id = post if isinstance(post, int) else post.id
        return self.client.post(
            f"/posts/{post_id}/views{rest}",
            data=typed,
            headers={name: value for name, value in told.items() if value is not None},
            environ_overrides={"REMOTE_ADDR": self.address},
        )


def counted(post: Post) -> tuple[int, int, int]:
    """(views, visitors, read to the end) of its counter."""
    found = select(Counter.view_count, Counter.visitor_count, Counter.end_count)
    db.session.rollback()
    return tuple(db.session.execute(found.where(Counter.post_id == post.id)).first() or (0, 0, 0))  # type: ignore[return-value]


def rows_of(post: Post) -> tuple[int, int]:
    """(views, visitors) of its rows."""
    found = select(func.coalesce(func.sum(View.views), 0), func.count())
    return tuple(db.session.execute(found.where(View.post_id == post.id)).one())  # type: ignore[return-value]
