"""What the page of a post shows of its comments: threads two deep, and who may write there."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_login import current_user

from blog.access import NOBODY, may
from blog.comments.forms import CommentForm
from blog.comments.models import EDITED_FOR, Comment, Status
from blog.db import Rows, db, now
from blog.prepared import ID, prepared
from blog.settings import language, moment_in_words, site, time_zone


@dataclass
class Thread:
    """A comment as the page shows it, with the answers to it."""

    comment: Any
    when: str
    may_delete: bool
    may_edit: bool
    answers: list["Thread"] = field(default_factory=list)

    def __hash__(self) -> int:
        """Of all that is shown, once it is whole."""
        return hash((self.comment, self.when, self.may_delete, self.may_edit, *self.answers))


@dataclass(frozen=True)
class Comments:
    """All under a post: how many everybody sees, and how one more can be written."""

    threads: list[Thread]
    number: int
    form: CommentForm | None  # of whoever is signed in
    open_to_guests: bool  # who get theirs when they want to write
    closed: bool


def comments_under(post: Any, form: CommentForm | None = None) -> Comments:
    """What the page of a post shows of its comments. One query, whatever their number."""
    rows = thread_under(post.id)
    shown = sum(row.is_shown and row.status == Status.APPROVED for row in rows)
    return Comments(
        threads=threads_of(rows, post),
        number=shown,
        form=form or (CommentForm() if may_comment(post) else None),
        open_to_guests=is_open(post) and site().guests_comment and not current_user.is_authenticated,
        closed=not is_open(post),
    )


def thread_under(post_id: int) -> Any:
    """For people who are not signed in, the select is made once."""
    if current_user.is_authenticated:
        return db.session.execute(Comment.thread(post_id, current_user)).all()
    return thread_for_everybody(id=post_id).all()


@prepared
def thread_for_everybody() -> Rows:
    return Comment.thread(ID, NOBODY)


def threads_of(rows: Any, post: Any) -> list[Thread]:
    """Each is followed by its answers; one whose question is gone stands by itself."""
    person = current_user.id if current_user.is_authenticated else None
    every = may(current_user, "delete comment") or (person is not None and person == post.author_id)
    earliest, zone, words = now() - EDITED_FOR, ZoneInfo(time_zone()), language()
    threads: dict[int, Thread] = {}
    for row in rows:
        own = person is not None and row.author_id == person
        when = moment_in_words(row.created_at, zone, words)
        one = Thread(row, when, may_delete=every or own, may_edit=own and row.created_at > earliest)
        above = threads.get(row.parent_id) if row.parent_id else None
        if above:
            above.answers.append(one)
        else:
            threads[row.id] = one
    return list(threads.values())


def is_open(post: Any) -> bool:
    """Whether the settings let anybody write under this post still."""
    days, since = site().comment_days, post.published_at
    return site().comments_open and not (days and since and since + timedelta(days=days) <= now())


def may_comment(post: Any) -> bool:
    return is_open(post) and may(current_user, "comment")
