"""Posts: writing them, reading them, and the lists that lead to them."""

from flask import Flask

from blog.posts import desk, teams  # noqa: F401 - their pages join those of `posts` and `lists`
from blog.posts.cli import posts as commands
from blog.posts.lists import lists
from blog.posts.views import posts


def init_app(app: Flask) -> None:
    app.register_blueprint(posts)
    app.register_blueprint(lists)
    app.cli.add_command(commands)
