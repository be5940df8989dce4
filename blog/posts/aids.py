"""What the editor's script asks while somebody writes: the text as readers will see it, tags, the address."""

from flask import jsonify, request
from flask_login import current_user
from sqlalchemy import Select, and_, func, or_, select
from werkzeug.wrappers import Response

from blog import markup
from blog.access import Role, permitted
from blog.accounts.models import User
from blog.db import db, now
from blog.errors import Problem
from blog.media.shown import pictures_in
from blog.posts.addresses import RESERVED, SUCH_AS, path_of, refuse_former_address
from blog.posts.models import LONGEST_TITLE, Post, post_tags
from blog.posts.placing import PAGE, POST, reserved_for
from blog.posts.views import posts
from blog.tags.models import Tag
from blog.text import checked_slug, one_line

MOST_NAMES = 8


@posts.post("/posts/preview")
@permitted("write posts")
def preview() -> Response:
    """[[line, HTML], …]: the text as readers will see it, block by block."""
    content = request.form.get("content", "")
    return jsonify(markup.render_blocks(content, pictures_in(content)))


@posts.get("/posts/new/tags")
@permitted("write posts")
def tag_names() -> Response:
    """The names of tags that begin like this, then those with a word that does; of posts that the person may know of."""
    wanted = one_line(request.args.get("q")).lower()
    return jsonify(list(db.session.scalars(tags_like(wanted)) if wanted else ()))


def tags_like(wanted: str) -> Select[str]:
    name = func.lower(Tag.name)
    begins, within = name.startswith(wanted, autoescape=True), name.contains(f" {wanted}", autoescape=True)
    known = or_(Post.is_visible(now()), Post.is_editable_by(current_user))
    used = select(post_tags.c.tag_id).join(Post, Post.id == post_tags.c.post_id)
    is_used = used.where(post_tags.c.tag_id == Tag.id, known).exists()
    return (
        select(Tag.name).where(or_(begins, within), is_used).order_by(begins.desc(), name).limit(MOST_NAMES)
    )


@posts.get("/posts/new/authors")
@permitted("write posts")
def author_names() -> Response:
    """The usernames of people who may write posts and whose username or name begins like this."""
    wanted = one_line(request.args.get("q")).lower()
    return jsonify(list(db.session.scalars(authors_like(wanted)) if wanted else ()))


def authors_like(wanted: str) -> Select[str]:
    names = [
        func.lower(name).startswith(wanted, autoescape=True) for name in (User.username, User.display_name)
    ]
    writes = and_(User.deactivated_at.is_(None), User.role != Role.READER)
    return select(User.username).where(or_(*names), writes).order_by(User.username).limit(MOST_NAMES)


@posts.get("/posts/new/address")
@permitted("write posts")
def address() -> Response:
    """Where it is going to be: at the `slug` that was typed, or one made from the `title`; as a page, where that is its
    `kind`. `post` is its id, where it has one. With `problem`, if it cannot be there.
    """
    kind = PAGE if request.args.get("kind") == PAGE else POST
    title = one_line(request.args.get("title"))[:LONGEST_TITLE]
    given = one_line(request.args.get("slug"))
    problem = problem_with(given, kind, request.args.get("post", type=int)) if given else ""
    slug = given or (Post.free_slug(title, reserved_for(kind, "")) if title else "")
    path = f"/{slug}" if kind == PAGE else path_of(slug)
    return jsonify(path=path if slug else "", problem=problem)


def problem_with(slug: str, kind: str, post_id: int | None) -> str:
    try:
        reserved_for(kind, checked_slug(slug, RESERVED, SUCH_AS))
        refuse_former_address(slug, post_id)
    except Problem as problem:
        return problem.detail
    taken = select(Post.id).where(Post.slug == slug, Post.id != (post_id or 0))
    return "Another post has this address." if db.session.scalar(taken) else ""
