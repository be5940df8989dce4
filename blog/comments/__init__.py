"""Comments under posts."""

from flask import Flask

from blog.comments.views import comments, comments_under


def init_app(app: Flask) -> None:
    app.register_blueprint(comments)
    app.jinja_env.globals["comments_under"] = comments_under
