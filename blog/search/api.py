"""/api/search: posts by what is in them, best first."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import current_app, url_for
from flask_login import current_user
from marshmallow import fields
from sqlalchemy import Double, Select, false, literal_column, select
from sqlalchemy.types import Integer

from blog.accounts.models import User
from blog.api import Resource
from blog.api.fields import Given, Shown, Text
from blog.db import now
from blog.errors import NotFound
from blog.posts.models import Post
from blog.search.finding import candidates
from blog.search.language import LONGEST, read
from blog.settings import site


class FoundShown(Shown):
    """A post that fits."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    slug = fields.String(required=True)
    url = fields.Function(
        lambda post: current_app.config["SITE_URL"] + url_for("posts.show", slug=post.slug),
        required=True,
        metadata={"type": "string", "format": "uri", "description": "Its page."},
    )
    excerpt = fields.String(required=True)
    status = fields.String(required=True)
    author = fields.String(required=True, metadata={"description": "A username."})
    published_at = fields.AwareDateTime(required=True, allow_none=True, default_timezone=UTC)
    rank = fields.Float(required=True, metadata={"description": "The greater, the better it fits."})


class FoundAsked(Given):
    q = Text(
        LONGEST,
        line=True,
        metadata={
            "description": 'Words, "words in a row", -without, tag:…, author:…, year:…; the last word may be a beginning.'
        },
    )


SORTS = {"rank": literal_column("found.rank", Double), "published_at": Post.published_at}


def find(**ids: Any) -> Any:
    raise NotFound


found = Resource("search", "Search", "Posts by what is in them.", shows=FoundShown, find=find)


@found.lists(FoundAsked, sorts=SORTS, by="-rank", key=literal_column("found.id", Integer), access="signed in")
def search_posts(asked: Mapping[str, Any]) -> Select[Any]:
    """Posts that fit, best first

    Drafts are among them for whoever may read them. Of more than 400, the latest are told.
    """
    query = read(asked.get("q", ""))
    fitting = candidates(query, current_user, now(), site().time_zone)
    if not query.asks:
        fitting = fitting.where(false())
    rows = fitting.subquery("found")
    text = (Post.id, Post.title, Post.slug, Post.teaser.label("excerpt"), Post.status, Post.published_at)
    columns = select(*text, User.username.label("author"), rows.c.rank)
    return columns.join(rows, rows.c.id == Post.id).join(User, User.id == Post.author_id)
