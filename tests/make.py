"""What tests start from: `make.post(alice, title="…")` writes one as the product does, and commits it."""

import itertools
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from sqlalchemy import select

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.credits.models import Transfer
from blog.credits.transferring import Terms
from blog.credits.transferring import transfer as give
from blog.db import db, now
from blog.media.models import Medium
from blog.notices.models import Kind, Notice
from blog.posts.journal import keep
from blog.posts.models import Post
from blog.posts.notes import Note
from blog.posts.paragraphs import paragraphs
from blog.posts.secret_links import SecretLink
from blog.posts.series import Wanted
from blog.posts.typed import Change, units_of
from blog.projects.models import Project
from blog.tags.models import Tag
from blog.tasks.calendar_links import CalendarLink
from blog.tasks.comments import TaskComment
from blog.tasks.models import Task
from blog.tasks.saved import SavedFilter
from blog.tasks.templates import TaskTemplate, lines_in
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
    written = {
        "title": f"Post {number}",
        "content": f"Words of post {number}.",
        "status": "published",
        **fields,
    }
    if written["status"] == "archived":  # after readers had seen it
        written.setdefault("published_at", at or now())
    team_id = team.id if team else None
    made = Post.write(by=author or user(), at=at or now(), **written)
    made.team_id = team_id
    db.session.commit()
    return made


def medium(by: User | None = None, **fields: Any) -> Medium:
    """A picture that somebody sent, as it is entered; its file is not there."""
    number = next(numbers)
    values = {
        "type": "png",
        "name": f"Picture {number}.png",
        "size": 100,
        "width": 64,
        "height": 48,
        **fields,
    }
    made = Medium(author_id=by and by.id, key=f"{number:032x}", sent_hash=f"{number:064x}", **values)
    db.session.add(made)
    db.session.commit()
    return made


def revision(of: Post, by: User | None = None, *, at: datetime | None = None, **changes: Any) -> Post:
    """The post as somebody saved it anew, with these changes."""
    found = Post.whole(select(Post).where(Post.id == of.id))
    saved = db.session.scalars(found.execution_options(populate_existing=True)).one()
    names = ("title", "content", "excerpt", "status", "published_at", "version", "slug")
    values = {**{name: getattr(saved, name) for name in names}, "tags": [tag.name for tag in saved.tags]}
    saved.edit(by=by or saved.author, at=at or now(), **{**values, **changes})
    db.session.commit()
    return saved


def team(lead: User | None = None, *members: User, **fields: Any) -> Team:
    """A team of which `lead` is the lead."""
    made = Team.found(by=lead, **{"name": f"Team {next(numbers)}", **fields})
    for member in members:
        made.join(member)
    db.session.commit()
    return made


def project(owner: User | None = None, *members: User, **fields: Any) -> Project:
    """A project that `owner` began."""
    fields = {"name": f"Project {next(numbers)}", **fields}
    made = Project.begin(by=owner or user(), members=members, **fields)
    db.session.commit()
    return made


def task(by: User | None = None, *, at: datetime | None = None, **fields: Any) -> Task:
    """A task as the product makes it; `to=[bob]` is who does it, `project` and `post` what it is in and about."""
    for name in ("project", "post"):
        if thing := fields.pop(name, None):
            fields[f"{name}_id"] = thing.id
    values = {"title": f"Task {next(numbers)}", "assignees": fields.pop("to", []), **fields}
    made = Task.make(by=by or user(), at=at or now(), **values)
    db.session.commit()
    return whole_task(made.id)


def saved_filter(by: User, name: str = "", **asked: str) -> SavedFilter:
    """What somebody saved of the list of tasks: by default, what is pending."""
    made = SavedFilter.keep(name or f"Filter {next(numbers)}", asked or {"status": "pending"}, by=by)
    db.session.commit()
    return made


def calendar_key(person: User) -> str:
    """The key of the address at which a calendar program reads their tasks."""
    key = str(CalendarLink.make(person, now()).key)
    db.session.commit()
    return key


