"""Tasks: what is to be done, by whom and when, in a project or not, about a post or not."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Table,
    Text,
    and_,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload, validates

from blog.access import within
from blog.accounts.models import User
from blog.db import Model, db, utc_now
from blog.errors import Conflict
from blog.projects.models import Project
from blog.tags.models import Tag
from blog.tasks import states, telling
from blog.tasks.checklist import Step, TaskItem
from blog.tasks.history import TRASHED, TaskChange, TaskCompletion
from blog.tasks.placing import Placed, end_at, head_at
from blog.tasks.states import NEVER, OPEN, DueDate, Named, Priority, Ranked, Status, one_of
from blog.tasks.waiting import Waiting, task_waits
from blog.text import clean

LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 20_000
MOST_ASSIGNEES = 50

task_assignees = Table(
    "task_assignees",
    Model.metadata,
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
)
Index(None, task_assignees.c.user_id, task_assignees.c.task_id)

task_tags = Table(
    "task_tags",
    Model.metadata,
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True),
)
Index(None, task_tags.c.tag_id, task_tags.c.task_id)


class Task(Placed, Waiting, Model):
    """A task. What is in the trash keeps the status that it had."""

    __tablename__ = "tasks"
    __logged__ = ("title", "status", "priority", "due_date", "project_id", "post_id", "deleted_at")

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("posts.id", ondelete="SET NULL"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    status: Mapped[str] = mapped_column(Named(), default=Status.PENDING, server_default=Status.PENDING)
    status_before: Mapped[str | None] = mapped_column(String(11))  # its project was archived
    priority: Mapped[str] = mapped_column(Ranked(), default=Priority.MEDIUM, server_default="2")
    due_date: Mapped[date | None] = mapped_column(
        DueDate().evaluates_none(), server_default=str(NEVER), nullable=False
    )
    completed_at: Mapped[datetime | None] = mapped_column()
    completes_with_post: Mapped[bool] = mapped_column(default=False, server_default=false())
    deleted_at: Mapped[datetime | None] = mapped_column()
    deleted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(server_default=utc_now())
    updated_at: Mapped[datetime] = mapped_column(server_default=utc_now(), onupdate=utc_now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    # The long texts come last: SQLite reads a row from its beginning.
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    words: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)  # for searches

    project: Mapped[Project | None] = relationship(  # none while it is in the trash
        primaryjoin=and_(Project.id == project_id, Project.is_there()), viewonly=True, lazy="raise"
    )
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id], lazy="raise")
    assignees: Mapped[list[User]] = relationship(
        secondary=task_assignees, order_by=User.username_key, lazy="raise", passive_deletes=True
    )
    tags: Mapped[list[Tag]] = relationship(
        secondary=task_tags, order_by=Tag.name, lazy="raise", passive_deletes=True
    )
    items: Mapped[list[TaskItem]] = relationship(
        order_by=TaskItem.place, cascade="all, delete-orphan", lazy="raise", passive_deletes=True
    )

    waits_for: Mapped[list["Task"]] = relationship(
        secondary=task_waits,
        primaryjoin=id == task_waits.c.task_id,
        secondaryjoin=id == task_waits.c.waits_for_id,
        order_by=title,
        lazy="raise",
        passive_deletes=True,
    )

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        CheckConstraint(f"length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
        CheckConstraint(f"length(description) <= {LONGEST_DESCRIPTION}", name="description"),
        CheckConstraint("status IN ('pending', 'in_progress', 'completed', 'archived')", name="status"),
        CheckConstraint("status_before IN ('pending', 'in_progress')", name="status_before"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority"),
        CheckConstraint("status <> 'completed' OR completed_at IS NOT NULL", name="completed_at"),
        *(
            Index(None, *columns, **states.THERE)
            for columns in (
                ("due_date", priority.desc(), id.desc()),
                ("status", "due_date", priority.desc(), id.desc()),
                ("priority", "due_date", id.desc()),
                ("due_date", "id"),
                ("priority", "id"),
                ("status", "id"),
                ("status", "place", "id"),
                ("title", "id"),
                ("created_at", "id"),
                ("updated_at", "id"),
            )
        ),
        Index("ix_tasks_open", "due_date", priority.desc(), id.desc(), **states.OPEN_THERE),
        Index(None, "project_id", "due_date", priority.desc(), id.desc(), "deleted_at"),
        Index(None, "post_id", "due_date", priority.desc(), id.desc()),
        Index(None, "deleted_at", id, **states.IN_TRASH),
        Index(None, "deleted_by_id", **states.IN_TRASH),
    )

    @validates("title", "description")
    def _take_text(self, name: str, text: str) -> str:
        return clean(text, field=name)

    # Questions

    next_due = (due_date.asc(), priority.desc(), id.desc())

    @classmethod
    def is_there(cls) -> ColumnElement[bool]:
        """Not in the trash."""
        return cls.deleted_at.is_(None)

    @classmethod
    def is_own(cls, user_id: int) -> ColumnElement[bool]:
        """Whether they made it, or are to do it."""
        assigned = select(task_assignees.c.task_id).where(task_assignees.c.user_id == user_id)
        return or_(cls.made_by_id == user_id, cls.id.in_(assigned))

    @classmethod
    def is_of_project_of(cls, user_id: int) -> ColumnElement[bool]:
        return cls.project_id.in_(Project.ids_of(user_id))

    @classmethod
    def is_open_to(cls, person: Any) -> ColumnElement[bool]:
        """Whether they see it and change it, in the trash or not."""
        return within(person, "work on tasks", own=cls.is_own, member=cls.is_of_project_of)

    @classmethod
    def is_worked_on_by(cls, person: Any) -> ColumnElement[bool]:
        return and_(cls.is_there(), cls.is_open_to(person))

    @classmethod
    def is_in_trash_of(cls, person: Any) -> ColumnElement[bool]:
        return and_(cls.deleted_at.is_not(None), cls.is_open_to(person))

    @classmethod
    def is_purged_by(cls, person: Any) -> ColumnElement[bool]:
        """Whether they may delete it for good: not whoever is only to do it, nor all who work on its project."""
        return within(person, "purge tasks", own=cls.is_made_by)

    @classmethod
    def is_made_by(cls, user_id: int) -> ColumnElement[bool]:
        """Or is in a project of theirs."""
        owned = select(Project.id).where(Project.is_there(), Project.is_own(user_id))
        return or_(cls.made_by_id == user_id, cls.project_id.in_(owned))

    @classmethod
    def is_overdue(cls, today: date) -> ColumnElement[bool]:
        return and_(cls.due_date < today, cls.is_open())

    @classmethod
    def is_open(cls) -> ColumnElement[bool]:
        return one_of(cls.status, OPEN)

    @classmethod
    def whole(cls, found: Select["Task"]) -> Select["Task"]:
        """With all that a page tells of it, and the verbs ask of it. Five queries."""
        beside = (joinedload(cls.project), joinedload(cls.made_by))
        lists = (selectinload(cls.assignees), selectinload(cls.tags), selectinload(cls.items))
        others = selectinload(cls.waits_for).load_only(cls.id, cls.title)
        return found.options(*beside, *lists, others)

    def is_late(self, today: date) -> bool:
        return self.status in OPEN and self.due_date is not None and self.due_date < today

    # Verbs

    @classmethod
    def make(cls, *, by: User, at: datetime, status: str = Status.PENDING, **fields: Any) -> "Task":
        """A new task, written but not committed: `title`, and what else there is to say of it, as in `edit`."""
        with db.session.no_autoflush:
            made: dict[str, Any] = {"made_by_id": by.id, "created_at": at, "updated_at": at, "due_date": None}
            task = cls(**made, place=end_at(at), status=Status.PENDING, assignees=[], tags=[], items=[])
            task.waits_for = []
            task._take(fields, by, at)
        db.session.add(task)
        db.session.flush()
        task.become(status, by=by, at=at)
        db.session.flush()
        telling.assigned(task, (), by=by, at=at)
        telling.described(task, "", by=by, at=at)
        return task

    def edit(
        self, *, by: User, at: datetime, version: int | None = None, why: str = "", **fields: Any
    ) -> None:
        """Take new values of whatever `fields` name: columns, `assignees` (people), `tags` (names), `steps`. What is
        told in the history is told with the reason. Conflict if `version` is not the present one.
        """
        self.refuse_deleted()
        if version not in {None, self.version}:
            raise Conflict("Somebody else saved this task while you were working on it.", field="version")
        before, doers, described = self._told(), [one.id for one in self.assignees], self.description
        with db.session.no_autoflush:  # it is written once, and so has one version more
            self._take(fields, by, at)
            after = self._told()
            for what in (what for what in before if before[what] != after[what]):
                known = [
                    Project.name_of(told[what]) if what == "project" else told[what]
                    for told in (before, after)
                ]
                TaskChange.note(self.id, what, *known, by=by, at=at, why=why)
            self._become(fields.get("status", self.status), by, at, why, bool(fields.get("although")))
            self.updated_at = at  # also where only people or tags are new, so that the version moves
        telling.assigned(self, doers, by=by, at=at)
        telling.described(self, described, by=by, at=at)
        self._let_go(by, at)

    def become(self, status: str, *, by: User, at: datetime, why: str = "", although: bool = False) -> None:
        """Take a status; each time that it is completed is noted. Conflict for completing what is held up, but `although`
        it is.
        """
        self.refuse_deleted()
        self._become(status, by, at, why, although)
        self._let_go(by, at)

    def _become(self, status: str, by: User, at: datetime, why: str, although: bool) -> None:
        if status == self.status:
            return
        if status == Status.COMPLETED and not although:
            self.refuse_held_up()
        TaskChange.note(self.id, "status", self.status, status, by=by, at=at, why=why)
        self.status, self.status_before, self.place = status, None, head_at(at)
        if status == Status.COMPLETED:
            self.completed_at = at
            took = max(0, int((at - self.created_at).total_seconds()))
            db.session.add(TaskCompletion(task_id=self.id, by_id=by.id, at=at, seconds=took))
        elif status in OPEN:
            self.completed_at = None

    def _let_go(self, by: User, at: datetime) -> None:
        """Tell those whose tasks waited for it, if it has just been completed."""
        if self.status == Status.COMPLETED and self.completed_at == at:
            self.tell_freed([self.id], by=by, at=at)

    def tick(self, item: TaskItem, done: bool, *, by: User, at: datetime) -> None:
        """A line of its checklist is done, or is not."""
        self.refuse_deleted()
        if done != item.done:
            item.done_at, item.done_by_id = (at, by.id) if done else (None, None)
            self.updated_at = at

    def trash(self, *, by: User, at: datetime) -> None:
        """Out of every list, until it is restored or its time is over."""
        if self.deleted_at is None:
            self.deleted_at, self.deleted_by_id = at, by.id
            TaskChange.note(self.id, "trash", *TRASHED, by=by, at=at, why="")

    def restore(self, *, by: User, at: datetime) -> None:
        """As it was."""
        if self.deleted_at is not None:
            self.deleted_at = self.deleted_by_id = None
            TaskChange.note(self.id, "trash", *reversed(TRASHED), by=by, at=at, why="")

    def refuse_deleted(self) -> None:
        if self.deleted_at is not None:
            raise Conflict("This task is in the trash; restore it first.")

    def _take(self, fields: Mapping[str, Any], by: User, at: datetime) -> None:
        for name in COLUMNS & fields.keys():
            setattr(self, name, fields[name])
        if "assignees" in fields:
            self.assignees = list(fields["assignees"])
        if "tags" in fields:
            self.tags = Tag.named(list(fields["tags"]))
        if "steps" in fields:
            self._list(fields["steps"], by, at)
        if "waits_for" in fields:
            self._wait_for(list(fields["waits_for"]))
        self.words = searched(self.title, self.description or "")

    def _wait_for(self, others: list["Task"]) -> None:
        ids = {other.id for other in others}
        if ids - {other.id for other in self.waits_for}:
            self.refuse_circle(ids)
        self.waits_for = others

    def _list(self, steps: Iterable[Step], by: User, at: datetime) -> None:
        """The checklist is this. Of what was ticked before, it stays known when and by whom."""
        ticked = {item.text: (item.done_at, item.done_by_id) for item in self.items if item.done}
        when = {step.text: ticked.get(step.text, (at, by.id)) for step in steps if step.done}
        self.items = [
            TaskItem(place=place, text=step.text, done_at=done_at, done_by_id=done_by_id)
            for place, step in enumerate(steps)
            for done_at, done_by_id in [when[step.text] if step.done else (None, None)]
        ]

    def _told(self) -> dict[str, Any]:
        """What the history tells changes of, beside the status."""
        people = ", ".join(sorted(person.username for person in self.assignees))
        project, others = (
            self.project_id,
            ", ".join(f"#{other}" for other in sorted(one.id for one in self.waits_for)),
        )
        told = {"title": self.title, "due date": self.due_date, "people": people, "priority": self.priority}
        return {**told, "project": project, "waits for": others}

    def __repr__(self) -> str:
        return f"<Task {self.id}>"


COLUMNS = {"title", "description", "priority", "due_date", "project_id", "post_id", "completes_with_post"}


def searched(title: str, description: str) -> str:
    """Both texts in small letters, as searches are: SQLite knows only the small letters of ASCII."""
    return f"{title}\n{description}".casefold()
