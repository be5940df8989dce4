"""/api/tasks: making, reading, listing, changing, deleting and restoring tasks by programs."""

from datetime import date

import pytest

from tests import make
from tests.program import program_of
from tests.queries import count_queries

GIVEN = {
    "title": "Check the facts",
    "description": "All of *them*",
    "priority": "high",
    "due_date": "2026-02-01",
    "tags": ["Names"],
    "checklist": [{"text": "Dates", "done": True}, {"text": "Places"}],
}


def test_it_works(app, clock, alice, bob):
    project, post, program = make.project(alice), make.post(alice), program_of(app, alice)
    refers = {"project_id": project.id, "post_id": post.id, "assignee_ids": [bob.id]}
    made = program.post("/api/tasks", json={**GIVEN, **refers})
    told = made.get_json()
    assert made.status_code == 201
    steps = [{"text": "Dates", "done": True}, {"text": "Places", "done": False}]
    assert told == {
        **GIVEN,
        **refers,
        "id": told["id"],
        "status": "pending",
        "checklist": steps,
        "completes_with_post": False,
        "made_by_id": alice.id,
        "created_at": "2026-01-15T12:00:00+00:00",
        "updated_at": "2026-01-15T12:00:00+00:00",
        "completed_at": None,
        "waits_for_ids": [],
    }
    address = f"/api/tasks/{told['id']}"
    read = program.get(address)
    assert read.get_json() == told
    tag = read.headers["ETag"]
    assert tag == made.headers["ETag"]
    changed = program.patch(address, json={"status": "completed", "why": "Quick"}, headers={"If-Match": tag})
    assert changed.get_json()["completed_at"] == "2026-01-15T12:00:00+00:00"
    for method in ("put", "patch", "delete"):
        options = {} if method == "delete" else {"json": {"title": "Stale"}}
        assert getattr(program, method)(address, headers={"If-Match": tag}, **options).status_code == 412
    told = program.get(f"{address}/history").get_json()
    assert [(one["what"], one["before"], one["after"], one["why"], one["by_id"]) for one in told] == [
        ("status", "pending", "completed", "Quick", alice.id)
    ]
    half = program.patch(address, json={"checklist": [{"done": True}]})
    assert list(half.get_json()["errors"]) == ["checklist.0.text"]
    replaced = program.put(address, json={"title": "Anew"}).get_json()
    assert (replaced["description"], replaced["due_date"], replaced["assignee_ids"]) == ("", None, [])
    assert (replaced["status"], replaced["completed_at"]) == ("pending", None)
    assert program.delete(address).status_code == 204
    assert program.get(address).status_code == 404
    assert program.post(f"{address}/restore").get_json()["title"] == "Anew"


@pytest.fixture
def many(clock, alice, bob):
    project = make.project(alice)
    for number in range(7):
        make.task(
            alice,
            title=f"Task {number}",
            project=project,
            to=[bob],
            tags=["One"],
            due_date=date(2026, 2, 1 + number // 3) if number else None,
            priority=("low", "medium", "high")[number % 3],
        )


USUAL = ["Task 2", "Task 1", "Task 5", "Task 4", "Task 3", "Task 6", "Task 0"]


def titles(answer):
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.get_json()]


def test_a_list_has_its_usual_order_pages_and_fields(app, many, alice, bob):
    program = program_of(app, alice)
    whole = program.get("/api/tasks")
    assert titles(whole) == USUAL
    assert whole.headers["X-Total-Count"] == "7"
    assert "description" not in whole.get_json()[0]
    found, address = [], "/api/tasks?limit=2"
    while address:
        page = program.get(address)
        found += titles(page)
        links = [part.split("; ") for part in page.headers["Link"].split(", ")]
        following = [link for link, relation in links if relation == 'rel="next"']
        address = following[0].strip("<>").removeprefix("http://localhost") if following else ""
    assert found == USUAL
    assert titles(program.get("/api/tasks?sort=-priority,title"))[:3] == ["Task 2", "Task 5", "Task 1"]
    some = program.get("/api/tasks?fields=title,description,checklist&limit=1").get_json()
    assert some == [{"title": "Task 2", "description": "", "checklist": []}]
    for wrong in (
        "colour=red",
        "status=done",
        "sort=description",
        "fields=words",
        "due=soon",
        "project_id=x",
    ):
        assert program.get(f"/api/tasks?{wrong}").status_code == 422, wrong
    for narrowed in ("assignee=bob&tag=one&status=pending&team=", f"assignee={bob.id}", "q=TASK"):
        assert len(titles(program.get(f"/api/tasks?{narrowed}"))) == 7, narrowed
    assert titles(program.get("/api/tasks?due_after=2026-02-02&due_before=2026-02-02")) == USUAL[2:5]
    assert titles(program.get("/api/tasks?due=none")) == ["Task 0"]


def test_it_asks_as_often_for_seven_as_for_one(app, many, alice):
    program = program_of(app, alice)
    program.get("/api/tasks")
    numbers = []
    for limit in (1, 7):
        with count_queries() as asked:
            program.get(f"/api/tasks?limit={limit}")
        numbers.append(len([one for one in asked if one.startswith("SELECT")]))
    assert numbers[0] == numbers[1] == 6


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_reaches_what_is_not_theirs(app, alice, bob, charlie, editor):
    task = make.task(alice, project=make.project(alice))
    address = f"/api/tasks/{task.id}"
    for program in (program_of(app, bob), program_of(app, charlie)):
        assert program.get("/api/tasks").get_json() == []
        for method, more in (("get", ""), ("delete", ""), ("get", "/history"), ("post", "/restore")):
            assert getattr(program, method)(address + more).status_code == 404
        assert program.patch(address, json={"title": "Mine"}).status_code == 404
    assert program_of(app, editor).get(address).status_code == 200
    assert program_of(app, charlie).post("/api/tasks", json={"title": "x"}).status_code == 403
    mine = program_of(app, bob).post("/api/tasks", json={"title": "x", "project_id": task.project_id})
    assert mine.status_code == 409
    assert list(mine.get_json()["errors"]) == ["project_id"]


def test_a_hundred_are_made_at_once_or_none(app, alice):
    program = program_of(app, alice)
    tasks = [{"title": f"Task {number}", "tags": ["One"]} for number in range(100)]
    wrong = program.post(
        "/api/tasks/bulk/create", json={"tasks": [*tasks[:99], {"title": "x", "post_id": 9}]}
    )
    assert wrong.status_code == 409
    assert program.get("/api/tasks").headers["X-Total-Count"] == "0"
    made = program.post("/api/tasks/bulk/create", json={"tasks": tasks})
    assert len(made.get_json()["ids"]) == 100
    assert program.get("/api/tasks").headers["X-Total-Count"] == "100"
    assert program.post("/api/tasks/bulk/create", json={"tasks": [*tasks, *tasks]}).status_code == 422
