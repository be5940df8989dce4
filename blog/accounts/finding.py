"""Looking for people: what pages and API may ask of who is here."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true

from blog.access import may
from blog.accounts.models import User, key_of
from blog.db import Rows, now


def known_to(person: Any) -> ColumnElement[bool]:
    """Whom this person may know of: readers, whoever has published, and themselves; those who write, everybody who is
    here; those who manage people, also who was deactivated. Who is not signed in, whoever has published.
    """
    if may(person, "manage people"):
        return true()
    here = User.deactivated_at.is_(None)
    if not person.is_authenticated:
        return and_(here, has_published())
    if may(person, "see people"):
        return here
    return and_(here, or_(User.id == person.id, has_published()))


def has_published() -> ColumnElement[bool]:
    post = User.posts.property.mapper.class_
    found: ColumnElement[bool] = post.visible_by(User.id, now()).correlate(User).exists()
    return found


def narrowed(
    found: Rows,
    *,
    q: str = "",
    role: str | None = None,
    active: bool | None = None,
    joined_since: datetime | None = None,
    published: bool | None = None,
    team: str = "",
    emails: bool = False,
) -> Rows:
    """Those who fit: `q` is a part of their username, name or, with `emails`, e-mail address, `team` a slug."""
    if q:
        found = found.where(is_called(q, emails))
    if role:
        found = found.where(User.role == role)
    if active is not None:
        found = found.where(User.deactivated_at.is_(None) if active else User.deactivated_at.is_not(None))
    if joined_since:
        found = found.where(User.created_at >= joined_since)
    if published is not None:
        found = found.where(has_published() if published else ~has_published())
    if team:
        found = found.where(is_in_team(team))
    return found


def is_in_team(slug: str) -> ColumnElement[bool]:
    team = User.teams.property.mapper.class_
    return User.teams.any(team.slug == slug)


def is_called(part: str, emails: bool) -> ColumnElement[bool]:
    names = [User.username_key, User.email_key] if emails else [User.username_key]
    by_key = [name.contains(key_of(part), autoescape=True) for name in names]
    ways = {part.lower(), part.upper(), part.title()}  # SQLite's lower() knows only the letters of ASCII
    return or_(*by_key, *[User.display_name.icontains(way, autoescape=True) for way in sorted(ways)])
