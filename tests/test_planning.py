"""The statistics by which SQLite plans: kept of what is large, and not of what is small."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from blog.accounts.models import User
from blog.bulk import insert_many
from blog.db import db, now, transaction
from blog.explaining import plan_of
from blog.jobs import enqueue
from blog.planning import FEW
from blog.tasks.models import Task
from tests.working import do_jobs

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # PostgreSQL does so by itself


def put_in(number: int, by: User) -> None:
    """So many tasks, one in ten of which is pending."""
    done = {"made_by_id": by.id, "status": "completed", "completed_at": now()}
    rows = (
        {**done, "title": "Tea", **({"status": "pending"} if place % 10 else {})} for place in range(number)
    )
    with transaction():
        insert_many(Task, rows)


def plan() -> str:
    wanted = select(Task.id).where(Task.is_there(), Task.status == "pending")
    return "\n".join(plan_of(wanted.order_by(Task.updated_at.desc(), Task.id.desc()).limit(50)))


def known() -> set[str]:
    return set(db.session.scalars(text("SELECT tbl FROM sqlite_stat1")))


def test_what_is_large_is_known_and_planned_for(app: Flask, alice: User) -> None:
    put_in(FEW * 2, by=alice)
    assert "USE TEMP B-TREE" in plan()
    enqueue("planning.keep_up")
    assert do_jobs() == ["done"]
    assert known() == {"tasks"}
    db.session.remove()
    db.engine.dispose()  # connections that were there before know of it once they are replaced, as all are each hour
    assert "ix_tasks_updated_at_id" in plan()


def test_what_is_small_is_not_taken_to_stay_small(app: Flask, alice: User) -> None:
    put_in(FEW // 2, by=alice)
    enqueue("planning.keep_up")
    assert do_jobs() == ["done"]
    assert known() == set()
