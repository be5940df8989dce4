"""The calendar of tasks and posts: a month or a week, and what is moved to another day."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from blog import settings
from blog.db import db, now
from blog.explaining import plan_of
from blog.jobs import Job
from blog.posts.models import Post
from blog.tasks.history import TaskChange
from blog.tasks.queries import month_of_editor
from tests import make
from tests.queries import count_queries
from tests.reading import messages_on

CALENDAR = "/tasks/?view=calendar"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
FRIDAY = date(2026, 1, 16)


def days(client, query=""):
    """What stands on each day that has something."""
    page = client.get(CALENDAR + query).text
    found = re.findall(r'<li data-drop="([\d-]+)"(.*?)</ul>', page, re.DOTALL)
    titles = {day: re.findall(r"<bdi>([^<]*)</bdi></a>", html) for day, html in found}
    return {day: names for day, names in titles.items() if names}


def shown(client, query=""):
    return re.findall(r'<li data-drop="([\d-]+)"', client.get(CALENDAR + query).text)


def stored_post(post):
    found = select(Post.published_at, Post.published_zone, Post.status).where(Post.id == post.id)
    return db.session.execute(found).one()


def test_it_works(clock, alice, alice_client):
    task = make.task(alice, title="Facts", due_date=FRIDAY)
    post = make.post(alice, title="Tea", published_at=NOON + timedelta(days=2, hours=1))
    assert days(alice_client) == {"2026-01-16": ["Facts"], "2026-01-17": ["Tea"]}
    answer = alice_client.post(
        f"/tasks/{task.id}/day?view=calendar&month=2026-01",
        data={"day": "2026-01-20", "version": task.version},
    )
    assert answer.location == "/tasks/?view=calendar&month=2026-01"
    assert "“Facts” is due on January 20, 2026." in messages_on(alice_client.get(answer.location))
    (change,) = db.session.scalars(select(TaskChange).where(TaskChange.task_id == task.id))
    assert (change.what, change.before, change.after) == ("due date", "2026-01-16", "2026-01-20")
    answer = alice_client.post(
        f"/tasks/posts/{post.id}/day?view=calendar&week=2026-01-15",
        data={"day": "2026-01-19", "version": post.version, "kind": "post"},
    )
    assert answer.location == "/tasks/?view=calendar&week=2026-01-15"
    assert stored_post(post).published_at == NOON + timedelta(days=4, hours=1)
    due = db.session.scalars(select(Job.due_at).where(Job.name == "posts.appeared")).all()
    assert due == [NOON + timedelta(days=4, hours=1)]
    assert days(alice_client) == {"2026-01-19": ["Tea"], "2026-01-20": ["Facts"]}


def test_weeks_begin_as_where_the_readers_language_is_spoken(clock, alice, alice_client):
    alice.language = "en-US"
    db.session.commit()
    assert shown(alice_client, "&week=2026-01-15") == [f"2026-01-{day:02}" for day in range(11, 18)]
    alice.language = "de"
    db.session.commit()
    assert shown(alice_client, "&week=2026-01-15") == [f"2026-01-{day:02}" for day in range(12, 19)]
    assert shown(alice_client, "&week=2026-01-18")[0] == "2026-01-12"
    assert (shown(alice_client)[0], shown(alice_client)[-1]) == ("2025-12-29", "2026-02-01")


def test_the_filter_narrows_tasks_and_shows_the_posts_that_they_are_about(clock, alice, alice_client):
    post, project = make.post(alice, title="Tea", published_at=NOON + timedelta(days=1)), make.project(alice)
    make.post(alice, title="Other", published_at=NOON + timedelta(days=1))
    make.task(alice, title="Facts", due_date=FRIDAY, project=project, post=post)
    make.task(alice, title="Elsewhere", due_date=FRIDAY)
    make.task(alice, title="Away", due_date=FRIDAY, project=project, status="archived")
    assert days(alice_client, f"&project_id={project.id}") == {"2026-01-16": ["Facts", "Tea"]}
    assert days(alice_client, "&status=archived") == {"2026-01-16": ["Away"]}


def test_a_change_that_waits_is_moved_and_readers_see_it_then(clock, alice, alice_client, client):
    post = make.post(alice, title="Tea", slug="tea")
    later = {"publish_at": NOON + timedelta(days=3), "publish_zone": "UTC"}
    make.revision(post, title="Green tea", content="Green.", wait=True, later=later)
    sent = {"day": "2026-01-16", "kind": "change", "version": make_version(post)}
    assert alice_client.post(f"/posts/{post.id}/day", data=sent).location == "/posts/?view=calendar"
    assert days(alice_client)["2026-01-16"] == ["Green tea"]
    clock.move_to(NOON + timedelta(days=1, minutes=1))
    assert "Green." in client.get("/posts/tea").text


def make_version(post):
    return db.session.scalar(select(Post.version).where(Post.id == post.id))


def test_a_post_that_is_postponed_is_seen_at_its_new_time_alone(clock, alice, alice_client, client):
    post = make.post(alice, title="Tea", slug="tea", published_at=NOON + timedelta(days=1))
    alice_client.post(f"/posts/{post.id}/day", data={"day": "2026-01-18"})
    clock.move_to(NOON + timedelta(days=2))
    assert client.get("/posts/tea").status_code == 404
    clock.move_to(NOON + timedelta(days=3, minutes=1))
    assert client.get("/posts/tea").status_code == 200
    assert "Words of post" in alice_client.get(f"/posts/{post.id}/revisions/1").text


def test_the_time_of_day_is_that_of_whoever_moves_it(clock, alice, alice_client):
    alice.time_zone = "Europe/Berlin"
    post = make.post(alice, published_at=datetime(2026, 3, 28, 1, 30, tzinfo=UTC))  # 2:30 there
    alice_client.post(f"/posts/{post.id}/day", data={"day": "2026-03-29"})
    page = alice_client.get("/posts/?view=calendar&month=2026-03")
    assert "The clocks of Europe/Berlin leave this time out." in messages_on(page)
    alice_client.post(f"/posts/{post.id}/day", data={"day": "2026-03-30"})
    assert stored_post(post).published_at == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    assert stored_post(post).published_zone == "Europe/Berlin"


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_cannot_be_moved_stays_and_it_is_told(clock, alice, alice_client):
    out, soon = make.post(alice), make.post(alice, published_at=NOON + timedelta(days=1))
    draft = make.post(alice, status="draft", published_at=NOON + timedelta(days=1))
    task = make.task(alice, title="Facts", due_date=FRIDAY)
    seen = task.version
    task.edit(by=alice, at=now(), priority="high")
    db.session.commit()
    for address, sent, told in (
        (f"/posts/{out.id}/day", {"day": "2026-02-01"}, "Readers have this post already"),
        (f"/posts/{out.id}/day", {"day": "2026-02-01", "kind": "change"}, "Readers have this post already"),
        (f"/posts/{soon.id}/day", {"day": "2026-01-10"}, "That time is over."),
        (f"/posts/{soon.id}/day", {"day": "soon"}, "Choose a day."),
        (f"/posts/{soon.id}/day", {"day": "2400-01-01"}, "Choose a year from 1900 to 2199."),
        (f"/posts/{soon.id}/day", {"day": "2026-02-01", "version": 99}, "Somebody else saved"),
        (f"/tasks/{task.id}/day", {"day": ""}, "Choose a day."),
        (f"/tasks/{task.id}/day", {"day": "9999-12-31"}, "Choose a day."),
        (
            f"/tasks/{task.id}/day",
            {"day": "2026-02-01", "version": seen},
            "of high priority, due on January 16, 2026",
        ),
    ):
        answer = alice_client.post(address, data=sent)
        assert told in messages_on(alice_client.get(answer.location)), (address, sent)
    assert make.whole_task(task.id).due_date == FRIDAY
    assert stored_post(soon).published_at == NOON + timedelta(days=1)
    alice_client.post(f"/posts/{draft.id}/day", data={"day": "2026-01-10"})
    assert tuple(stored_post(draft)) == (NOON - timedelta(days=5), "UTC", "draft")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_those_who_may_move_it(clock, alice, bob, as_, editor_client, charlie_client):
    team = make.team(alice, bob)
    draft = make.post(alice, title="Draft", status="draft", team=team, published_at=NOON + timedelta(days=1))
    task = make.task(alice, title="Facts", due_date=FRIDAY)
    for client, status in ((as_(bob), 404), (charlie_client, 403)):
        assert client.post(f"/tasks/posts/{draft.id}/day", data={"day": "2026-02-01"}).status_code == status
        assert client.post(f"/posts/{draft.id}/day", data={"day": "2026-02-01"}).status_code == status
        assert client.post(f"/tasks/{task.id}/day", data={"day": "2026-02-01"}).status_code == 404
    page = as_(bob).get(CALENDAR).text  # reads it, and has no form to move it
    assert "Draft" in page
    assert f"/tasks/posts/{draft.id}/day" not in page
    assert f"/tasks/posts/{draft.id}/day" in editor_client.get(CALENDAR).text


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    "query", ["month=2026-13", "week=2026-W03", "week=2026-02-30", "week=1800-01-01", "week="]
)
def test_what_is_no_week_and_no_month_is_not_found(alice_client, query):
    assert alice_client.get(f"{CALENDAR}&{query}").status_code == 404
    assert alice_client.get(f"/posts/?view=calendar&{query}").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_first_and_last_weeks_are_shown(alice_client):
    for week in ("1901-01-01", "2198-12-31"):
        assert len(shown(alice_client, f"&week={week}")) == 7
    settings.save(language="ar-EG")  # whose weeks begin on Saturday
    db.session.commit()
    assert shown(alice_client, "&week=2026-01-15")[0] == "2026-01-10"


def test_it_asks_the_same_however_much_there_is(clock, alice, alice_client):
    make.task(alice, due_date=FRIDAY)
    make.post(alice)
    alice_client.get(CALENDAR)
    with count_queries() as few:
        alice_client.get(CALENDAR)
    for _ in range(5):
        make.task(alice, due_date=FRIDAY)
        make.post(alice)
    alice_client.get(CALENDAR)
    with count_queries() as many:
        alice_client.get(CALENDAR)
    assert len(many) == len(few) == 9


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_index_finds_what_is_due(app):
    (step,) = [step for step in plan_of(month_of_editor()) if "tasks" in step]
    assert "SEARCH tasks USING INDEX ix_tasks_due_date_" in step
