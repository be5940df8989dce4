"""The picture that is shown where somebody links to a post."""

from flask import Response, redirect, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from blog.access import public
from blog.accounts.models import User
from blog.db import db, now
from blog.errors import NotFound
from blog.limits import limited
from blog.posts.drawing import drawn
from blog.posts.heads import version_of
from blog.posts.models import Post
from blog.posts.shown import shown, with_due_changes
from blog.posts.views import posts
from blog.settings import site


@posts.get("/p/<int:post_id>/picture-<version>.png")
@limited("drawing")
@public
def picture(post_id: int, version: str) -> AnyResponse:
    """At an address that changes with it, so that it is kept for ever; former ones lead to the present one."""
    columns = (
        select(shown("title"), User.display_name).select_from(Post).join(User, User.id == Post.author_id)
    )
    found = with_due_changes(columns.where(Post.id == post_id, Post.is_visible(now())), now())
    post = db.session.execute(found).first()
    if post is None:
        raise NotFound
    present = version_of(post.title, post.display_name)
    if version != present:
        return redirect(url_for("posts.picture", post_id=post_id, version=present))
    image = drawn(post.title, post.display_name, site().title, site().theme_colour)
    answer = Response(image, mimetype="image/png")
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
