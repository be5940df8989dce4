"""Tasks: making them, seeing them, changing them, and what is known of that afterwards."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from blog.access import Role
from blog.db import db, now
from blog.tasks.checklist import Step, steps_in
from blog.tasks.history import TaskChange, TaskCompletion
from blog.tasks.models import Task
from blog.trash import purge
from tests import make
from tests.reading import fields_on, messages_on

SOON = date(2026, 2, 1)


def typed(page, **others):
    """A form as it is sent from its page."""
    shown = {name: field.value for name, field in fields_on(page).items() if name != "assignee_ids"}
    return {**shown, **others}


def saved(task_id=None):
    return make.whole_task(task_id or db.session.scalars(select(func.max(Task.id))).one())


def told(task):
    """Its history, the first change first."""
    found = select(TaskChange).where(TaskChange.task_id == task.id).order_by(TaskChange.id)
    return [(one.what, one.before, one.after, one.why) for one in db.session.scalars(found)]


def test_it_works(clock, alice, bob, alice_client):
    project, post = make.project(alice, bob), make.post(alice, status="draft")
    page = alice_client.get(f"/tasks/new?project_id={project.id}&post_id={post.id}")
    given = {"title": "Check the *facts*", "description": "**All** of them", "priority": "high"}
    beside = {"tags": "Facts, names", "checklist": "Names\n[x] Dates", "assignee_ids": [alice.id, bob.id]}
    answer = alice_client.post("/tasks/new", data=typed(page, **given, **beside, due_date="2026-02-01"))
    task = saved()
    assert answer.location == f"/tasks/{task.id}"
    assert (task.title, task.status, task.priority, task.due_date) == (
        given["title"],
        "pending",
        "high",
        SOON,
    )
    assert (task.project_id, task.post_id, task.made_by_id) == (project.id, post.id, alice.id)
    assert [person.username for person in task.assignees] == ["alice", "bob"]
    assert [tag.name for tag in task.tags] == ["Facts", "names"]
    assert [(item.text, item.done) for item in task.items] == [("Names", False), ("Dates", True)]
    shown = alice_client.get(answer.location).text
    assert "<strong>All</strong> of them" in shown
    assert "Checklist, 1 of 2" in " ".join(shown.split())
    assert f'href="/posts/{post.id}/edit"' in shown


def test_each_change_is_told_with_who_and_why(clock, alice, bob, alice_client):
    task = make.task(alice, title="Old", to=[bob])
    page = alice_client.get(f"/tasks/{task.id}/edit")
    new = {"title": "New", "due_date": "2026-02-01", "status": "in_progress", "why": "The editor asked"}
    answer = alice_client.post(f"/tasks/{task.id}/edit", data=typed(page, **new, assignee_ids=[alice.id]))
    assert answer.location == f"/tasks/{task.id}"
    assert told(task) == [
        ("title", "Old", "New", "The editor asked"),
        ("due date", "", "2026-02-01", "The editor asked"),
        ("people", "bob", "alice", "The editor asked"),
        ("status", "pending", "in_progress", "The editor asked"),
    ]
    assert "The editor asked" in alice_client.get(answer.location).text


def test_each_completion_is_a_row_with_the_time_that_it_took(clock, alice, alice_client):
    project = make.project(alice)
    task = make.task(alice, project=project)
    for status in ("completed", "pending", "completed", "completed"):
        clock.shift(timedelta(days=2))
        alice_client.post(f"/tasks/{task.id}/status", data={"status": status, "why": "So it is"})
    seconds = db.session.scalars(select(TaskCompletion.seconds).order_by(TaskCompletion.id)).all()
    assert [one // 86_400 for one in seconds] == [2, 6]
    assert saved(task.id).completed_at == now() - timedelta(days=2)
    page = " ".join(alice_client.get(f"/projects/{project.id}").text.split())
    assert "4 days on average, over 2 completions" in page


def test_a_line_of_the_checklist_is_ticked_and_keeps_who_did(clock, alice, bob, alice_client):
    task = make.task(bob, to=[alice], steps=[Step("One"), Step("Two")])
    first, second = task.items
    assert alice_client.post(f"/tasks/{task.id}/items/{first.id}", data={"done": "1"}).status_code == 302
    task = saved(task.id)
    assert [(item.done, item.done_by_id) for item in task.items] == [(True, alice.id), (False, None)]
    task.edit(by=bob, at=now(), steps=steps_in("Zero\n- [x] One\n[x]\n\n[ ] Two"))
    db.session.commit()
    assert [(item.text, item.done_by_id) for item in saved(task.id).items] == [
        ("Zero", None),
        ("One", alice.id),
        ("Two", None),
    ]
    assert alice_client.post(f"/tasks/{make.task(alice).id}/items/{second.id}").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_two_changed_is_merged_and_where_both_changed_the_same_it_is_told(clock, alice, bob, as_):
    task = make.task(alice, title="Old", to=[bob])
    address = f"/tasks/{task.id}/edit"
    page = as_(alice).get(address)
    as_(bob).post(address, data=typed(as_(bob).get(address), title="Newer", assignee_ids=[bob.id]))
    mine = {"priority": "high", "assignee_ids": [bob.id, alice.id]}
    assert as_(alice).post(address, data=typed(page, **mine)).status_code == 302
    found = saved(task.id)
    assert (found.title, found.priority, len(found.assignees)) == ("Newer", "high", 2)
    answer = as_(alice).post(address, data=typed(page, nonce="", title="Typed", assignee_ids=[bob.id]))
    assert answer.status_code == 409
    assert "Title: “Newer”" in messages_on(answer)
    assert fields_on(answer)["title"].value == "Typed"
    both = [bob.id, alice.id]
    assert as_(alice).post(address, data=typed(answer, assignee_ids=both)).status_code == 302
    found = saved(task.id)
    assert (found.title, found.priority, len(found.assignees)) == ("Typed", "high", 2)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_wrong_is_not_taken(clock, alice, alice_client):
    task = make.task(alice, title="Newer")
    strangers, draft = make.project(), make.post(status="draft")
    for wrong, status in (
        ({"title": ""}, 422),
        ({"title": "x" * 201}, 422),
        ({"title": "x", "due_date": "9999-12-31"}, 422),
        ({"title": "x", "project_id": strangers.id}, 422),
        ({"title": "x", "post_id": draft.id}, 422),
        ({"title": "x", "tags": "!!!"}, 422),
        ({"title": "x", "assignee_ids": [999]}, 422),
        ({"title": "x", "checklist": "x" * 201}, 422),
    ):
        assert alice_client.post("/tasks/new", data=wrong).status_code == status, wrong
    assert saved().id == task.id


def test_what_is_in_the_trash_comes_back_with_its_status(clock, alice, alice_client):
    task = make.task(alice, title="Kept", status="in_progress")
    answer = alice_client.post(f"/tasks/{task.id}/delete")
    assert alice_client.get(f"/tasks/{task.id}").status_code == 404
    assert "Kept" not in alice_client.get("/tasks/").text.partition("<table")[2]
    page = alice_client.get("/trash?of=tasks")
    assert "Kept" in page.text
    assert answer.location == "/tasks/"
    assert alice_client.post(f"/tasks/{task.id}/restore").status_code == 302
    assert (saved(task.id).status, saved(task.id).deleted_at) == ("in_progress", None)
    alice_client.post(f"/tasks/{task.id}/delete")
    clock.shift(timedelta(days=91))
    purge()
    db.session.commit()
    assert db.session.scalars(select(Task.id)).all() == []


# Who may


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_members_assignees_and_editors_may_and_nobody_else(as_, alice, bob, charlie, editor):
    team = make.team(alice, charlie)
    stranger, member, mate = make.user(), make.user(), charlie
    project = make.project(alice, member, team_id=team.id)
    task = make.task(alice, project=project, to=[bob])
    for person, status in (
        (alice, 200),
        (bob, 200),
        (member, 200),
        (mate, 200),
        (editor, 200),
        (stranger, 404),
    ):
        client = as_(person)
        for address in (f"/tasks/{task.id}", f"/tasks/{task.id}/edit", f"/tasks/{task.id}/delete"):
            assert client.get(address).status_code == status, (person, address)
        assert (task.title in client.get("/tasks/").text) == (status == 200)
    assert as_(bob).get(f"/projects/{project.id}").status_code == 404
    assert as_(stranger).post(f"/tasks/{task.id}/status", data={"status": "completed"}).status_code == 404
    assert as_(make.user(role=Role.READER)).get("/tasks/new").status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_draft_of_others_is_not_told_by_its_task(bob, alice, as_):
    draft = make.post(alice, title="Quite secret", status="draft")
    task = make.task(alice, post=draft, to=[bob])
    assert "Quite secret" in as_(alice).get(f"/tasks/{task.id}").text
    assert "Quite secret" not in as_(bob).get(f"/tasks/{task.id}").text
    answer = as_(bob).post(f"/tasks/{task.id}/edit", data=typed(as_(bob).get(f"/tasks/{task.id}/edit")))
    assert answer.status_code == 302
    assert saved(task.id).post_id == draft.id
