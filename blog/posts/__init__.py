"""Posts: writing them, reading them, and the lists that lead to them."""

from flask import Flask

from blog import settings, trash
from blog.api import register
from blog.pieces import kept_macro
from blog.posts import (  # noqa: F401 - their pages join those of `posts` and `lists`
    acting,
    aids,
    asking,
    before,
    bulk_api,
    changes,
    desk,
    editor,
    following,
    guests,
    journal_views,
    link_pages,
    many,
    note_pages,
    purging,
    queries,
    revising,
    series_pages,
    social,
    teams,
    undoing,
)
from blog.posts.api import posts as resource
from blog.posts.cli import posts as commands
from blog.posts.lists import lists
from blog.posts.media import posts_showing
from blog.posts.models import Post
from blog.posts.revision_api import revisions
from blog.posts.views import posts


def init_app(app: Flask) -> None:
    app.register_blueprint(posts)
    app.register_blueprint(lists)
    app.jinja_env.globals["entry"] = kept_macro(app, "posts/_entry.html", "entry")
    app.cli.add_command(commands)
    settings.BESIDE["menu"] = Post.menu
    app.jinja_env.globals["menu"] = lambda: settings.beside("menu") or []
    app.jinja_env.globals["notes_beside"] = note_pages.notes_beside
    register(app, resource, revisions)
    app.jinja_env.globals["posts_showing"] = posts_showing
    trash.join(
        app,
        trash.Kind(
            name="posts",
            one="post",
            found=purging.in_trash_of,
            order=purging.deleted_last,
            rows=purging.rows,
            restore="posts.restore",
            purge="posts.purge",
            argument="post_id",
            empty=purging.empty,
            purge_deleted=purging.purge_deleted,
            restore_many=many.restore_ticked,
        ),
    )
