"""Reading a post, writing one, and what is done to it by a form."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.exceptions import NotFound as NoRoute
from werkzeug.wrappers import Response

from blog import audit, markup
from blog.access import hiding, may, permitted, public
from blog.accounts.models import User
from blog.db import Rows, db, now, transaction
from blog.errors import Forbidden, NotFound, show_http_error
from blog.posts.addresses import FormerAddress
from blog.posts.cards import published, tags_of
from blog.posts.forms import PostForm
from blog.posts.models import Post, Status
from blog.security import keeps_text
from blog.settings import day_and_time
from blog.teams.models import Team

posts = Blueprint("posts", __name__)

Page = str | tuple[str, int] | Response

# What the log calls it when a post is saved in another state than it was in.
BECAME = {Status.DRAFT: "unpublished", Status.PUBLISHED: "published", Status.ARCHIVED: "archived"}


@posts.get("/")
@public
def home() -> str:
    return render_template("posts/home.html", page=published(Post.visible(now())))


@posts.get("/posts/<slug>")
@public
@hiding("read draft")
def show(slug: str) -> Page:
    post = db.session.execute(readable().where(Post.slug == slug)).first()
    if post is not None:
        return render_template("posts/show.html", **post_page(post))
    moved = redirect_from_former_address()
    if moved is None:
        raise NotFound
    return moved


@posts.get("/p/<int:post_id>")
@public
@hiding("read draft")
def short(post_id: int) -> Response:
    post = db.session.execute(readable().where(Post.id == post_id)).first()
    if post is None:
        raise NotFound
    return redirect(url_for("posts.show", slug=post.slug), 301)


def readable() -> Rows:
    """What the person may read, as rows with what the page shows."""
    text = (Post.id, Post.title, Post.slug, Post.html, Post.teaser.label("excerpt"), Post.word_count)
    state = (Post.status, Post.published_at, Post.updated_at, Post.author_id, Post.credited)
    author = (
        User.display_name.label("author_name"),
        User.username.label("author_username"),
        User.biography.label("author_biography"),
    )
    team = (Team.name.label("team_name"), Team.slug.label("team_slug"))
    mine = Post.is_editable_by(current_user).label("editable")
    found = select(*text, *state, *author, *team, mine).join(User, User.id == Post.author_id)
    found = found.outerjoin(Team, Team.id == Post.team_id)
    return found.where(Post.is_readable_by(current_user, now()))


def post_page(post: Any) -> dict[str, Any]:
    """What the page of a post shows beside the post: its tags and its neighbours in time. Two queries."""
    older, newer = neighbours(post)
    shown = SimpleNamespace(**post._mapping, tags=tags_of([post.id]).get(post.id, []))
    return {"post": shown, "older": older, "newer": newer}


def neighbours(post: Any) -> tuple[Any, Any]:
    """The published posts just before and after this one; (None, None) for one that is not in the lists."""
    if post.status != Status.PUBLISHED or post.published_at > now():
        return None, None
    place, here = tuple_(Post.published_at, Post.id), (post.published_at, post.id)
    columns = (Post.id, Post.title, Post.slug, Post.published_at)
    published = select(*columns).where(Post.status == Status.PUBLISHED)
    older = published.where(place < here).order_by(*Post.newest).limit(1).subquery()
    newer = (
        published.where(place > here, Post.published_at <= now()).order_by(*Post.oldest).limit(1).subquery()
    )
    found = db.session.execute(select(older).union_all(select(newer)))
    side = {(row.published_at, row.id) < here: row for row in found}
    return side.get(True), side.get(False)


@posts.app_errorhandler(NoRoute)
def no_route(error: NoRoute) -> Any:
    """An address that no page has may be one that a post once had."""
    return redirect_from_former_address() or show_http_error(error)


def redirect_from_former_address() -> Response | None:
    """To the post that this path once led to, for whoever may read it: the new address tells the new title."""
    found = select(Post.slug).join(FormerAddress, FormerAddress.post_id == Post.id)
    readable = Post.is_readable_by(current_user, now())
    path = request.path.rstrip("/")
    slug = db.session.scalar(found.where(FormerAddress.path == path, readable))
    return redirect(url_for("posts.show", slug=slug), 301) if slug else None


@posts.route("/posts/new", methods=["GET", "POST"])
@permitted("write posts")
@keeps_text
def new() -> Page:
    teams = teams_for(None)
    form = PostForm(
        data={"team_id": next((team.id for team in teams if team.slug == request.args.get("team")), None)}
    )
    form.offer(teams)
    if form.preview.data:
        return show_editor("posts/new.html", form)
    if form.validate_on_submit() and form.saves(lambda: create(form)):
        return redirect(form.location)
    return show_editor("posts/new.html", form)


def create(form: PostForm) -> str:
    post = Post.write(by=current_user._get_current_object(), at=now(), **form.values())
    post.share(form.team_id.data, by=current_user)
    db.session.flush()
    return told(post)


def teams_for(team_id: int | None) -> Any:
    """The teams that may be chosen for a post: the person's own, and the one that it has."""
    ids = Team.ids_of(current_user.id)
    return db.session.execute(Team.named().where(or_(Team.id == team_id, Team.id.in_(ids)))).all()


