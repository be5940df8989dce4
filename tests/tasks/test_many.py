"""At the desk, many tasks at once: the preview, doing it, undoing it; and many new ones from a pasted list."""

from datetime import date

import pytest
from sqlalchemy import select

from blog.db import db
from blog.tasks.models import Task
from tests import make
from tests.reading import fields_on, messages_on


def statuses():
    db.session.expire_all()
    return list(db.session.scalars(select(Task.status).order_by(Task.id)))


def test_a_preview_says_what_will_change_and_undo_takes_it_back(alice, bob, alice_client):
    ids = [make.task(alice, title=f"Mine {number}").id for number in range(2)]
    ids += [make.task(alice, status="completed").id, make.task(bob, title="Secret").id]
    asked = {"act": "complete", "ids": ids, "why": "Printed"}
    page = alice_client.post("/tasks/bulk", data=asked)
    text = " ".join(page.text.split())
    assert "2 tasks become completed" in text
    assert "Mine 0" in text
    assert "Secret" not in text
    assert statuses() == ["pending", "pending", "completed", "pending"]
    done = alice_client.post("/tasks/bulk", data={**asked, "sure": "1"})
    assert statuses() == ["completed", "completed", "completed", "pending"]
    shown = alice_client.get(done.location)
    assert "2 tasks are completed. 1 was so before." in messages_on(shown)
    undo = shown.text.partition('action="/tasks/bulk/undo/')[2].partition('"')[0]
    alice_client.post(f"/tasks/bulk/undo/{undo}")
    assert statuses() == ["pending", "pending", "completed", "pending"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_each_way_takes_what_it_needs(clock, alice, bob, alice_client):
    task, project = make.task(alice, due_date=date(2026, 1, 31)), make.project(alice)
    asked = {"ids": [task.id], "sure": "1"}
    for given in (
        {"act": "prioritise", "new_priority": "high"},
        {"act": "postpone", "days": "7"},
        {"act": "assign", "new_person": "BOB"},
        {"act": "move", "new_project": project.id},
        {"act": "start"},
    ):
        alice_client.post("/tasks/bulk", data={**asked, **given})
    found = make.whole_task(task.id)
    assert (found.priority, found.due_date, found.project_id) == ("high", date(2026, 2, 7), project.id)
    assert ([one.id for one in found.assignees], found.status) == ([bob.id], "in_progress")
    for wrong in (
        {"act": "nonsense"},
        {"act": "postpone", "days": "-3"},
        {"act": "assign", "new_person": "nobody"},
        {"act": "move", "new_project": make.project().id},
        {"act": "complete", "ids": []},
    ):
        answer = alice_client.post("/tasks/bulk", data={**asked, **wrong})
        assert 'data-kind="error"' in alice_client.get(answer.location).text, wrong
    assert make.whole_task(task.id).version == found.version
    make.task(alice, title="Another", priority="low")
    alice_client.post("/tasks/bulk", data={"act": "delete", "every": "1", "priority": "low", "sure": "1"})
    assert db.session.scalars(select(Task.title).where(Task.is_there())).all() == [task.title]


def test_a_pasted_list_or_table_becomes_tasks_or_nothing_does(alice, bob, alice_client):
    project = make.project(alice)
    answer = alice_client.post(
        "/tasks/paste", data={"lines": "- One\n\nTwo, and more", "project_id": project.id}
    )
    assert answer.status_code == 302
    table = 'Title,Due date,Priority,Tags,Assignees\n"Three, too",2026-02-01,HIGH,"a, b",bob\nFour,,,,\n'
    assert alice_client.post("/tasks/paste", data={"lines": table}).status_code == 302
    found = db.session.scalars(Task.whole(select(Task).order_by(Task.id))).all()
    assert [task.title for task in found] == ["One", "Two, and more", "Three, too", "Four"]
    assert [task.project_id for task in found] == [project.id, project.id, None, None]
    third = found[2]
    assert (third.due_date, third.priority, [tag.name for tag in third.tags]) == (
        date(2026, 2, 1),
        "high",
        ["a", "b"],
    )
    assert [person.username for person in third.assignees] == ["bob"]
    for wrong, said in (
        ("Fine\n" + "x" * 201, "Task 2 needs a title"),
        ("title,due_date\nFine,soon", "Task 1: write the day"),
        ("title,priority\nFine,huge", "Task 1: the priority"),
        ("title,assignees\nFine,nobody-here", "“nobody-here” is nobody here"),
        ("title,colour\nFine,red", "no such column: colour"),
        ("Fine\n" * 101, "These are 101 tasks"),
    ):
        answer = alice_client.post("/tasks/paste", data={"lines": wrong})
        assert said in fields_on(answer)["lines"].error, wrong
    assert len(statuses()) == 4
