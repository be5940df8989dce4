"""The links in letters about comments: say that one wants them, or that one does not."""

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select, update
from werkzeug.wrappers import Response

from blog import audit
from blog.access import public
from blog.accounts.models import User
from blog.comments import subscriptions
from blog.comments.digests import OF_ADDRESS, OF_PERSON
from blog.comments.subscriptions import Subscription
from blog.comments.views import comments
from blog.db import db, now, transaction
from blog.errors import NotFound
from blog.keys import number_of
from blog.one_click import ends_by_one_click
from blog.posts.models import Post


@comments.route("/comments/subscription/<subscription_key>", methods=["GET", "POST"])
@public
def subscription(subscription_key: str) -> str | Response:
    """To one post: confirm it, or end it."""
    if request.method != "POST":
        found = wanted(subscription_key)
        post = db.session.execute(select(Post.title, Post.slug).where(Post.id == found.post_id)).one()
        return render_template("comments/subscription.html", subscription=found, post=post)
    with transaction():
        found = wanted(subscription_key, to_change=True)
        found.end(now()) if request.form.get("act") == "end" else found.confirm(now())
        on = found.ended_at is None
    flash(
        "You are told by mail of further comments." if on else "You get no more mail about this post.",
        "success",
    )
    return redirect(url_for("comments.subscription", subscription_key=subscription_key))


def wanted(key: str, *, to_change: bool = False) -> Subscription:
    found = subscriptions.with_key(key, to_change=to_change)
    if found is None:
        raise NotFound
    return found


def whose(mail_key: str) -> str:
    """The address. NotFound for a key that is not ours, or of somebody who is gone."""
    person, number = number_of(OF_PERSON, mail_key), number_of(OF_ADDRESS, mail_key)
    of_person = select(User.email).where(User.id == person)
    found = db.session.scalar(
        of_person if person else select(Subscription.email).where(Subscription.id == number)
    )
    if found is None:
        raise NotFound
    return str(found)


def end_all(mail_key: str) -> None:
    person, email = number_of(OF_PERSON, mail_key), whose(mail_key)
    theirs = Subscription.user_id == person if person else Subscription.email == email
    ending = update(Subscription).where(theirs, Subscription.ended_at.is_(None)).values(ended_at=now())
    db.session.execute(ending, execution_options={"synchronize_session": False})
    if person:
        user = db.session.get_one(User, person, with_for_update=True)
        user.comment_mail = False
        audit.record("stopped mail about comments", user, by=user)


ends_by_one_click(comments, whose=whose, end_all=end_all)
