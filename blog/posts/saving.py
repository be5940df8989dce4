"""Saving a post, by whichever door: who decides what about it, and what the log calls it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from blog import audit
from blog.access import may
from blog.accounts.models import User
from blog.db import db
from blog.errors import Forbidden
from blog.posts.authorship import authors_called, refuse_taking_away
from blog.posts.models import Post
from blog.posts.publishing import Status
from blog.posts.series import Wanted
from blog.posts.translations import Tongue

# What the log calls it when a post is saved in another state than it was in.
BECAME = {Status.DRAFT: "unpublished", Status.PUBLISHED: "published", Status.ARCHIVED: "archived"}


class Beside(NamedTuple):
    """What is said of a post besides its own values. What is not said stays."""

    authors: Iterable[str] = ()
    series: Wanted | None = None
    tongue: Tongue | None = None


def save(
    post: Post,
    values: Mapping[str, Any],
    team_id: int | None,
    *,
    by: User,
    at: datetime,
    version: int,
    beside: Beside = Beside(),  # noqa: B008 - it is never changed
) -> None:
    """Take these values, as Post.edit does, if this person may; `post` is locked."""
    status, (authors, series, tongue) = post.status, beside
    with db.session.no_autoflush:
        people = authors_called(authors, post.authors)
    if not may(by, "publish post", post):
        refuse_more_than_words(post, values, team_id, people, series or post.wanted_series, tongue)
    refuse_taking_away(by, post.authors, people)
    post.edit(by=by, at=at, version=version, **values)
    post.share(team_id, by=by)
    if series is not None:
        post.be_in(series)
    if tongue is not None:
        post.be_in_tongue(tongue, by=by, at=at)
    post.be_by(people)
    audit.record("edited" if post.status == status else BECAME[Status(post.status)], post)


def state_of(post: Post) -> tuple[Any, ...]:
    return (post.status, post.published_at, post.slug, post.team_id)


def refuse_more_than_words(
    post: Post,
    values: Mapping[str, Any],
    team_id: int | None,
    authors: Sequence[User],
    series: Wanted,
    tongue: Tongue | None,
) -> None:
    """Whoever works on a draft that is shared with their team does not decide when, where and to whom it appears."""
    wanted = (values["status"], values["published_at"], values["slug"] or post.slug, team_id)
    beside = (list(authors), series, values.get("kind", post.kind), values.get("menu_place", post.menu_place))
    present = (post.authors, post.wanted_series, post.kind, post.menu_place)
    is_elsewhere = tongue is not None and tongue != post.tongue
    if is_elsewhere or (*wanted, *beside) != (*state_of(post), *present):
        raise Forbidden(
            "Only its author, or an editor, publishes this draft, moves it, or shares it with others."
        )


def write(
    values: Mapping[str, Any],
    team_id: int | None,
    *,
    by: User,
    at: datetime,
    beside: Beside = Beside(),  # noqa: B008 - it is never changed
) -> Post:
    """A new post of these authors, shared with a team or none, as Post.write has it: without authors, of whoever writes
    it.
    """
    people = authors_called(beside.authors, [by])
    refuse_taking_away(by, [by], people)
    post = Post.write(by=by, at=at, **values)
    post.share(team_id, by=by)
    db.session.flush()
    if people[0] == by:  # it is still the first version
        post.name_after_first(people)
    post.be_by(people)
    if beside.series is not None:
        post.be_in(beside.series)
    if beside.tongue is not None:
        post.be_in_tongue(beside.tongue, by=by, at=at)
    return post
