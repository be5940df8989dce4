"""Tasks and posts: the usual ones, what publishing completes, and being asked to look again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.tasks.about_posts import months_after
from blog.tasks.history import TaskChange
from blog.tasks.models import Task
from tests import make
from tests.working import do_jobs

USUAL = ("Draft", "Facts checked", "Publish")


def test_a_post_gets_the_usual_tasks_and_publishing_it_completes_the_last(clock, alice, alice_client):
    make.template("Draft\nFacts checked\nPublish, published")
    post = make.post(alice, status="draft", title="Letters")
    for _ in range(2):
        alice_client.post(f"/posts/{post.id}/tasks")
    found = db.session.scalars(select(Task).order_by(Task.id)).all()
    assert tuple(task.title for task in found) == USUAL
    page = alice_client.get(f"/posts/{post.id}/edit").text
    assert all(title in page for title in USUAL)
    alice_client.post(f"/posts/{post.id}/publish")
    do_jobs()
    db.session.expire_all()
    assert [task.status for task in found] == ["pending"] * 2 + ["completed"]
    assert db.session.scalars(select(TaskChange.why)).all() == ["The post was published."]


def test_half_a_year_later_there_is_a_task_to_look_at_it_again(clock, alice, alice_client):
    post = make.post(alice, title="Letters")
    alice_client.post(f"/posts/{post.id}/reminder")
    clock.move_to(datetime(2026, 7, 15, 11, tzinfo=UTC))
    do_jobs()
    assert db.session.scalars(select(Task)).all() == []
    clock.move_to(datetime(2026, 7, 15, 12, 1, tzinfo=UTC))
    do_jobs()
    task = db.session.scalars(Task.whole(select(Task))).one()
    assert (task.title, task.post_id) == ("Look at “Letters” again", post.id)
    assert [person.id for person in task.assignees] == [alice.id]
    assert months_after(datetime(2026, 8, 31, tzinfo=UTC), 6) == datetime(2027, 2, 28, tzinfo=UTC)


def test_of_a_post_in_the_trash_nobody_is_reminded(clock, alice, alice_client):
    post = make.post(alice)
    alice_client.post(f"/posts/{post.id}/reminder")
    post.trash(by=alice, at=now())
    db.session.commit()
    clock.move_to(datetime(2026, 7, 15, 12, 1, tzinfo=UTC))
    do_jobs()
    assert db.session.scalars(select(Task)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_who_edits_it_may(bob, charlie, as_):
    post = make.post()
    for act in ("tasks", "reminder"):
        assert as_(bob).post(f"/posts/{post.id}/{act}").status_code == 404
        assert as_(charlie).post(f"/posts/{post.id}/{act}").status_code == 403


def test_a_command_ends_what_has_been_in_the_trash_for_long(app, clock, alice):
    task = make.task(alice)
    task.trash(by=alice, at=datetime(2025, 10, 1, tzinfo=UTC))
    db.session.commit()
    run = app.test_cli_runner().invoke(args=["tasks", "purge", "--older-than", "90"])
    assert run.output == "1 deleted for good\n"
    assert db.session.scalar(select(Task.id)) is None
