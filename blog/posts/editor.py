"""The editor: writing a post, changing it, and looking at it before it is saved."""

from typing import Any
from zlib import crc32

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import or_
from werkzeug.wrappers import Response

from blog import markup
from blog.access import permitted
from blog.db import db, now, the_one
from blog.media.shown import pictures_in
from blog.posts.authorship import usernames_in
from blog.posts.before import second_reading
from blog.posts.differences import difference
from blog.posts.forms import PostForm
from blog.posts.models import LONGEST_CONTENT, Post
from blog.posts.publishing import Status
from blog.posts.recovery import beside, fold_away
from blog.posts.saving import Beside, save, write
from blog.posts.stale import catch_up, is_undecided, shown_by, told_value
from blog.posts.typed import units_of
from blog.posts.views import posts
from blog.security import keeps_text
from blog.settings import day_and_time
from blog.teams.models import Team

Page = str | tuple[str, int] | Response


@posts.route("/posts/new", methods=["GET", "POST"])
@permitted("write posts")
@keeps_text
def new() -> Page:
    teams = teams_for(None)
    team_id = next((team.id for team in teams if team.slug == request.args.get("team")), None)
    form = PostForm(data={"team_id": team_id, "authors": current_user.username})
    form.offer(teams)
    if form.preview.data:
        return show_editor("posts/new.html", form)
    if form.validate_on_submit() and form.saves(lambda: create(form)):
        return redirect(form.location)
    return show_editor("posts/new.html", form)


def create(form: PostForm) -> str:
    by = current_user._get_current_object()
    post = write(form.values(), form.team_id.data, by=by, at=now(), beside=beside_text(form))
    db.session.flush()
    fold_away(form)
    return told(post)


def beside_text(form: PostForm) -> Beside:
    return Beside(usernames_in(form.authors.data), form.wanted_series, form.tongue)


def teams_for(team_id: int | None) -> Any:
    """The teams that may be chosen for a post: the person's own, and the one that it has."""
    ids = Team.ids_of(current_user.id)
    return db.session.execute(Team.named().where(or_(Team.id == team_id, Team.id.in_(ids)))).all()


def told(post: Post) -> str:
    """Say how the post stands now, and where to go on: to the page of what is published, else back to the editor."""
    flash(standing(post), "success")
    if post.status == Status.DRAFT or post.change:
        return url_for("posts.edit", post_id=post.id)
    return url_for("posts.show", slug=post.slug)


def standing(post: Post) -> str:
    if post.change and post.change.publish_at:
        return f"Kept: readers see this change from {day_and_time(post.change.publish_at)} on."
    if post.change:
        return "Kept: readers see this change once it is published."
    if post.is_out(now()):
        return "Saved: readers see it now."
    if post.status == Status.PUBLISHED and post.published_at:
        return f"Saved: it appears on {day_and_time(post.published_at)}."
    return f"Saved: it is {'archived' if post.status == Status.ARCHIVED else 'a draft'}."


def show_editor(template: str, form: PostForm, **context: Any) -> tuple[str, int]:
    if form.preview.data:
        context["preview_html"] = previewed(form.content.data or "")
        context |= second_reading(form, context["post"].id if context.get("post") else None)
    context |= beside(form, context.get("post"))
    return render_template(template, form=form, **context), form.status_code


@posts.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@permitted("edit post")
@keeps_text
def edit(post_id: int) -> Page:
    post = own(post_id)
    form = PostForm.of(post)
    form.offer(teams_for(post.team_id))
    if not form.is_submitted():
        form.shown.data = shown_by(form)
    if is_undecided(form, post_id, request.form, current_user.id):
        return ask_the_late(form, post)
    if not form.preview.data and form.validate_on_submit() and form.saves(lambda: change(post_id, form)):
        return redirect(form.location)
    post = own(post_id)
    return ask_the_late(form, post) if form.late else show_editor("posts/edit.html", form, post=post)


def ask_the_late(form: PostForm, post: Post) -> tuple[str, int]:
    """Both texts side by side, where two changed the same."""
    shown = {"form": form, "post": post, "late": form.late, "compare": difference, "told": told_value}
    return render_template("posts/conflict.html", **shown), form.status_code


def own(post_id: int, doing: str = "edit post", *, to_change: bool = False) -> Post:
    """The post, with author, tags and a change that waits, if the person may do this to it; else NotFound.

    To change it, it is read anew and held until the transaction ends, so that two who do so take turns.
    """
    found = Post.editable_by(current_user, doing).where(Post.id == post_id)
    return the_one(Post.whole(found), Post, to_change=to_change)


def change(post_id: int, form: PostForm) -> str:
    post = own(post_id, to_change=True)
    came = catch_up(form, post, current_user.id)
    by, version = current_user._get_current_object(), int(form.version.data or post.version)
    values = form.values(kept=post.published_at) | form.waiting()
    save(post, values, form.team_id.data, by=by, at=now(), version=version, beside=beside_text(form))
    if came:
        flash(came, "success")
    fold_away(form)
    return told(post)


@posts.post("/posts/difference")
@permitted("write posts")
def tell_difference() -> str:
    """How one text became another, of which the browser alone has at least one: a piece of a page for its script."""
    before, after = (request.form.get(name, "")[:LONGEST_CONTENT] for name in ("before", "after"))
    place = f"typed-{crc32(units_of(after))}-"  # no two differences on a page have the same anchors
    return render_template("posts/_difference.html", difference=difference(before, after), place=place)


def previewed(content: str) -> str:
    return markup.render(content, pictures=pictures_in(content))
