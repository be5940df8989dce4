"""The list of tasks: what it can be narrowed by, its orders, and how many there are of each status."""

from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from blog.db import db
from blog.explaining import plan_of
from blog.tasks.finding import narrowing, order_of
from blog.tasks.models import Task
from blog.tasks.queries import ASKED, page_narrowed
from tests import make
from tests.queries import count_queries
from tests.reading import links_on

TODAY = date(2026, 1, 15)  # a Thursday


def titles(client, **asked):
    answer = client.get(f"/tasks/?{urlencode(asked)}")
    assert answer.status_code == 200
    return [link.text for link in links_on(answer, "/tasks/[0-9]+$")]


def numbers(client, **asked):
    words = [
        link.text.split() for link in links_on(client.get(f"/tasks/?{urlencode(asked)}"), r"/tasks/(\?|$)")
    ]
    return {" ".join(parts[:-1]): int(parts[-1]) for parts in words if parts and parts[-1].isdigit()}


@pytest.fixture
def project(clock, alice, bob):
    team, post = make.team(alice, slug="desk"), make.post(alice)
    project = make.project(alice, team_id=team.id)
    day = timedelta(days=1)
    make.task(alice, title="Late", due_date=TODAY - day, priority="low", status="in_progress", to=[bob])
    make.task(alice, title="Late and done", due_date=TODAY - day, status="completed")
    make.task(alice, title="Now", due_date=TODAY, project=project, tags=["Facts"])
    make.task(alice, title="Now at once", due_date=TODAY, priority="high", post=post)
    make.task(alice, title="Sunday", due_date=TODAY + 3 * day, description="Über ALLES nachdenken: 100 %_")
    make.task(alice, title="Next week", due_date=TODAY + 4 * day)
    make.task(alice, title="Whenever", priority="low")
    return project


USUAL = ["Late and done", "Late", "Now at once", "Now", "Sunday", "Next week", "Whenever"]


def test_unsorted_the_first_due_is_first_then_what_is_more_important(project, alice_client):
    assert titles(alice_client) == USUAL


def test_every_filter_finds_what_it_says(project, alice_client):
    post_id = db.session.scalar(select(Task.post_id).where(Task.post_id.is_not(None)))
    for asked, found in (
        ({"status": "in_progress"}, ["Late"]),
        ({"status": "open"}, [title for title in USUAL if title != "Late and done"]),
        ({"priority": "high"}, ["Now at once"]),
        ({"project_id": project.id}, ["Now"]),
        ({"project_id": "none", "priority": "high"}, ["Now at once"]),
        ({"team": "desk"}, ["Now"]),
        ({"assignee": "BOB"}, ["Late"]),
        ({"tag": "facts"}, ["Now"]),
        ({"post_id": post_id}, ["Now at once"]),
        ({"due": "overdue"}, ["Late"]),
        ({"due": "today"}, ["Now at once", "Now"]),
        ({"due": "week"}, USUAL[:5]),  # Monday to Sunday
        ({"due": "none"}, ["Whenever"]),
        ({"due_after": "2026-01-16", "due_before": "2026-01-19"}, ["Sunday", "Next week"]),
        ({"due_before": "2026-01-14"}, ["Late and done", "Late"]),
        ({"q": "NOW"}, ["Now at once", "Now"]),
        ({"q": "über alles"}, ["Sunday"]),
        ({"q": "NACHDENK"}, ["Sunday"]),
        ({"q": "%_"}, ["Sunday"]),
        ({"q": "0 %_"}, ["Sunday"]),
        ({"q": '"'}, []),
        ({"q": 'now" OR "late'}, []),
        ({"status": "open", "priority": "low", "due": "overdue", "assignee": "bob"}, ["Late"]),
        ({"status": "nonsense", "due_after": "soon", "project_id": "x"}, USUAL),
    ):
        assert titles(alice_client, **asked) == found, asked


def test_several_columns_sort_it(project, alice_client):
    by_priority = ["Now at once", "Late and done", "Now", "Sunday", "Next week", "Late", "Whenever"]
    assert titles(alice_client, sort="-priority,due_date") == by_priority
    assert titles(alice_client, sort="title") == sorted(USUAL)
    assert titles(alice_client, sort="-title") == sorted(USUAL, reverse=True)
    assert titles(alice_client, sort="status,-title")[0] == "Late and done"


def test_each_status_has_its_number_within_what_else_is_asked(project, alice_client):
    assert numbers(alice_client) == {"All": 7, "Pending": 5, "In progress": 1, "Completed": 1, "Archived": 0}
    asked = numbers(alice_client, status="completed", due_before="2026-01-15")
    assert asked == {"All": 4, "Pending": 2, "In progress": 1, "Completed": 1, "Archived": 0}


def test_today_is_the_persons_own(clock, alice, alice_client):
    make.task(alice, title="There", due_date=TODAY)
    clock.move_to("2026-01-16T05:00:00+00:00")
    assert titles(alice_client, due="overdue") == ["There"]
    alice.time_zone = "America/Los_Angeles"
    db.session.commit()
    assert titles(alice_client, due="today") == ["There"]


def test_a_text_that_changes_is_found_as_it_is(alice, alice_client):
    task = make.task(alice, title="Harbour")
    task.edit(by=alice, at=task.created_at, title="Lighthouse")
    db.session.commit()
    assert titles(alice_client, q="harbour") == []
    assert titles(alice_client, q="LIGHTH") == ["Lighthouse"]
    db.session.delete(task)
    db.session.commit()
    assert titles(alice_client, q="lighthouse") == []


def test_the_list_asks_as_often_for_fifty_as_for_one(alice, alice_client):
    make.task(alice, to=[alice], tags=["One"])
    alice_client.get("/tasks/")
    with count_queries() as few:
        alice_client.get("/tasks/")
    for _ in range(10):
        make.task(alice, to=[alice], tags=["One"])
    alice_client.get("/tasks/")  # a tag is seen by readers, so the settings are read anew
    with count_queries() as many:
        alice_client.get("/tasks/")
    assert len(many) == len(few) == 10


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("name", ASKED)
def test_an_index_answers_each_filter(app, name):
    """On SQLite, whose planner needs no rows to choose. What is shorter than three characters has none."""
    steps = list(plan_of(page_narrowed(ASKED[name][1])))
    whole = [step for step in steps if "SCAN" in step and "USING" not in step and "VIRTUAL" not in step]
    assert not whole, steps


def test_nothing_that_is_asked_is_nothing_narrowed(app):
    assert narrowing({"q": "", "colour": "red"}, TODAY) == []
    assert order_of(["nonsense"]) == Task.next_due


def test_the_longest_description_is_found_to_its_last_word(alice, alice_client):
    make.task(alice, title="Long", description="é" + "Überlegung 日本語 " * 1_300 + " harbour")
    make.task(alice, title="Other")
    assert titles(alice_client, q="HARBOUR") == ["Long"]
