"""What a guest noted on a draft becomes a task by one click, and the note shows its task."""

from typing import Any

from flask import redirect, url_for
from flask_login import current_user
from sqlalchemy import Column, ForeignKey, Table, delete, insert, select
from werkzeug.wrappers import Response

from blog import audit
from blog.access import permitted
from blog.db import Model, db, now, one_at_a_time, the_one, transaction
from blog.posts.notes import Note
from blog.tasks.about_posts import theirs
from blog.tasks.models import LONGEST_TITLE, Task
from blog.tasks.views import tasks

task_notes = Table(
    "task_notes",
    Model.metadata,
    Column("note_id", ForeignKey("notes.id", ondelete="CASCADE"), primary_key=True),
    Column("task_id", ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False, index=True),
)


def tasks_of_notes(post_id: int) -> dict[int, Any]:
    """For the notes on a post, by their ids: the `id`, `title` and `status` of the task that each became, as far as the
    person works on it. One query.
    """
    columns = (task_notes.c.note_id, Task.id, Task.title, Task.status)
    found = select(*columns).join(Task, Task.id == task_notes.c.task_id)
    mine = (Task.post_id == post_id, Task.is_worked_on_by(current_user))
    return {row.note_id: row for row in db.session.execute(found.where(*mine))}


@tasks.post("/posts/<int:post_id>/notes/<int:note_id>/task")
@permitted("edit post")
def make_of_note(post_id: int, note_id: int) -> Response:
    """Made once, whoever else asks at the same moment; the note shows it from then on."""
    with transaction():
        theirs(post_id)
        note = the_one(select(Note).where(Note.id == note_id, Note.post_id == post_id), Note)
        there_already(note) or made_of(note)
    return redirect(url_for("posts.edit", post_id=post_id, _anchor=f"note-{note_id}"))


def there_already(note: Note) -> int | None:
    """What is in the trash is none; its place is given up."""
    one_at_a_time(f"task of note {note.id}")
    there = select(Task.id).join(task_notes, task_notes.c.task_id == Task.id)
    found: int | None = db.session.scalar(there.where(task_notes.c.note_id == note.id, Task.is_there()))
    if found is None:
        db.session.execute(delete(task_notes).where(task_notes.c.note_id == note.id))
    return found


def made_of(note: Note) -> Task:
    """About its post, for whoever asked; the paragraph and the note are quoted in it."""
    person, title = current_user._get_current_object(), " ".join(note.content.split())
    text = (
        f"{quoted(note.quote)}\n\n{note.name}:\n\n{quoted(note.content)}"
        if note.quote
        else quoted(note.content)
    )
    about: dict[str, Any] = {"post_id": note.post_id, "description": text, "assignees": [person]}
    task = Task.make(by=person, at=now(), title=in_title(title), **about)
    db.session.execute(insert(task_notes).values(note_id=note.id, task_id=task.id))
    audit.record("made", task, after={"from": "a note"})
    return task


def in_title(line: str) -> str:
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1]}…"


def quoted(text: str) -> str:
    """As Markdown quotes it."""
    return "\n".join(f"> {line}" for line in text.splitlines())
