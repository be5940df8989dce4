"""/api/projects: beginning, changing and ending projects by programs."""

from blog.db import db
from blog.tasks.models import Task
from tests import make
from tests.program import program_of


def test_it_works(app, alice, bob, charlie):
    team, program = make.team(alice, slug="desk"), program_of(app, alice)
    given = {"name": "Issue", "description": "*Soon*", "team_id": team.id, "members": ["bob"]}
    made = program.post("/api/projects", json=given)
    told = made.get_json()
    assert made.status_code == 201
    assert {name: told[name] for name in given} == given
    assert (told["owner_id"], told["archived_at"]) == (alice.id, None)
    address, tag = f"/api/projects/{told['id']}", made.headers["ETag"]
    changed = program.patch(address, json={"members": []}, headers={"If-Match": tag})
    assert (changed.get_json()["members"], changed.get_json()["name"]) == ([], "Issue")
    assert program.put(address, json={"name": "Late"}, headers={"If-Match": tag}).status_code == 412
    task = make.task(alice, project_id=told["id"])
    assert program.post(f"{address}/archive").get_json()["archived_at"]
    assert db.session.get_one(Task, task.id).status == "archived"
    assert program.get("/api/projects?archived=false").get_json() == []
    assert [one["id"] for one in program.get("/api/projects?archived=true&q=iss").get_json()] == [told["id"]]
    some = program.get("/api/projects?fields=name,description").get_json()
    assert some == [{"name": "Issue", "description": "*Soon*"}]
    assert program.post(f"{address}/reopen").get_json()["archived_at"] is None
    assert program.delete(address).status_code == 204


def test_members_see_it_and_only_who_leads_it_changes_it(app, alice, bob, charlie):
    address = f"/api/projects/{make.project(alice, bob).id}"
    assert program_of(app, charlie).get(address).status_code == 404
    member = program_of(app, bob)
    assert member.get(address).status_code == 200
    assert member.patch(address, json={"name": "Mine"}).status_code == 403
    assert member.post(f"{address}/archive").status_code == 403
    wrong = program_of(app, alice).post("/api/projects", json={"name": "x", "team_id": make.team().id})
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (409, ["team_id"])
    wrong = program_of(app, alice).post("/api/projects", json={"name": "x", "members": ["nobody"]})
    assert (wrong.status_code, list(wrong.get_json()["errors"])) == (409, ["members"])
