"""Whose posts are: one author or several, in an order. The first is also the post's `author`, kept the same by triggers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ForeignKey, Index, Integer, Select, Table, delete, insert, select
from sqlalchemy.orm.attributes import set_committed_value

from blog.access import may
from blog.accounts.models import User, key_of
from blog.db import Model, UtcDateTime, db, utc_now
from blog.errors import Conflict, Forbidden, Invalid

if TYPE_CHECKING:
    from sqlalchemy.orm import Mapped

MOST_AUTHORS = 20
TAKES_AWAY = "Only its first author, or an editor, takes authors away or changes who comes first."
GIVES_AWAY = "Only an editor gives a post of yours to somebody else: you stay one of its authors."

post_authors = Table(
    "post_authors",
    Model.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, nullable=False),  # 0 for the first
    # As post_tags.listed_at: so a page of an author is a range of one index.
    Column("listed_at", UtcDateTime()),
)
Index(None, post_authors.c.user_id, post_authors.c.listed_at.desc(), post_authors.c.post_id.desc())


def posts_of(user_id: Any) -> Select[int]:
    """The ids of all posts of which somebody is an author."""
    return select(post_authors.c.post_id).where(post_authors.c.user_id == user_id)


class Authored:
    """What Post knows of its authors; `authors` has to be loaded."""

    if TYPE_CHECKING:
        id: Mapped[int]
        author: Mapped[User]
        authors: Mapped[list[User]]
        updated_at: Mapped[datetime]

    newest_written = (post_authors.c.listed_at.desc(), post_authors.c.post_id.desc())

    @classmethod
    def visible_by(cls, user_id: Any, at: datetime) -> Select[int]:
        """What readers find of an author, found without looking at any post; its order is `newest_written`."""
        listed = (post_authors.c.user_id == user_id, post_authors.c.listed_at <= at)
        return select(post_authors.c.post_id.label("id")).where(*listed)

    @property
    def author_ids(self) -> list[int]:
        return [person.id for person in self.authors]

    def be_by(self, people: Sequence[User]) -> None:
        """These are its authors, in this order. What else was changed is written with it, as one version."""
        if [person.id for person in people] == self.author_ids:
            return
        self.author, self.updated_at = people[0], utc_now()
        db.session.flush()
        self.name_after_first(people)

    def name_after_first(self, people: Sequence[User]) -> None:
        """Whoever comes after the first author. The post is stored."""
        others = (post_authors.c.post_id == self.id, post_authors.c.position > 0)
        db.session.execute(delete(post_authors).where(*others))
        rows = [
            {"post_id": self.id, "user_id": person.id, "position": position}
            for position, person in enumerate(people)
            if position
        ]
        if rows:
            db.session.execute(insert(post_authors), rows)
        set_committed_value(self, "authors", list(people))


def next_author(post_id: Any, user_id: int) -> Any:
    """The id of the first author of a post who is not this person."""
    others = (post_authors.c.post_id == post_id, post_authors.c.user_id != user_id)
    found = select(post_authors.c.user_id).where(*others).order_by(post_authors.c.position)
    return found.limit(1).scalar_subquery()


def usernames_in(text: str | None) -> list[str]:
    return [name for part in (text or "").split(",") if (name := part.strip())]


def authors_called(names: Iterable[str], present: Sequence[User]) -> list[User]:
    """The people with these usernames, in this order; without any, those who are its authors. One query.

    Conflict, with the field, for whoever is not here, or is new to the post and may not write posts.
    """
    wanted = list(dict.fromkeys(key_of(name) for name in names))
    if wanted in ([], [person.username_key for person in present]):
        return list(present)
    if len(wanted) > MOST_AUTHORS:
        raise Invalid(f"At most {MOST_AUTHORS} authors.", "authors")
    people = db.session.scalars(select(User).where(User.username_key.in_(wanted)))
    found = {person.username_key: person for person in people}
    for key in wanted:
        person = found.get(key)
        if person is None or not (person in present or (person.is_active and may(person, "write posts"))):
            raise Conflict(f"“{key}” is nobody here who may write posts.", "authors")
    return [found[key] for key in wanted]


def refuse_taking_away(by: User, present: Sequence[User], wanted: Sequence[User]) -> None:
    """Whoever is an author adds others; the rest is for the first of them, and giving it away for editors alone."""
    if may(by, "publish post") or list(present) == list(wanted):
        return
    if by not in wanted:
        raise Forbidden(GIVES_AWAY)
    if present and by != present[0] and (wanted[0] != present[0] or set(present) - set(wanted)):
        raise Forbidden(TAKES_AWAY)