def told(post: Post) -> str:
    """Say how the post stands now, and where to go on: to the page of what is published, else back to the editor."""
    flash(standing(post), "success")
    if post.status == Status.DRAFT:
        return url_for("posts.edit", post_id=post.id)
    return url_for("posts.show", slug=post.slug)


def standing(post: Post) -> str:
    if post.is_out(now()):
        return "Saved: readers see it now."
    if post.status == Status.PUBLISHED and post.published_at:
        return f"Saved: it appears on {day_and_time(post.published_at)}."
    return f"Saved: it is {'archived' if post.status == Status.ARCHIVED else 'a draft'}."


def show_editor(template: str, form: PostForm, **context: Any) -> tuple[str, int]:
    if form.preview.data:
        context["preview_html"] = markup.render(form.content.data or "")
    return render_template(template, form=form, **context), form.status_code


@posts.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@permitted("edit post")
@keeps_text
def edit(post_id: int) -> Page:
    post = own(post_id)
    form = PostForm.of(post)
    form.offer(teams_for(post.team_id))
    if not form.preview.data and form.validate_on_submit() and form.saves(lambda: change(post_id, form)):
        return redirect(form.location)
    if form.status_code == 409 and form.problem:
        form.theirs = theirs(post_id)
    return show_editor("posts/edit.html", form, post=own(post_id))


def own(post_id: int, doing: str = "edit post", *, to_change: bool = False) -> Post:
    """The post, with author and tags, if the person may do this to it; else NotFound.

    To change it, it is read anew and held until the transaction ends, so that two who do so take turns.
    """
    found = Post.editable_by(current_user, doing).where(Post.id == post_id)
    if to_change:
        found = found.with_for_update(of=Post).execution_options(populate_existing=True)
    post = db.session.scalar(found.options(joinedload(Post.author), selectinload(Post.tags)))
    if post is None:
        raise NotFound
    return post


def change(post_id: int, form: PostForm) -> str:
    post = own(post_id, to_change=True)
    version, status = int(form.version.data or post.version), post.status
    if not may(current_user, "publish post", post):
        refuse_more_than_words(post, form)
    post.edit(at=now(), version=version, **form.values(kept=post.published_at))
    post.share(form.team_id.data, by=current_user)
    audit.record("edited" if post.status == status else BECAME[Status(post.status)], post)
    return told(post)


def refuse_more_than_words(post: Post, form: PostForm) -> None:
    """Whoever works on a draft that is shared with their team does not decide when, where and to whom it appears."""
    values = form.values(kept=post.published_at)
    wanted = (values["status"], values["published_at"], values["slug"] or post.slug, form.team_id.data)
    if wanted != (post.status, post.published_at, post.slug, post.team_id):
        raise Forbidden(
            "Only its author, or an editor, publishes this draft, moves it, or shares it with others."
        )


def theirs(post_id: int) -> Any:
    """What is stored now, for whoever was too late to save."""
    columns = (Post.title, Post.content, Post.updated_at, Post.version)
    return db.session.execute(select(*columns).where(Post.id == post_id)).first()


@posts.post("/posts/preview")
@permitted("write posts")
def preview() -> str:
    """The text as readers will see it: a piece of a page, for the editor's script."""
    return markup.render(request.form.get("content", ""))


@posts.route("/posts/<int:post_id>/delete", methods=["GET", "POST"])
@permitted("publish post")
def delete(post_id: int) -> Page:
    post = own(post_id, "publish post")
    if request.method == "POST":
        with transaction():
            own(post_id, "publish post", to_change=True).delete()
        flash(f"“{post.title}” is deleted.", "success")
        return redirect(url_for("posts.manage"))
    comment_count = db.session.scalar(select(func.count()).select_from(post.comments.select().subquery()))
    return render_template("posts/delete.html", post=post, comment_count=comment_count)


@posts.post("/posts/<int:post_id>/publish")
@permitted("publish post")
def publish(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.publish(now())
        audit.record("published", post)
    return back(post_id, standing(post))


@posts.post("/posts/<int:post_id>/unpublish")
@permitted("publish post")
def unpublish(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.unpublish()
        audit.record("unpublished", post)
    return back(post_id, "It is a draft again; readers no longer see it.")


@posts.post("/posts/<int:post_id>/archive")
@permitted("publish post")
def archive(post_id: int) -> Response:
    with transaction():
        post = own(post_id, "publish post", to_change=True)
        post.archive()
        audit.record("archived", post)
    return back(post_id, "Archived: out of the lists, but its address still answers.")


def back(post_id: int, message: str) -> Response:
    flash(message, "success")
    return redirect(url_for("posts.edit", post_id=post_id))
