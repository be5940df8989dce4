"""What tests start from: `make.post(alice, title="…")` writes one as the product does, and commits it."""

import itertools
from datetime import datetime
from typing import Any

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import db, now
from blog.posts.models import Post
from blog.tags.models import Tag
from blog.teams.models import Team

PASSWORD = "correct horse battery staple"
numbers = itertools.count(1)


def user(username: str = "", *, role: str = "author", **fields: Any) -> User:
    """Somebody who signs in with PASSWORD."""
    name = username or f"writer{next(numbers)}"
    fields = {
        "email": f"{name}@example.com",
        "display_name": name.capitalize(),
        "password": PASSWORD,
        **fields,
    }
    made = User.join(username=name, role=role, **fields)
    db.session.commit()
    return made


def post(
    author: User | None = None, *, at: datetime | None = None, team: Team | None = None, **fields: Any
) -> Post:
    """A published post; `status="draft"` makes it a draft, `tags=["One", "Two"]` tags it, `team` has it."""
    number = next(numbers)
    team_id = team.id if team else None
    written = {
        "title": f"Post {number}",
        "content": f"Words of post {number}.",
        "status": "published",
        **fields,
    }
    made = Post.write(by=author or user(), at=at or now(), **written)
    made.team_id = team_id
    db.session.commit()
    return made


def team(lead: User | None = None, *members: User, **fields: Any) -> Team:
    """A team of which `lead` is the lead."""
    made = Team.found(by=lead, **{"name": f"Team {next(numbers)}", **fields})
    for member in members:
        made.join(member)
    db.session.commit()
    return made


def tag(name: str = "") -> Tag:
    made = Tag.named([name or f"Tag {next(numbers)}"])[0]
    db.session.commit()
    return made


def comment(on: Post | None = None, author: User | None = None, content: str = "Well said.") -> Comment:
    made = Comment.write(post=on or post(), by=author or user(role="reader"), content=content)
    db.session.commit()
    return made
