"""The board: columns by status, an order that is kept, and cards that are moved."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from blog.db import db, now
from blog.explaining import plan_of
from blog.tasks import board
from blog.tasks.board import MOST_CARDS
from blog.tasks.history import TaskChange, TaskCompletion
from blog.tasks.models import Task
from blog.tasks.placing import between
from blog.tasks.queries import board_of_editor
from tests import make
from tests.queries import count_queries
from tests.reading import messages_on

BOARD = "/tasks/?view=board"


def columns(client, query=""):
    """The titles in each column, by its status."""
    page = client.get(BOARD + query).text
    found = re.findall(r'<ol data-drop="(\w+)"[^>]*>(.*?)</ol>', page, re.DOTALL)
    return {status: re.findall(r"<bdi>(T\d+)</bdi>\s*</a>", html) for status, html in found}


def move(client, task, to, query="", **others):
    return client.post(f"/tasks/{task.id}/move?view=board{query}", data={"to": to, **others})


@pytest.fixture
def four(clock, alice):
    return [make.task(alice, title=f"T{number}") for number in range(1, 5)]


def test_it_works(four, alice, alice_client):
    assert columns(alice_client) == {
        "pending": ["T1", "T2", "T3", "T4"],
        "in_progress": [],
        "completed": [],
        "archived": [],
    }
    answer = move(alice_client, four[2], "completed", version=four[2].version)
    assert answer.location == BOARD
    assert "“T3” is completed." in messages_on(alice_client.get(BOARD))
    assert columns(alice_client)["completed"] == ["T3"]
    changes = db.session.scalars(select(TaskChange).where(TaskChange.task_id == four[2].id)).all()
    assert [(one.what, one.before, one.after, one.by_id) for one in changes] == [
        ("status", "pending", "completed", alice.id)
    ]
    assert db.session.scalars(select(TaskCompletion.task_id)).all() == [four[2].id]


def test_each_way_of_moving_within_a_column_is_kept(four, alice_client):
    for task, to, found in (
        (four[0], "down", ["T2", "T1", "T3", "T4"]),
        (four[3], "up", ["T2", "T1", "T4", "T3"]),
        (four[2], "first", ["T3", "T2", "T1", "T4"]),
        (four[1], "last", ["T3", "T1", "T4", "T2"]),
        (four[1], "down", ["T3", "T1", "T4", "T2"]),
        (four[2], "up", ["T3", "T1", "T4", "T2"]),
    ):
        assert move(alice_client, task, to).status_code == 302
        assert columns(alice_client)["pending"] == found, (task.title, to)
    assert db.session.scalars(select(TaskChange.id)).all() == []  # no status is new


def test_a_card_is_put_right_below_another(four, alice_client):
    move(alice_client, four[3], "pending", after=four[0].id)
    assert columns(alice_client)["pending"] == ["T1", "T4", "T2", "T3"]
    move(alice_client, four[2], "pending", after="")
    assert columns(alice_client)["pending"] == ["T3", "T1", "T4", "T2"]
    move(alice_client, four[0], "in_progress", after="")
    move(alice_client, four[1], "in_progress", after=four[0].id)
    assert columns(alice_client)["in_progress"] == ["T1", "T2"]


def test_what_changes_its_status_elsewhere_comes_first_and_what_is_new_last(clock, four, alice, alice_client):
    for task in four[:2]:
        clock.shift(60)
        alice_client.post(f"/tasks/{task.id}/status", data={"status": "in_progress"})
    assert columns(alice_client)["in_progress"] == ["T2", "T1"]
    clock.shift(60)
    many = {"act": "start", "ids": [four[3].id], "sure": "1"}
    alice_client.post("/tasks/bulk", data=many)
    assert columns(alice_client)["in_progress"] == ["T4", "T2", "T1"]
    move(alice_client, four[2], "last")
    make.task(alice, title="T5")
    assert columns(alice_client)["pending"] == ["T3", "T5"]


def test_a_move_is_one_update_and_one_version(four, alice_client):
    version = four[1].version
    with count_queries() as asked:
        move(alice_client, four[1], "in_progress", after="")
    assert len([one for one in asked if one.startswith("UPDATE tasks")]) == 1
    assert make.whole_task(four[1].id).version == version + 1


def test_between_neighbours_without_room_the_column_is_spaced_out(four, alice_client):
    for task in four:
        task.place = 1.0
    db.session.commit()
    move(alice_client, four[3], "pending", after=four[0].id)
    assert columns(alice_client)["pending"] == ["T1", "T4", "T2", "T3"]
    versions = db.session.scalars(select(Task.version).order_by(Task.id)).all()
    assert versions[0] == versions[1] < versions[3]  # spacing out is no change of the others


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_hundred_moves_to_the_same_spot_keep_the_order(four, alice_client):
    for number in range(70):
        one, other = four[1 + number % 2], four[0]
        move(alice_client, one, "pending", after=other.id)
        assert columns(alice_client)["pending"][:2] == ["T1", one.title]


@given(st.lists(st.integers(0, 3), max_size=60))
def test_places_between_others_are_between_them_until_there_is_none(turns):
    places = [0.0, 1.0]
    for turn in turns:
        at = turn % (len(places) + 1)
        above = places[at - 1] if at else None
        below = places[at] if at < len(places) else None
        found = between(above, below)
        if found is not None:
            places.insert(at, found)
    assert all(one < other for one, other in pairwise(places))


def test_a_stale_move_tells_what_the_other_did(four, alice, bob, as_, alice_client):
    task = make.task(alice, title="T9", to=[bob])
    seen = task.version
    as_(bob).post(f"/tasks/{task.id}/status", data={"status": "completed"})
    move(alice_client, task, "in_progress", version=seen)
    page = alice_client.get(BOARD)
    told = "Somebody else changed “T9” meanwhile: it is completed, of medium priority, without a date."
    assert told in messages_on(page)
    assert columns(alice_client)["completed"] == ["T9"]
    assert move(alice_client, task, "in_progress", version=seen + 1).status_code == 302
    assert columns(alice_client)["in_progress"] == ["T9"]


def test_the_filter_of_the_list_narrows_it_and_stays(four, alice, alice_client):
    project = make.project(alice)
    make.task(alice, title="T7", project=project)
    make.task(alice, title="T8", project=project)
    asked = f"&project_id={project.id}"
    assert columns(alice_client, asked)["pending"] == ["T7", "T8"]
    assert list(columns(alice_client, "&status=open")) == ["pending", "in_progress"]
    assert list(columns(alice_client, "&status=completed")) == ["completed"]
    answer = move(alice_client, four[0], "completed", asked)
    assert answer.location == f"/tasks/?project_id={project.id}&view=board"


def test_a_long_column_leads_to_the_list(clock, alice, alice_client, monkeypatch):
    monkeypatch.setattr(board, "MOST_CARDS", 3)
    for number in range(5):
        make.task(alice, title=f"T{number}")
    page = alice_client.get(BOARD).text
    assert columns(alice_client)["pending"] == ["T0", "T1", "T2"]
    assert "All 5 in the list" in page
    assert 'href="/tasks/?status=pending"' in page
    assert MOST_CARDS >= 3


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_those_who_work_on_it_move_it(four, alice, alice_client, bob_client, charlie_client):
    for client in (bob_client, charlie_client):
        assert columns(client)["pending"] == []
        assert move(client, four[0], "completed").status_code == 404
    theirs = make.task()
    assert move(alice_client, four[0], "pending", after=theirs.id).status_code == 404
    assert move(alice_client, four[0], "pending", after="x").status_code == 404
    assert move(alice_client, four[0], "deleted").status_code == 422
    four[0].trash(by=alice, at=now())
    db.session.commit()
    assert move(alice_client, four[0], "completed").status_code == 404
    assert make.whole_task(four[0].id).status == "pending"


def test_the_board_asks_as_often_for_many_as_for_one(alice, alice_client):
    make.task(alice, to=[alice], tags=["One"])
    alice_client.get(BOARD)
    with count_queries() as few:
        alice_client.get(BOARD)
    for number in range(8):
        make.task(alice, to=[alice], status=("pending", "in_progress", "completed", "archived")[number % 4])
    with count_queries() as many:
        alice_client.get(BOARD)
    assert len(many) == len(few) == 9


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_index_has_the_order_of_each_column(app):
    steps = [step for step in plan_of(board_of_editor()) if "tasks" in step]
    assert steps
    assert all("ix_tasks_status_place_id" in step for step in steps), steps
