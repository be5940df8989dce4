"""Projects in the trash: who puts them there, what becomes of their tasks meanwhile, and how they go for good."""

from datetime import timedelta

from sqlalchemy import select

from blog import trash
from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.projects.models import HIDDEN, Project
from blog.tasks.choices import projects_for
from blog.tasks.models import Task
from blog.tasks.telling import work_on
from tests import make
from tests.program import program_of
from tests.queries import count_queries
from tests.reading import fields_on, messages_on


def lost(*projects, by, at=None):
    for project in projects:
        project.trash(by=by, at=at or now())
    db.session.commit()
    return projects


def test_it_is_deleted_and_the_message_takes_that_back(alice, alice_client):
    project = make.project(alice, name="The issue")
    address = f"/projects/{project.id}"
    answer = alice_client.post(f"{address}/delete")
    page = alice_client.get(answer.location)
    assert answer.location == "/projects/"
    assert "“The issue” is deleted. Its tasks stay." in messages_on(page)
    assert f'action="{address}/restore"' in page.text
    assert "Open <span>0</span>" in page.text
    for gone in (address, f"{address}/edit"):
        assert alice_client.get(gone).status_code == 404
    for gone in ("delete", "archive", "reopen"):
        assert alice_client.post(f"{address}/{gone}").status_code == 404
    assert alice_client.post(f"{address}/restore").location == address
    assert "“The issue” is back, with its tasks." in messages_on(alice_client.get(address))
    assert "Open <span>1</span>" in alice_client.get("/projects/").text
    assert alice_client.post(f"{address}/restore").status_code == 404


def test_its_verbs_may_be_said_twice(clock, alice, bob):
    project, at = make.project(alice), now()
    project.trash(by=alice, at=at)
    project.trash(by=bob, at=at + timedelta(days=1))
    assert (project.deleted_at, project.deleted_by_id) == (at, alice.id)
    for _ in range(2):
        project.restore()
        assert (project.deleted_at, project.deleted_by_id) == (None, None)


def test_its_tasks_show_none_until_it_is_back(alice, bob, charlie, editor, as_):
    project = make.project(alice, bob, name="The issue")
    task = make.task(alice, project=project, to=[charlie], due_date=now().date())
    pages = ("/tasks/", "/tasks/?view=board", "/tasks/?view=calendar", f"/tasks/{task.id}")
    shown = {page: as_(charlie).get(page).text.count("The issue") for page in pages}
    assert all(shown.values())
    lost(project, by=alice)
    for person in (alice, charlie, editor):
        for page in pages:
            answer = as_(person).get(page)
            assert (task.title in answer.text, "The issue" in answer.text) == (True, False)
    assert as_(bob).get(f"/tasks/{task.id}").status_code == 404
    assert bob not in db.session.scalars(select(User).where(work_on(task)))
    as_(alice).post(f"/projects/{project.id}/restore")
    assert {page: as_(charlie).get(page).text.count("The issue") for page in pages} == shown
    assert as_(bob).get(f"/tasks/{task.id}").status_code == 200
    assert bob in db.session.scalars(select(User).where(work_on(task)))


def test_nothing_is_found_by_it_until_it_is_back(app, alice, editor, as_):
    project = make.project(alice, name="The issue")
    task = make.task(alice, title="Set the type", project=project)
    narrowed = f"/tasks/?project_id={project.id}"

    def listed(person):
        asked = f"/api/tasks?project_id={project.id}"
        return [one["id"] for one in program_of(app, person).get(asked).get_json()]

    for back in (False, True):
        if back:
            as_(alice).post(f"/projects/{project.id}/restore")
        else:
            lost(project, by=alice)
        for person in (alice, editor):
            for view in ("", "&view=board"):
                page = as_(person).get(narrowed + view).text
                assert (task.title in page, project.name in page) == (back, back)
            assert listed(person) == [task.id] * back


def test_the_history_of_a_task_names_it_to_those_alone_who_find_it(app, alice, bob, charlie, editor, as_):
    old, new = make.project(alice, bob, name="The issue"), make.project(alice, charlie, name="The book")
    task = make.task(alice, project=old, to=[bob, charlie])
    with transaction():
        task.edit(by=alice, at=now(), project_id=new.id)
    lost(old, by=alice)

    def told(person):
        page = as_(person).get(f"/tasks/{task.id}").text
        (change,) = program_of(app, person).get(f"/api/tasks/{task.id}/history").get_json()
        assert ("The issue" in page) == (change["before"] == "The issue")
        return change["before"], change["after"]

    assert told(alice) == told(editor) == ("The issue", "The book")
    assert told(bob) == told(charlie) == (HIDDEN, "The book")
    as_(alice).post(f"/projects/{old.id}/restore")
    assert told(charlie) == ("The issue", "The book")


