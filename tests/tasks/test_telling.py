"""Who is told of what happens to tasks: given, mentioned, commented, due tomorrow, overdue."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from blog.accounts.models import User
from blog.db import db, now, transaction
from blog.notices.models import Kind, Notice
from blog.tasks import bulk
from blog.tasks.due import tell_due
from blog.tasks.mentions import MOST, mentioned_in
from blog.tasks.models import Task
from blog.tasks.undoing import Act
from tests import make
from tests.program import program_of
from tests.working import do_jobs


def told() -> list[tuple[Any, ...]]:
    """(username, kind, title) of each notice, the first first."""
    found = select(User.username, Notice.kind, Notice.title).join(User, User.id == Notice.user_id)
    return [tuple(row) for row in db.session.execute(found.order_by(Notice.id))]


def edit(task: Task, by: User, **values: Any) -> None:
    with transaction():
        make.whole_task(task.id).edit(by=by, at=now(), **values)


def test_who_is_given_a_task_is_told_once_and_nobody_of_what_they_did_themselves(clock, alice, bob):
    task = make.task(alice, title="Facts", to=[alice, bob])
    edit(task, alice, assignees=[bob, alice], title="All facts")
    assert told() == [("bob", "assigned", "Facts")]
    edit(task, alice, assignees=[])
    edit(task, alice, assignees=[bob])
    assert told() == [("bob", "assigned", "Facts"), ("bob", "assigned", "All facts")]


def test_of_many_given_at_once_they_are_told_each_that_is_new(clock, alice, bob):
    tasks = [make.task(alice, title="Theirs", to=[bob]), make.task(alice, title="New")]
    ids = tuple(task.id for task in tasks)
    with transaction():
        order = bulk.Order(Act.ASSIGN, alice, now(), now().date(), person=bob)
        bulk.do(order, bulk.Chosen(ids=ids))
    assert told() == [("bob", "assigned", "Theirs"), ("bob", "assigned", "New")]
    do_jobs()
    assert db.session.scalars(select(Notice.id).where(Notice.mailed_at.is_(None))).all() == []


def test_who_is_mentioned_and_may_see_it_is_told(clock, alice, bob, charlie, editor):
    text = "Ask @Bob, @charlie or @editor. `@alice` is code, a@bob.example an address."
    task = make.task(alice, title="Facts", project=make.project(alice, bob), description=text)
    assert sorted(told()) == [("bob", "mentioned", "Facts"), ("editor", "mentioned", "Facts")]
    edit(task, alice, description=f"{text} Really.")
    edit(task, alice, description="Ask @charlie.", assignees=[charlie])
    assert len(told()) == 3  # charlie was given it; their name stood there before
    edit(task, alice, description="")
    edit(task, alice, description="Ask @charlie.")
    assert told()[3:] == [("charlie", "mentioned", "Facts")]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ann, @Bob-e. and @zoë!", {"ann", "bob-e", "zoë"}),
        ("(@ann) *@bob* @@zoe a/@eve", {"ann", "bob"}),
        ("```\n@ann\n``` @bob", {"bob"}),
        (" ".join(f"@a{number}" for number in range(MOST + 9)), {f"a{number}" for number in range(MOST)}),
        ("@" * 50_000, set()),
    ],
)
def test_names_are_found(text: str, names: set[str]) -> None:
    assert mentioned_in(text) == names


def test_what_is_written_about_a_task_is_told_to_whoever_it_concerns(clock, alice, bob, charlie, as_):
    project = make.project(alice, bob, charlie)
    task = make.task(alice, title="Facts", to=[bob], project=project)
    as_(charlie).post(f"/tasks/{task.id}/comments", data={"content": "Look, @bob: *half* done."})
    assert told()[1:] == [("bob", "mentioned", "Facts"), ("alice", "commented", "Facts")]
    page = as_(bob).get(f"/tasks/{task.id}").text
    assert "<em>half</em>" in page
    as_(bob).post(f"/tasks/{task.id}/comments", data={"content": "I do."})
    assert sorted(told()[3:]) == [("alice", "commented", "Facts"), ("charlie", "commented", "Facts")]
    assert "Look, @bob: *half* done." in as_(bob).get("/notices/").text


def test_one_changes_and_takes_back_ones_own_words(clock, alice, bob, editor, as_):
    task = make.task(alice, to=[bob])
    said = make.said(task, bob)
    address = f"/tasks/{task.id}/comments/{said.id}"
    for other in (alice, editor):
        assert as_(other).get(f"{address}/edit").status_code in {403, 404}
        assert as_(other).post(f"{address}/delete").status_code in {403, 404}
    as_(bob).post(f"{address}/edit", data={"content": "All done, @editor."})
    assert "All done, @editor." in as_(alice).get(f"/tasks/{task.id}").text
    assert ("editor", "mentioned") in [row[:2] for row in told()]
    as_(bob).post(f"{address}/delete")
    assert "All done" not in as_(alice).get(f"/tasks/{task.id}").text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_who_works_on_it_writes_about_it_and_only_something(alice, bob_client, alice_client):
    task = make.task(alice)
    assert bob_client.post(f"/tasks/{task.id}/comments", data={"content": "Hm."}).status_code == 404
    assert alice_client.post(f"/tasks/{task.id}/comments", data={"content": " "}).status_code == 422


def test_the_day_before_and_the_day_after_on_each_persons_clock(clock, alice, bob):
    """At noon of the 15th in UTC it is the 16th in Auckland."""
    bob.time_zone = "Pacific/Auckland"
    made = {
        day: make.task(alice, title=f"On {day}", due_date=date(2026, 1, day), to=[alice, bob])
        for day in (14, 16, 17)
    }
    make.task(bob, title="Nobody's", due_date=date(2026, 1, 17))
    make.task(alice, title="Long ago", due_date=date(2025, 1, 1), to=[alice])
    make.task(alice, title="Done", status="completed", due_date=date(2026, 1, 16), to=[alice])
    db.session.execute(delete(Notice))
    for _ in range(2):
        with transaction():
            tell_due()
    first = {
        ("alice", "due_tomorrow", "On 16"),
        ("alice", "overdue", "On 14"),
        ("bob", "due_tomorrow", "On 17"),
        ("bob", "due_tomorrow", "Nobody's"),
        ("bob", "overdue", "On 14"),
    }
    assert sorted(told()) == sorted(first)
    edit(made[14], alice, due_date=date(2026, 1, 16))
    clock.move_to(datetime(2026, 1, 16, 12, tzinfo=UTC))
    with transaction():
        tell_due()
    assert sorted(set(told()) - first) == [
        ("alice", "due_tomorrow", "On 17"),
        ("bob", "overdue", "On 16"),
    ]
    assert len(told()) == len(first) + 3  # the one that was moved is overdue for bob once more


def test_a_reminder_tells_its_own_person(clock, alice, alice_client):
    post = make.post(alice, title="Letters")
    alice_client.post(f"/posts/{post.id}/reminder")
    clock.shift(timedelta(days=190))
    do_jobs()
    assert told()[0] == ("alice", "assigned", "Look at “Letters” again")
    assert db.session.scalars(select(Notice.kind)).first() == Kind.ASSIGNED


def test_programs_write_about_tasks_too(app, clock, alice, bob):
    task = make.task(alice, to=[bob])
    client = program_of(app, bob)
    made = client.post(f"/api/tasks/{task.id}/comments", json={"content": "Half."})
    assert made.status_code == 201
    said: Any = made.json
    address = f"/api/tasks/{task.id}/comments/{said['id']}"
    assert client.patch(address, json={"content": "All."}).status_code == 200
    listed: Any = client.get(f"/api/tasks/{task.id}/comments").json
    assert [one["content"] for one in listed] == ["All."]
    assert program_of(app, alice).delete(address).status_code == 404
    assert client.delete(address).status_code == 204
