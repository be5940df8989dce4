"""Every route of the site, with an address for each."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from blog.access import Role
from blog.accounts.invitations import Invitation
from blog.accounts.keys import new_key
from blog.accounts.models import User
from blog.accounts.passkeys import Passkey
from blog.accounts.setup import setup_key
from blog.accounts.sign_ins import SignIn
from blog.accounts.tickets import Ticket
from blog.accounts.tokens import ApiToken, Scope
from blog.assets import style
from blog.comments.digests import OF_PERSON
from blog.comments.subscriptions import LINKS, Subscription
from blog.comments.undoing import Act as Moderation
from blog.comments.undoing import CommentUndo
from blog.comments.views import OWN
from blog.db import db, now
from blog.jobs import Job
from blog.keys import key_of
from blog.notices.ending import NOTICES
from blog.posts.models import Post
from blog.posts.undoing import Act, Undo
from blog.tasks.checklist import Step
from blog.tasks.undoing import Act as TaskAct
from blog.tasks.undoing import TaskUndo
from tests import make


class Route(NamedTuple):
    """`endpoint` takes `method` at `address`."""

    endpoint: str
    method: str
    address: str


FIXED = {
    "filename": "favicon.svg",
    "kind": "atom",
    "part": "lead",
    "picture": "0" * 40,
    "size": 96,
    "table": "days",
}


def samples(by: User) -> dict[str, Any]:
    """What stands for each argument that a route may have: things that are there, and are `by` somebody."""
    post, at = make.post(by, tags=["One"], shows_corrections=True), now()
    make.revision(post, title="Corrected")
    comment = make.comment(post, by)
    keys = {
        purpose: Ticket.issue(by.id, purpose, "new@example.com", now()) for purpose in ("email", "password")
    }
    passkey = Passkey(user_id=by.id, name="Key", credential_id=new_key().encode(), public_key=b"key")
    job = Job(name="tickets.forget")
    token = ApiToken.issue(to=by, name="For tests", scope=Scope.READ, at=now())
    SignIn.begin(by.id, at=now(), remembered=False, method="password")
    team = make.team(by, slug=post.slug)
    invitation, key = Invitation.invite(by=make.user(role="admin"), role=Role.READER, at=now())
    db.session.add_all([passkey, job])
    undo = Undo(key=new_key(), by_id=by.id, act=Act.DELETE, created_at=at)
    db.session.add(undo)
    db.session.commit()
    return {
        **FIXED,
        "comment_id": comment.id,
        **for_comments(by, post.id),
        "invitation": key,
        "invitation_id": invitation.id,
        "job_id": job.id,
        "month": at.month,
        "number": 1,
        "passkey_id": passkey.id,
        "post_id": post.id,
        "sign_in_id": db.session.scalars(SignIn.of(by.id, now()).limit(1)).one().id,
        "slug": post.slug,
        "tab": make.journal(by, post),
        "team_id": team.id,
        "token_id": token.id,
        "undo_key": undo.key,
        "username": by.username,
        "user_id": by.id,
        "version": style()[1],
        "year": at.year,
        # What one endpoint takes for an argument that others have too.
        "accounts.confirm_email": {"key": keys["email"]},
        "accounts.reset": {"key": keys["password"]},
        "feeds.of_tag": {"slug": "one"},
        "lists.tag": {"slug": "one"},
        **shared(post, by),
        **to_do(by),
        **in_trash(by),
    }


def to_do(by: User) -> dict[str, Any]:
    """A project, and in it a task with a checklist."""
    project = make.project(by)
    task = make.task(by, project=project, steps=[Step("First")])
    undo = TaskUndo(key=new_key(), by_id=by.id, act=TaskAct.DELETE, created_at=now())
    db.session.add(undo)
    db.session.commit()
    ids = {"project_id": project.id, "task_id": task.id, "item_id": task.items[0].id, "tag_id": make.tag().id}
    undoing = {"undo_key": undo.key}
    ids["template_id"] = make.template().id
    ids |= {"said_id": make.said(task, by).id, "notice_id": make.notice(by, task).id}
    ids["filter_id"] = make.saved_filter(by).id
    return {**ids, "feed_key": make.calendar_key(by), "api_tasks.undo_tasks": undoing, "tasks.undo": undoing}


def in_series(post: Post) -> dict[str, Any]:
    """The series that it is put in."""
    make.in_series(post, f"Series {post.id}")
    endpoints = ("lists.series", "lists.order_of_series")
    return {endpoint: {"slug": f"series-{post.id}"} for endpoint in endpoints}


def shared(post: Post, by: User) -> dict[str, Any]:
    """A secret link to it, a note that came through it, a picture, and credits."""
    link = make.secret_link(post)
    note = make.note(post, link=link)
    sent = {**in_series(post), "file": "0" * 32 + ".png", "medium_id": make.medium(by).id}
    sent["transfer_id"] = make.transfer(None, by).id
    return {**sent, "link_id": link.id, "note_id": note.id, "posts.shared": {"key": link.key}}


def for_comments(by: User, post_id: int) -> dict[str, Any]:
    """What the links in letters open, and what undoes work on many comments."""
    subscription = Subscription(post_id=post_id, user_id=by.id, confirmed_at=now())
    undo = CommentUndo(key=new_key(), by_id=by.id, act=Moderation.SPAM, created_at=now())
    db.session.add_all([subscription, undo])
    db.session.commit()
    return {
        "comment_key": key_of(OWN, make.guests_comment(db.session.get_one(Post, post_id)).id),
        "comments.undo": {"undo_key": undo.key},
        "mail_key": key_of(OF_PERSON, by.id),
        **{f"notices.{name}": {"mail_key": key_of(NOTICES, by.id)} for name in ENDING},
        "subscription_key": key_of(LINKS, subscription.id),
    }


def in_trash(by: User) -> dict[str, dict[str, int]]:
    """A post, a comment, a picture, a project and a task that they deleted, for what is done there."""
    post = make.post(by)
    comment = make.comment(make.post(by), by)
    medium, project, task = make.medium(by), make.project(by), make.task(by)
    for thing in (post, comment, medium, project, task):
        thing.trash(by=by, at=now())
    db.session.commit()
    posts = ("api_posts.restore_post", "posts.restore", "posts.purge")
    comments = ("api_comments.restore_comment", "comments.restore", "comments.purge")
    media = ("api_media.restore_medium", "media.restore", "media.purge_one")
    projects = ("api_projects.restore_project", "projects.restore", "projects.purge_one")
    return {
        **{endpoint: {"post_id": post.id} for endpoint in posts},
        **{endpoint: {"comment_id": comment.id} for endpoint in comments},
        **{endpoint: {"medium_id": medium.id} for endpoint in media},
        **{endpoint: {"project_id": project.id} for endpoint in projects},
        **{
            endpoint: {"task_id": task.id}
            for endpoint in ("tasks.restore", "tasks.purge_one", "api_tasks.restore_task")
        },
    }


ENDING = ("stop", "stop_mail", "stop_mail_at_once")  # letters
KEYS = (
    "accounts.confirm_email",
    "accounts.reset",
    "comments.own",
    "comments.stop",
    "comments.stop_mail_at_once",
    "comments.subscription",
    "notices.stop",
    "notices.stop_mail_at_once",
)  # whoever has the key is who may
QUERIES = {
    "accounts.setup": lambda: f"?key={setup_key()}",
    "posts.compare_revisions": lambda: "?from=1&to=2",
}


def routes(app: Flask, values: dict[str, Any], *methods: str) -> list[Route]:
    """Each route that takes one of `methods`, in the order of the addresses."""
    return sorted(found_routes(app, values, methods), key=lambda route: (route.address, route.method))


def found_routes(app: Flask, values: dict[str, Any], methods: tuple[str, ...]) -> Iterator[Route]:
    addresses = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        address = addresses.build(rule.endpoint, arguments_for(rule, values), append_unknown=False)
        query = QUERIES.get(rule.endpoint, str)()
        for method in sorted((rule.methods or set()).intersection(methods)):
            yield Route(rule.endpoint, method, address + query)


def arguments_for(rule: Rule, values: dict[str, Any]) -> dict[str, Any]:
    known = values | values.get(rule.endpoint, {})
    missing = rule.arguments - set(known)
    assert not missing, f"tests/routes.py needs a value for {missing} of {rule.rule}"
    return {name: known[name] for name in rule.arguments}
