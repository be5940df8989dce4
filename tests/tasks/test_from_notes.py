"""Notes of guests become tasks."""

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.tasks.models import Task
from tests import make


def made() -> list[Task]:
    return list(db.session.scalars(Task.whole(select(Task)).order_by(Task.id)))


def test_it_works(clock, alice, alice_client):
    post = make.post(alice, status="draft", content="The tower is 64 metres high.")
    note = make.note(post, "Is it?\nThe guidebook says so.")
    page = alice_client.get(f"/posts/{post.id}/notes").text
    assert "Make a task of it" in page
    address = f"/posts/{post.id}/notes/{note.id}/task"
    answers = [alice_client.post(address) for _ in range(2)]
    (task,) = made()
    assert [answer.location for answer in answers] == [f"/posts/{post.id}/edit#note-{note.id}"] * 2
    assert (task.title, task.post_id) == ("Is it? The guidebook says so.", post.id)
    assert [person.id for person in task.assignees] == [alice.id]
    assert "> The tower is 64 metres high." in task.description
    assert "Gwen:\n\n> Is it?\n> The guidebook says so." in task.description
    page = alice_client.get(f"/posts/{post.id}/edit").text
    assert f'href="/tasks/{task.id}"' in page
    assert "Make a task of it" not in page


def test_where_it_is_in_the_trash_there_may_be_another(clock, alice, alice_client):
    post = make.post(alice, status="draft")
    note = make.note(post)
    address = f"/posts/{post.id}/notes/{note.id}/task"
    alice_client.post(address)
    made()[0].trash(by=alice, at=now())
    db.session.commit()
    alice_client.post(address)
    assert len(made()) == 2


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_who_edits_the_post_may_and_only_of_its_notes(alice, bob_client, alice_client):
    post, other = make.post(alice, status="draft"), make.post(alice, status="draft")
    note = make.note(post)
    assert bob_client.post(f"/posts/{post.id}/notes/{note.id}/task").status_code == 404
    assert alice_client.post(f"/posts/{other.id}/notes/{note.id}/task").status_code == 404
    assert made() == []
