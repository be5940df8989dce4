"""Comments under posts."""

from flask import Flask

from blog import trash
from blog.api import register
from blog.comments import (  # noqa: F401 - their pages and tables
    api,
    deleting,
    digests,
    mailing,
    moderation,
    purging,
    queries,
    subscriptions,
    words,
)
from blog.comments.thread import comments_under
from blog.comments.views import comments
from blog.pieces import kept_macro


def init_app(app: Flask) -> None:
    app.register_blueprint(comments)
    register(app, api.comments, api.under_posts)
    trash.join(
        app,
        trash.Kind(
            name="comments",
            one="comment",
            found=purging.in_trash_of,
            order=purging.deleted_last,
            rows=purging.rows,
            restore="comments.restore",
            purge="comments.purge",
            argument="comment_id",
            empty=purging.empty,
            purge_deleted=purging.purge_deleted,
        ),
    )
    app.jinja_env.globals["comments_under"] = comments_under
    app.jinja_env.globals["said"] = kept_macro(app, "comments/_said.html", "said")
