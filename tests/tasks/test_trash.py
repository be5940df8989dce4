"""Tasks in the trash: several brought back at once, and who may delete one for good."""

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.tasks.models import Task
from tests import make
from tests.reading import messages_on


def lost(*tasks, by):
    for task in tasks:
        make.whole_task(task.id).trash(by=by, at=now())
    db.session.commit()
    return tasks


def test_those_that_are_ticked_are_back(clock, alice, alice_client):
    first, second, third = lost(*(make.task(alice) for _ in range(3)), by=alice)
    page = alice_client.get("/trash?of=tasks").text
    assert page.count('form="ticked"') == 3
    alice_client.post("/trash/restore", data={"of": "tasks", "ids": [first.id, third.id]})
    assert "2 tasks are back." in messages_on(alice_client.get("/trash?of=tasks"))
    db.session.expire_all()
    there = [db.session.get_one(Task, task.id).deleted_at is None for task in (first, second, third)]
    assert there == [True, False, True]


def test_posts_are_ticked_as_well(clock, alice, alice_client):
    post = make.post(alice)
    post.trash(by=alice, at=now())
    db.session.commit()
    alice_client.post("/trash/restore", data={"of": "posts", "ids": [post.id]})
    assert "1 post is back." in messages_on(alice_client.get("/trash"))


def test_nothing_of_others_comes_back_and_of_nothing_else(alice, bob_client):
    (task,) = lost(make.task(alice), by=alice)
    bob_client.post("/trash/restore", data={"of": "tasks", "ids": [task.id, "x"]})
    db.session.expire_all()
    assert db.session.get_one(Task, task.id).deleted_at is not None
    assert bob_client.post("/trash/restore", data={"of": "media"}).status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_who_only_does_it_does_not_end_it_for_good(alice, bob, charlie, editor, as_):
    project = make.project(alice)
    tasks = lost(*(make.task(bob, project=project, to=[charlie]) for _ in range(3)), by=bob)
    assert "Delete for good…" not in as_(charlie).get("/trash?of=tasks").text
    for method in ("get", "post"):
        assert getattr(as_(charlie), method)(f"/tasks/{tasks[0].id}/purge").status_code == 404
    as_(charlie).post("/trash/empty")
    for person, task in zip((alice, bob, editor), tasks, strict=True):
        assert as_(person).post(f"/tasks/{task.id}/purge").status_code == 302
    db.session.expire_all()
    assert db.session.scalars(select(Task.id)).all() == []
