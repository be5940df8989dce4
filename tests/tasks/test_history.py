"""What the history of a task tells of moves and of the trash, one by one and of many at once."""

from sqlalchemy import select

from blog.db import db, now, transaction
from blog.projects.models import Project
from blog.tasks import bulk
from blog.tasks.history import TaskChange
from blog.tasks.undoing import Act, TaskUndo
from tests import make


def told(task):
    found = select(TaskChange).where(TaskChange.task_id == task.id).order_by(TaskChange.id)
    return [(one.what, one.before, one.after) for one in db.session.scalars(found)]


def test_moves_deletions_and_restores_are_told(clock, alice):
    old, new = make.project(alice, name="Old"), make.project(alice, name="New")
    task = make.task(alice, project=old)
    with transaction():
        task.edit(by=alice, at=now(), project_id=new.id)
        task.trash(by=alice, at=now())
        task.restore(by=alice, at=now())
        task.edit(by=alice, at=now(), project_id=None)
    trash = [("trash", "not in it", "in it"), ("trash", "in it", "not in it")]
    assert told(task) == [("project", "Old", "New"), *trash, ("project", "New", "")]


def test_also_of_many_and_of_their_undo(clock, alice):
    task = make.task(alice, project=make.project(alice, name="Old"))
    for act, project in ((Act.MOVE, make.project(alice, name="New")), (Act.DELETE, None)):
        with transaction():
            there = db.session.get_one(Project, project.id) if project else None
            order = bulk.Order(act, alice, now(), now().date(), project=there)
            done = bulk.do(order, bulk.Chosen(ids=(task.id,)))
        with transaction():
            bulk.undo(db.session.scalars(TaskUndo.of(done.key, alice.id, now())).one(), by=alice, at=now())
    moves = [("project", "Old", "New"), ("project", "New", "Old")]
    assert told(task) == [*moves, ("trash", "not in it", "in it"), ("trash", "in it", "not in it")]
