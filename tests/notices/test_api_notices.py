"""/api/notices: a program reads what its person was told, and marks it as read."""

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.notices.models import Kind, Notice
from tests import make
from tests.program import program_of
from tests.queries import count_queries

NULLS = {"title": None, "text": None, "by": None, "task_id": None, "comment_id": None}


def ids_of(answer):
    return [one["id"] for one in answer.get_json()]


def unread() -> list[int]:
    return list(db.session.scalars(select(Notice.id).where(Notice.read_at.is_(None)).order_by(Notice.id)))


def test_it_works(app, clock, alice, bob):
    task = make.task(alice, title="Check the facts", to=[bob])
    (told,) = program_of(app, bob).get("/api/notices").get_json()
    assert told == {
        "id": told["id"],
        "kind": "assigned",
        "title": "Check the facts",
        "text": "",
        "by": "Alice",
        "task_id": task.id,
        "comment_id": None,
        "created_at": told["created_at"],
        "read_at": None,
    }
    assert program_of(app, bob).get(f"/api/notices/{told['id']}").get_json() == told
    assert unread() == [told["id"]]  # to read it in a program is to have read nothing


def test_it_is_narrowed_and_comes_in_pages(app, clock, alice, bob):
    task = make.task(alice)
    first, second, third = (make.notice(bob, task) for _ in range(3))
    other = make.notice(bob, task, Kind.OVERDUE)
    first.read_at = now()
    db.session.commit()
    program = program_of(app, bob)
    assert ids_of(program.get("/api/notices?unread=true")) == [other.id, third.id, second.id]
    assert ids_of(program.get("/api/notices?unread=false")) == [first.id]
    assert ids_of(program.get("/api/notices?kind=overdue")) == [other.id]
    page = program.get("/api/notices?limit=2&page=2")
    assert (ids_of(page), page.headers["X-Total-Count"]) == ([second.id, first.id], "4")
    assert program.get("/api/notices?kind=else").status_code == 422


def test_those_that_are_named_or_all_are_marked_as_read(app, clock, alice, bob):
    task = make.task(alice)
    first, second, third = (make.notice(bob, task).id for _ in range(3))
    hers = make.notice(alice, task).id
    program = program_of(app, bob)
    for _ in range(2):
        answer = program.post("/api/notices/read", json={"ids": [first, hers, 999_999]})
        assert answer.get_json() == {"read": 1 if _ == 0 else 0}
    assert unread() == [second, third, hers]
    assert program.post("/api/notices/read", json={"ids": []}).get_json() == {"read": 0}
    assert program.post("/api/notices/read").get_json() == {"read": 2}
    assert unread() == [hers]
    reading = program_of(app, alice, "read")
    assert reading.post("/api/notices/read").status_code == 403


def test_of_what_one_no_longer_finds_it_tells_nothing(app, clock, alice, bob):
    task = make.task(alice, title="A secret", to=[bob])
    task.trash(by=alice, at=now())
    db.session.commit()
    (told,) = program_of(app, bob).get("/api/notices").get_json()
    assert NULLS.items() <= told.items()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_finds_those_of_others(app, clock, alice, bob, charlie):
    notice = make.notice(bob, make.task(alice))
    program = program_of(app, charlie)
    assert program.get("/api/notices").get_json() == []
    assert program.get(f"/api/notices/{notice.id}").status_code == 404


def test_many_cost_as_much_as_one(app, clock, alice, bob):
    program, task = program_of(app, bob), make.task(alice)

    def costs() -> int:
        make.notice(bob, task)
        with count_queries() as statements:
            program.get("/api/notices")
        return len(statements)

    costs()
    assert len({costs() for _ in range(4)}) == 1
