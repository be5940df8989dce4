"""Projects: beginning them, who works on them, and archiving them with their tasks."""

from datetime import date

from sqlalchemy import select

from blog.db import db
from blog.projects.models import Project
from blog.tasks.history import TaskChange
from blog.tasks.models import Task
from tests import make
from tests.queries import count_queries
from tests.reading import fields_on, messages_on


def test_it_works(alice, bob, alice_client):
    team = make.team(alice)
    given = {"name": "The issue", "description": "*Soon*", "team_id": team.id, "members": "bob"}
    answer = alice_client.post("/projects/new", data=given)
    project = db.session.scalars(Project.whole(select(Project))).one()
    assert answer.location == f"/projects/{project.id}"
    assert (project.name, project.owner_id, project.team_id) == ("The issue", alice.id, team.id)
    assert [person.username for person in project.members] == ["bob"]
    page = alice_client.get(answer.location).text
    assert "<em>Soon</em>" in page
    assert "Bob" in page
    assert "The issue" in alice_client.get("/projects/").text


def test_who_works_on_it_is_told_and_found(alice, bob, charlie):
    project = make.project(alice, bob, team_id=make.team(None, charlie).id)
    make.user("dora")
    assert [one.username for one in db.session.scalars(Project.people_of(project.id))] == [
        "alice",
        "bob",
        "charlie",
    ]
    for person in (alice, bob, charlie):
        assert db.session.scalars(Project.ids_of(person.id)).all() == [project.id]


def test_its_page_tells_how_far_it_is(clock, alice, alice_client):
    project = make.project(alice)
    for status in ("completed", "pending", "in_progress", "archived"):
        make.task(alice, project=project, status=status, due_date=date(2026, 1, 10))
    page = " ".join(alice_client.get(f"/projects/{project.id}").text.split())
    assert "1 of 3, <span data-late>2 overdue</span>" in page
    assert "1 of 3" in alice_client.get("/projects/").text


def test_who_leads_it_says_what_it_is_and_who_is_in_it(alice, bob, as_):
    project = make.project(alice, bob)
    page = as_(alice).get(f"/projects/{project.id}/edit")
    typed = {name: field.value for name, field in fields_on(page).items()}
    assert as_(bob).get(f"/projects/{project.id}/edit").status_code == 404
    answer = as_(alice).post(f"/projects/{project.id}/edit", data={**typed, "name": "New", "members": ""})
    assert answer.status_code == 302
    assert as_(bob).get(f"/projects/{project.id}").status_code == 404
    stale = as_(alice).post(f"/projects/{project.id}/edit", data={**typed, "nonce": "", "name": "Old"})
    assert stale.status_code == 409
    unknown = as_(alice).post("/projects/new", data={"name": "x", "members": "nobody-here"})
    assert unknown.status_code == 409
    assert "“nobody-here” is nobody here." in fields_on(unknown)["members"].error
    strange = as_(alice).post("/projects/new", data={"name": "x", "team_id": make.team().id})
    assert strange.status_code == 422


def test_archiving_it_archives_its_open_tasks_and_opening_it_brings_them_back(clock, alice, alice_client):
    project = make.project(alice)
    statuses = ("pending", "in_progress", "completed", "archived")
    ids = {status: make.task(alice, project=project, status=status).id for status in statuses}
    other = make.task(alice)
    with count_queries() as asked:
        answer = alice_client.post(f"/projects/{project.id}/archive")
    assert len([one for one in asked if one.startswith("UPDATE tasks")]) == 1
    assert messages_on(alice_client.get(answer.location)).count("is archived") == 1
    assert now_are(ids) == dict.fromkeys(statuses, "archived") | {"completed": "completed"}
    assert db.session.get_one(Task, other.id).status == "pending"
    whys = db.session.scalars(select(TaskChange.why).where(TaskChange.why != "")).all()
    assert whys == ["The project was archived."] * 2
    alice_client.post(f"/projects/{project.id}/reopen")
    assert now_are(ids) == {status: status for status in statuses}


def now_are(ids):
    db.session.expire_all()
    return {status: db.session.get_one(Task, task_id).status for status, task_id in ids.items()}