def test_a_task_that_is_saved_meanwhile_keeps_it_and_no_other_is_put_there(alice, alice_client):
    project = make.project(alice, name="The issue")
    task, other = make.task(alice, project=project), make.task(alice)
    lost(project, by=alice)
    assert projects_for(alice) == []
    for one, kept in ((task, project.id), (other, None)):
        page = alice_client.get(f"/tasks/{one.id}/edit")
        assert "The issue" not in page.text
        names = ("csrf_token", "nonce", "version", "base", "project_id", "status", "priority")
        typed = {name: fields_on(page)[name].value for name in names} | {"title": "New"}
        assert alice_client.post(f"/tasks/{one.id}/edit", data=typed).status_code == 302
        db.session.expire_all()
        assert (db.session.get_one(Task, one.id).title, one.project_id) == ("New", kept)
    strange = program_of(alice_client.application, alice).patch(
        f"/api/tasks/{other.id}", json={"project_id": project.id}
    )
    assert (strange.status_code, list(strange.get_json()["errors"])) == (409, ["project_id"])


def test_only_who_leads_it_finds_it_there(alice, bob, editor, as_):
    (project,) = lost(make.project(alice, bob, name="The issue"), by=alice)
    assert "The issue" not in as_(bob).get("/trash?of=projects").text
    as_(bob).post("/trash/restore", data={"of": "projects", "ids": [project.id]})
    as_(bob).post("/trash/empty")
    for method, verb in (("post", "restore"), ("get", "purge"), ("post", "purge")):
        assert getattr(as_(bob), method)(f"/projects/{project.id}/{verb}").status_code == 404
    for person in (alice, editor):
        page = " ".join(as_(person).get("/trash?of=projects").text.split())
        assert "Projects <span>1</span>" in page
        assert "The issue" in page
    assert as_(editor).post(f"/projects/{project.id}/restore", data={"from": "trash"}).location == (
        "/trash?of=projects"
    )


def test_those_that_are_ticked_are_back_and_the_list_asks_the_same_of_many(alice, alice_client):
    first, second, third = lost(*(make.project(alice) for _ in range(3)), by=alice)
    with count_queries() as many:
        page = alice_client.get("/trash?of=projects").text
    assert page.count('form="ticked"') == 3
    alice_client.post("/trash/restore", data={"of": "projects", "ids": [first.id, third.id]})
    with count_queries() as one:
        page = alice_client.get("/trash?of=projects")
    assert "2 projects are back." in messages_on(page)
    assert len(one) == len(many)
    assert db.session.scalars(select(Project.id).where(Project.is_there()).order_by(Project.id)).all() == [
        first.id,
        third.id,
    ]
    assert second.id in db.session.scalars(select(Project.id).where(Project.is_in_trash_of(alice)))


def test_it_goes_for_good_after_asking_and_its_tasks_stay(alice, alice_client):
    project = make.project(alice, name="The issue")
    task = make.task(alice, project=project)
    address = f"/projects/{project.id}/purge"
    assert alice_client.post(address).status_code == 404
    lost(project, by=alice)
    assert "Its tasks stay, without a project." in alice_client.get(address).text
    assert alice_client.post(address).location == "/trash?of=projects"
    assert "“The issue” is gone for good." in messages_on(alice_client.get("/trash?of=projects"))
    assert alice_client.get(address).status_code == 404
    db.session.expire_all()
    assert db.session.scalars(select(Project.id)).all() == []
    assert db.session.get_one(Task, task.id).project_id is None


def test_it_goes_by_itself_when_its_time_is_over_and_the_log_names_it(clock, app, alice):
    old, new = (make.project(alice, name=name) for name in ("Old", "New"))
    lost(old, by=alice, at=now() - timedelta(days=91))
    lost(new, by=alice, at=now() - timedelta(days=89))
    trash.purge()
    db.session.commit()
    assert db.session.scalars(select(Project.name)).all() == ["New"]
    gone = select(Entry).where(Entry.action == "deleted for good")
    assert [(entry.thing, entry.label) for entry in db.session.scalars(gone)] == [("project", "Old")]


def test_programs_do_the_same(app, alice, bob):
    project = make.project(alice, bob)
    address, program = f"/api/projects/{project.id}", program_of(app, alice)
    assert program_of(app, bob).delete(address).status_code == 403
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404
    assert program.get("/api/projects").get_json() == []
    assert program_of(app, bob).post(f"{address}/restore").status_code == 404
    assert program.post(f"{address}/restore").get_json()["id"] == project.id
    assert program.post(f"{address}/restore").status_code == 404
    assert [one["id"] for one in program_of(app, bob).get("/api/projects").get_json()] == [project.id]