def whole_task(task_id: int) -> Task:
    """As it is now, with all that belongs to it."""
    found = Task.whole(select(Task).where(Task.id == task_id)).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


def template(tasks: str = "Draft, -7\nPublish, published", name: str = "") -> TaskTemplate:
    """A template of tasks, as it is typed."""
    made = TaskTemplate.make(name or f"Template {next(numbers)}", lines_in(tasks))
    db.session.commit()
    return made


def said(about: Task, by: User, content: str = "Half of it is done.") -> TaskComment:
    """What somebody wrote about a task."""
    made = TaskComment.write(whole_task(about.id), content, by=by, at=now())
    db.session.commit()
    return made


def notice(to: User, about: Task | None = None, kind: Kind = Kind.ASSIGNED, **told: Any) -> Notice:
    """Something that somebody is told."""
    event, task_id = f"event {next(numbers)}", about.id if about else None
    values = {"title": about.title if about else "Facts", "at": now(), **told}
    Notice.tell(kind, select(User.id).where(User.id == to.id), event=event, task_id=task_id, **values)
    db.session.commit()
    return db.session.scalars(select(Notice).where(Notice.event == event)).one()


def tag(name: str = "") -> Tag:
    made = Tag.named([name or f"Tag {next(numbers)}"])[0]
    db.session.commit()
    return made


def journal(person: User, post: Post | None = None, text: str = "Typed.", **changed: Any) -> str:
    """What somebody typed and did not save: the tab in which they did."""
    name: str = changed.pop("tab", f"tab-{next(numbers):016}")
    units = units_of(text)
    about = {"number": 0, "whole": True, "base": post.version if post else None, "typed_at": next(numbers)}
    sums = {"length": len(units) // 2, "checksum": crc32(units)}
    sent = {**about, "fields": {}, "position": 0, "cut": 0, "put": text, **sums, **changed}
    keep([Change.read(sent)], person_id=person.id, post_id=post.id if post else None, tab=name, at=now())
    db.session.commit()
    return name


def secret_link(to: Post, name: str = "Gwen", *, at: datetime | None = None, days: int = 14) -> SecretLink:
    """A secret link with its `key`."""
    lasts, by = timedelta(days=days), db.session.get_one(User, to.author_id)
    made = SecretLink.make(to, name=name, by=by, at=at or now(), lasts=lasts)
    key = made.key
    db.session.commit()
    made.key = key
    return made


def note(on: Post, content: str = "Is that so?", *, place: int = 0, link: SecretLink | None = None) -> Note:
    """What a guest noted on the paragraph at this place."""
    through, about = link or secret_link(on), paragraphs(on.html)[place]
    made = Note.leave(through, about=about, name="Gwen", content=content, at=now())
    db.session.commit()
    return made


def guests_comment(on: Post | None = None, content: str = "Well said.", **fields: Any) -> Comment:
    made = Comment.write(post=on or post(), content=content, guest=("Zoë", None), at=now())
    for name, value in fields.items():
        setattr(made, name, value)
    db.session.commit()
    return made


def in_series(post: Post, name: str, place: int | None = None) -> Post:
    """The post as a part of a series; without a place, the last."""
    found = Post.whole(select(Post).where(Post.id == post.id)).execution_options(populate_existing=True)
    part = db.session.scalars(found).one()
    part.be_in(Wanted(name, place))
    db.session.commit()
    return part


def comment(on: Post | None = None, author: User | None = None, content: str = "Well said.") -> Comment:
    made = Comment.write(post=on or post(), by=author or user(role="reader"), content=content)
    db.session.commit()
    return made


def transfer(sender: User | None, receiver: User | None = None, amount: int = 10, **terms: Any) -> Transfer:
    """Credits given; without a sender they are granted."""
    made = give(sender, receiver or user(role="reader"), amount, Terms(**{"at": now(), **terms}))
    db.session.commit()
    return made
