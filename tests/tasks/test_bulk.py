"""Many tasks at once: what is done, what the history tells of it, and taking it back."""

from datetime import date, timedelta

from sqlalchemy import func, select

from blog.db import db, now
from blog.tasks.bulk import STATE, Chosen, Order, do, preview, undo
from blog.tasks.history import TaskChange, TaskCompletion
from blog.tasks.models import Task
from blog.tasks.undoing import Act, TaskUndo
from tests import make
from tests.program import program_of
from tests.queries import count_queries

DAY = date(2026, 2, 1)


def states(ids):
    db.session.expire_all()
    found = Task.whole(select(Task).where(Task.id.in_(ids)).order_by(Task.id))
    tasks = db.session.scalars(found.execution_options(populate_existing=True)).all()
    return [(*(getattr(one, name) for name in STATE), [who.id for who in one.assignees]) for one in tasks]


def told():
    columns = (TaskChange.what, TaskChange.before, TaskChange.after, TaskChange.why)
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(TaskChange.id))]


def test_each_act_changes_what_it_says_and_is_taken_back(clock, alice, bob):
    project = make.project(alice)
    ids = [make.task(alice, due_date=day, to=[alice]).id for day in (DAY, None)]
    clock.shift(timedelta(days=3))
    acts = {
        Act.STATUS: ({"status": "completed"}, ("status", "pending", "completed")),
        Act.PRIORITISE: ({"priority": "high"}, ("priority", "medium", "high")),
        Act.ASSIGN: ({"person": bob}, ("people", "alice", "bob")),
        Act.POSTPONE: ({"days": 28}, ("due date", "2026-02-01", "2026-03-01")),
        Act.MOVE: ({"project": project}, None),
        Act.DELETE: ({}, None),
    }
    before = states(ids)
    for act, (takes, change) in acts.items():
        order = Order(act, alice, now(), now().date(), "So be it", **takes)
        expected = 1 if act is Act.POSTPONE else 2
        assert preview(order, Chosen(tuple(ids))) == (expected, 2 - expected)
        done = do(order, Chosen(tuple(ids)))
        db.session.commit()
        assert (done.changed, done.already) == (expected, 2 - expected), act
        assert states(ids) != before
        if change:
            assert told() == [(*change, "So be it")] * expected
        found = db.session.scalars(TaskUndo.of(done.key, alice.id, now())).one()
        undone = undo(found, by=alice, at=now())
        db.session.commit()
        assert (undone.changed, undone.left) == (expected, 0)
        assert states(ids) == before, act
        if change:
            what, was, became = change
            assert told()[expected:] == [(what, became, was, "That was taken back.")] * expected
        db.session.query(TaskChange).delete()
    seconds = db.session.scalars(select(TaskCompletion.seconds)).all()
    assert seconds == [3 * 86_400] * 2


def places(ids):
    found = db.session.execute(select(Task.id, Task.place).where(Task.id.in_(ids)))
    return {row.id: row.place for row in found}


def take_back(done, by):
    undo(db.session.scalars(TaskUndo.of(done.key, by.id, now())).one(), by=by, at=now())
    db.session.commit()


def test_what_is_taken_back_stands_where_it_stood_on_the_board(clock, alice):
    ids = [make.task(alice).id for _ in range(3)]
    for task_id, place in zip(ids, (2.5, 1.5, 3.5), strict=True):
        db.session.get_one(Task, task_id).place = place
    db.session.commit()
    before = places(ids)
    done = do(Order(Act.STATUS, alice, now(), DAY, status="completed"), Chosen((ids[0], ids[1])))
    assert places(ids) != before
    take_back(done, alice)
    assert places(ids) == before


def test_what_else_is_taken_back_moves_nothing_that_was_spaced_out_since(clock, alice):
    ids = [make.task(alice).id for _ in range(2)]
    done = do(Order(Act.PRIORITISE, alice, now(), DAY, priority="high"), Chosen((ids[0],)))
    Task.space_out("pending")
    take_back(done, alice)
    assert sorted(places(ids).values()) == [1, 2]


def test_a_status_for_many_is_one_statement_with_history_and_undo(app, clock, alice, bob):
    mine = [make.task(alice).id for _ in range(3)]
    others, program = make.task(bob).id, program_of(app, alice)
    given = {"task_ids": [*mine, others, 999_999], "status": "completed", "why": "Printed"}
    with count_queries() as asked:
        answer = program.post("/api/tasks/bulk/update_status", json=given)
    told_of = answer.get_json()
    assert told_of["updated"] == 3
    assert len([one for one in asked if one.startswith("UPDATE tasks")]) == 1
    assert db.session.get_one(Task, others).status == "pending"
    assert told() == [("status", "pending", "completed", "Printed")] * 3
    again = program.post("/api/tasks/bulk/update_status", json=given).get_json()
    assert again == {"updated": 0, "undo": None}
    program.patch(f"/api/tasks/{mine[0]}", json={"title": "Changed since"})
    key = told_of["undo"]
    assert program_of(app, bob).post(f"/api/tasks/bulk/undo/{key}").status_code == 404
    undone = program.post(f"/api/tasks/bulk/undo/{key}").get_json()
    assert undone == {"act": "status", "changed": 2, "left": 1}
    assert [db.session.get_one(Task, task_id).status for task_id in mine] == [
        "completed",
        "pending",
        "pending",
    ]
    assert db.session.scalar(select(func.count()).select_from(TaskUndo)) == 2


def test_programs_do_it_to_all_that_are_like_something(app, clock, alice):
    program = program_of(app, alice)
    for priority in ("low", "low", "high"):
        make.task(alice, priority=priority)
    done = program.post("/api/tasks/bulk", json={"act": "delete", "match": {"priority": "low"}}).get_json()
    assert (done["changed"], done["already"]) == (2, 0)
    assert program.get("/api/tasks").headers["X-Total-Count"] == "1"
    assert program.post("/api/tasks/bulk", json={"act": "restore", "match": {}}).get_json()["changed"] == 2
    assert program.post("/api/tasks/bulk", json={"act": "postpone", "match": {}}).status_code == 409
    assert program.post("/api/tasks/bulk", json={"act": "delete"}).get_json()["changed"] == 0


def test_a_task_that_many_had_is_given_to_one(alice, bob):
    """Their names together are longer than the history keeps."""
    many = [make.user(f"somebody-with-a-long-name-{number}") for number in range(20)]
    task_id = make.task(alice, to=many).id
    db.session.commit()
    done = do(Order(Act.ASSIGN, alice, now(), DAY, person=bob), Chosen((task_id,)))
    db.session.commit()
    assert done.changed == 1
    ((what, before, after, _),) = told()
    assert (what, len(before), before[-1], after) == ("people", 300, "…", "bob")
    assert states([task_id])[0][-1] == [bob.id]
