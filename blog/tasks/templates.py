"""Templates of tasks: what is usually to be done for an article, and how many days before or after it is published."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    false,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload, validates

from blog.db import Model, db, the_one, utc_now
from blog.errors import Conflict, Invalid
from blog.posts.models import Post
from blog.tasks.models import LONGEST_TITLE, Task
from blog.tasks.states import Priority, Ranked
from blog.text import clean

LONGEST_NAME = 80
MOST_LINES = 50
MOST_DAYS = 730
PARTS = "title, days, priority, published"


class Line(NamedTuple):
    """A task of a template, as somebody wants it: due so many days after the publication, a minus is before."""

    title: str
    days: int | None = None
    priority: str = Priority.MEDIUM
    completes_with_post: bool = False


class TemplateTask(Model):
    """A task of a template."""

    __tablename__ = "template_tasks"

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("task_templates.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    days: Mapped[int | None] = mapped_column()
    priority: Mapped[str] = mapped_column(Ranked(), default=Priority.MEDIUM, server_default="2")
    completes_with_post: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        CheckConstraint(f"length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        Index(None, "template_id", "place"),
    )


class TaskTemplate(Model):
    """Several tasks that a post gets together."""

    __tablename__ = "task_templates"
    __logged__ = ("name",)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    lines: Mapped[list[TemplateTask]] = relationship(
        order_by=TemplateTask.place, cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        UniqueConstraint(
            "name", info={"field": "name", "message": "There is a template of this name already."}
        ),
        CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
    )

    @validates("name")
    def _take_name(self, key: str, name: str) -> str:
        return clean(name, field=key)

    # Questions

    @classmethod
    def whole(cls) -> Select["TaskTemplate"]:
        """All of them with their tasks, by name. Two queries."""
        return select(cls).options(selectinload(cls.lines)).order_by(func.lower(cls.name), cls.id)

    def missing_for(self, post: Post) -> list[TemplateTask]:
        """Its tasks that the post has not yet, by their titles. One query."""
        there = set(db.session.scalars(select(Task.title).where(Task.post_id == post.id, Task.is_there())))
        return [line for line in self.lines if line.title not in there]

    # Verbs

    @classmethod
    def make(cls, name: str, lines: Iterable[Line]) -> "TaskTemplate":
        """A new one, written but not committed."""
        template = cls(name=name, lines=[])
        template._list(lines)
        db.session.add(template)
        db.session.flush()
        return template

    def edit(self, name: str, lines: Iterable[Line], *, version: int | None, at: datetime) -> None:
        """Take another name and other tasks. Conflict if `version` is not the present one."""
        if version not in {None, self.version}:
            raise Conflict("Somebody else saved this template while you were working on it.", field="version")
        self.name, self.updated_at = name, at
        self._list(lines)

    def _list(self, lines: Iterable[Line]) -> None:
        self.lines = [TemplateTask(place=place, **line._asdict()) for place, line in enumerate(lines)]


def find(template_id: int, *, to_change: bool = False) -> TaskTemplate:
    wanted = TaskTemplate.whole().where(TaskTemplate.id == template_id)
    return the_one(wanted, TaskTemplate, to_change=to_change)


def due_on(line: TemplateTask, published: date | None) -> date | None:
    """The day on which its task is due; none, where either is not set."""
    return None if line.days is None or published is None else published + timedelta(days=line.days)


# As they are typed: a task on each line, "Second reader, -3, high"; what is left out at the end is as usual.


def lines_in(text: str) -> list[Line]:
    """Invalid, with the number of the line, for what is none."""
    typed = [line.strip() for line in text.splitlines() if line.strip()]
    if not 0 < len(typed) <= MOST_LINES:
        raise Invalid(f"Write at least one line, and at most {MOST_LINES}.", "tasks")
    return [line_in(line, number) for number, line in enumerate(typed, start=1)]


def line_in(text: str, number: int) -> Line:
    parts = [part.strip() for part in text.split(",")]
    published = parts[-1].lower() == "published" and len(parts) > 1
    title, days, priority, *more = [*(parts[:-1] if published else parts), "", ""]
    if any(more) or not 0 < len(title) <= LONGEST_TITLE or (priority or "low").lower() not in set(Priority):
        raise Invalid(f"Line {number}: write it as {PARTS}. Only the title has to be there.", "tasks")
    return Line(title, days_in(days, number), priority.lower() or str(Priority.MEDIUM), published)


def days_in(text: str, number: int) -> int | None:
    digits = text.removeprefix("-").removeprefix("+")
    if text and not (digits.isascii() and digits.isdigit() and int(digits[:9]) <= MOST_DAYS):
        raise Invalid(
            f"Line {number}: say by how many days, at most {MOST_DAYS}, with a minus for before.", "tasks"
        )
    return int(text) if text else None


def typed(lines: Sequence[Any]) -> str:
    """As `lines_in` reads them."""
    return "\n".join(", ".join(parts_of(line)) for line in lines)


def parts_of(line: Any) -> list[str]:
    parts = [line.title, "" if line.days is None else str(line.days), line.priority]
    while not parts[-1] or (len(parts) == 3 and parts[-1] == Priority.MEDIUM):
        parts.pop()
    return [*parts, *(["published"] if line.completes_with_post else [])]
