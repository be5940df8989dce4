"""Tasks that wait for others: no circles, no completion by mistake, and news when they need not wait any more."""

from collections.abc import Callable

from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.errors import Conflict
from blog.notices.models import Notice
from blog.tasks import bulk
from blog.tasks.history import TaskChange
from blog.tasks.models import Task
from blog.tasks.undoing import Act
from tests import make
from tests.at_once import at_once
from tests.program import program_of
from tests.reading import fields_on


def typed(page, **others):
    shown = {name: field.value for name, field in fields_on(page).items() if not name.endswith("_ids")}
    return {**shown, **others}


def wait(task, *others):
    with transaction():
        make.whole_task(task.id).edit(by=task.made_by, at=now(), waits_for=list(others))


def told():
    return [tuple(row) for row in db.session.execute(select(Notice.user_id, Notice.kind, Notice.title))]


def statuses(*tasks):
    db.session.expire_all()
    return [db.session.get_one(Task, task.id).status for task in tasks]


def test_it_works(clock, alice, bob, alice_client):
    first = make.task(alice, title="Draft")
    second = make.task(alice, title="Print", to=[bob])
    page = alice_client.get(f"/tasks/{second.id}/edit")
    alice_client.post(
        f"/tasks/{second.id}/edit", data=typed(page, waits_for_ids=[first.id], assignee_ids=[bob.id])
    )
    assert "Holds up" in alice_client.get(f"/tasks/{first.id}").text
    assert "Waits for" in alice_client.get(f"/tasks/{second.id}").text
    assert ">waits<" in alice_client.get("/tasks/").text
    done = {"status": "completed"}
    answer = alice_client.post(f"/tasks/{second.id}/status", data=done)
    assert answer.status_code == 409
    assert "waits for another task" in answer.text
    alice_client.post(f"/tasks/{first.id}/status", data=done)
    assert statuses(first, second) == ["completed", "pending"]
    assert told()[-1] == (bob.id, "free", "Print")
    assert ">waits<" not in alice_client.get("/tasks/").text
    alice_client.post(f"/tasks/{second.id}/status", data=done)
    assert statuses(first, second) == ["completed", "completed"]


def test_it_is_completed_all_the_same_by_whoever_says_so(clock, app, alice, alice_client):
    first, second, third = (make.task(alice, title=title) for title in ("Draft", "Print", "Fold"))
    wait(second, first)
    wait(third, first)
    page = alice_client.get(f"/tasks/{second.id}/edit")
    refused = alice_client.post(
        f"/tasks/{second.id}/edit", data=typed(page, status="completed", waits_for_ids=[first.id])
    )
    assert refused.status_code == 409
    alice_client.post(f"/tasks/{second.id}/status", data={"status": "completed", "although": "1"})
    program = program_of(app, alice)
    assert program.patch(f"/api/tasks/{third.id}", json={"status": "completed"}).status_code == 409
    assert (
        program.patch(f"/api/tasks/{third.id}", json={"status": "completed", "although": True}).status_code
        == 200
    )
    assert statuses(first, second, third) == ["pending", "completed", "completed"]


def test_of_many_those_that_wait_are_left(clock, alice, bob):
    first, second, last = (make.task(alice, title=title, to=[bob]) for title in ("Draft", "Print", "Other"))
    wait(second, first, last)
    chosen = bulk.Chosen(ids=(second.id, last.id))
    order = bulk.Order(Act.STATUS, alice, now(), now().date(), status="completed")
    with transaction():
        assert bulk.do(order, chosen).changed == 1
    assert statuses(second, last) == ["pending", "completed"]
    assert (bob.id, "free", "Print") not in told()
    with transaction():
        bulk.do(order, bulk.Chosen(ids=(first.id,)))
    assert told().count((bob.id, "free", "Print")) == 1


def test_what_is_archived_or_deleted_holds_nothing_up(clock, alice):
    first, second, third = (make.task(alice) for _ in range(3))
    wait(third, first, second)
    with transaction():
        make.whole_task(first.id).become("archived", by=alice, at=now())
        make.whole_task(second.id).trash(by=alice, at=now())
    with transaction():
        make.whole_task(third.id).become("completed", by=alice, at=now())
    assert statuses(third) == ["completed"]


def test_a_circle_is_refused_however_long(clock, app, alice, alice_client):
    first, second, third = (make.task(alice) for _ in range(3))
    wait(second, first)
    wait(third, second)
    page = alice_client.get(f"/tasks/{first.id}/edit")
    answer = alice_client.post(f"/tasks/{first.id}/edit", data=typed(page, waits_for_ids=[third.id]))
    assert answer.status_code == 409
    assert "circle" in answer.text
    program = program_of(app, alice)
    for ids in ([first.id], [third.id]):
        answer = program.patch(f"/api/tasks/{first.id}", json={"waits_for_ids": ids})
        assert answer.status_code == 409
        assert '"waits_for_ids":' in answer.text
    assert f'"waits_for_ids":[{second.id}]' in program.get(f"/api/tasks/{third.id}").text
    changes = db.session.scalars(select(TaskChange.what).where(TaskChange.task_id == third.id)).all()
    assert changes == ["waits for"]


def test_two_at_a_moment_make_no_circle_together(app, alice):
    first, second = make.task(alice), make.task(alice)
    ids, by = (first.id, second.id), alice.id

    def act(one: int, other: int) -> Callable[[], object]:
        def edit() -> None:
            with transaction():
                others, person = [db.session.get_one(Task, other)], db.session.get_one(User, by)
                make.whole_task(one).edit(by=person, at=now(), waits_for=others)

        return edit

    ended = at_once(app, act(*ids), act(*reversed(ids)))
    assert sorted(map(repr, map(type, ended))) == sorted(map(repr, (type(None), Conflict)))


def test_only_what_one_works_on_is_waited_for_and_told(clock, app, alice, bob, bob_client):
    mine, hers = make.task(bob, title="Mine"), make.task(alice, title="A secret")
    assert (
        program_of(app, bob).patch(f"/api/tasks/{mine.id}", json={"waits_for_ids": [hers.id]}).status_code
        == 409
    )
    with transaction():
        make.whole_task(mine.id).edit(by=alice, at=now(), waits_for=[hers])
    for page in ("", "/edit"):
        assert "secret" not in bob_client.get(f"/tasks/{mine.id}{page}").text
    page = bob_client.get(f"/tasks/{mine.id}/edit")
    assert (
        bob_client.post(f"/tasks/{mine.id}/edit", data=typed(page, waits_for_ids=[hers.id])).status_code
        == 302
    )


def test_the_last_two_done_at_a_moment_are_told_once(app, alice, bob):
    first, second, third = make.task(alice), make.task(alice), make.task(alice, title="Print", to=[bob])
    wait(third, first, second)
    ids, by = (first.id, second.id), alice.id

    def act(task_id: int) -> Callable[[], object]:
        def complete() -> None:
            with transaction():
                make.whole_task(task_id).become("completed", by=db.session.get_one(User, by), at=now())

        return complete

    assert at_once(app, *map(act, ids)) == [None, None]
    assert [row[1] for row in told()].count("free") == 1
