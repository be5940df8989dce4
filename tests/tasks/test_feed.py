"""The calendar that programs read at a secret address, read back as they do."""

import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

import pytest
from icalendar import Calendar
from sqlalchemy import select

from blog.db import db, now
from blog.logs import hidden
from blog.tasks.calendar_links import CalendarLink
from blog.tasks.feed import PRODUCT
from tests import make
from tests.queries import count_queries
from tests.reading import messages_on

PAGE = "/tasks/calendar"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
FRIDAY = date(2026, 1, 16)
ODD = 'Tea; milk, \\n and "salt": 日本語 ' + "é" * 120


def read(client, key, **asked):
    answer = client.get(f"{PAGE}/{key}.ics?{urlencode(asked)}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data)


def events(client, key, **asked):
    return {str(event["uid"]): event for event in read(client, key, **asked).walk("VEVENT")}


def titles(client, key, **asked):
    return sorted(str(event["summary"]) for event in events(client, key, **asked).values())


def address_on(page):
    found = re.search(r"<code>http://localhost(/tasks/calendar/([\w-]{43})\.ics)</code>", page.text)
    return found and found[2]


def test_it_works(clock, alice, alice_client, client):
    task = make.task(alice, title=ODD, due_date=FRIDAY, project=make.project(alice, name="Winter, printed"))
    post = make.post(alice, title="Tea", published_at=NOON + timedelta(days=2))
    later = {"publish_at": NOON + timedelta(days=3), "publish_zone": "UTC"}
    make.revision(changed := make.post(alice), title="Green tea", wait=True, later=later)
    assert "at an address that only you know" in alice_client.get(PAGE).text
    key = address_on(alice_client.post(PAGE))
    calendar = read(client, key)
    assert (str(calendar["prodid"]), str(calendar["version"])) == (PRODUCT, "2.0")
    found = events(client, key)
    due = found[f"task-{task.id}@localhost"]
    assert (str(due["summary"]), due.decoded("dtstart"), due.decoded("dtend")) == (
        ODD,
        FRIDAY,
        FRIDAY + timedelta(days=1),
    )
    assert due.decoded("dtstamp") == NOON
    assert str(due["url"]) == f"http://localhost/tasks/{task.id}"
    assert due["categories"].cats == ["Winter, printed"]
    appears = found[f"post-{post.id}@localhost"]
    assert (str(appears["summary"]), appears.decoded("dtstart")) == ("Tea", NOON + timedelta(days=2))
    change = found[f"change-{changed.id}@localhost"]
    assert (str(change["summary"]), change.decoded("dtstart")) == (
        "Green tea (a change)",
        NOON + timedelta(days=3),
    )


def test_its_lines_are_short_and_end_as_they_must(clock, alice, client):
    make.task(alice, title=ODD, due_date=FRIDAY)
    text = client.get(f"{PAGE}/{make.calendar_key(alice)}.ics").data
    lines = text.split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert b"SUMMARY:Tea\\; milk\\, \\\\n and " in text


def test_what_changes_stays_the_same_entry(clock, alice, client):
    task, key = make.task(alice, title="Facts", due_date=FRIDAY), make.calendar_key(alice)
    clock.shift(60)
    task.edit(by=alice, at=now(), title="All facts", due_date=FRIDAY + timedelta(days=3))
    db.session.commit()
    ((uid, event),) = events(client, key).items()
    assert uid == f"task-{task.id}@localhost"
    assert str(event["summary"]) == "All facts"
    assert event.decoded("dtstart") == FRIDAY + timedelta(days=3)
    assert event.decoded("dtstamp") == NOON + timedelta(minutes=1)


def test_it_has_what_this_person_may_see_and_what_the_address_asks_for(clock, alice, bob, editor, client):
    project = make.project(alice)
    make.task(alice, title="Hers", due_date=FRIDAY, project=project)
    make.task(alice, title="For Bob", due_date=FRIDAY, to=[bob])
    make.task(alice, title="Done", due_date=FRIDAY, status="completed")
    make.task(alice, title="Without a date")
    make.task(alice, title="Long ago", due_date=FRIDAY - timedelta(days=70))
    make.post(alice, title="Draft", status="draft", published_at=NOON + timedelta(days=1))
    hers, his, all_of_it = (make.calendar_key(person) for person in (alice, bob, editor))
    assert titles(client, hers) == ["Draft", "For Bob", "Hers"]
    assert titles(client, his) == ["For Bob"]
    assert titles(client, all_of_it) == ["Draft", "For Bob", "Hers"]
    assert titles(client, hers, project_id=project.id) == ["Hers"]
    assert titles(client, hers, status="completed") == ["Done"]
    assert titles(client, hers, assignee="bob", due="week") == ["For Bob"]


def test_today_is_that_of_the_person(clock, alice, client):
    make.task(alice, title="Today", due_date=date(2026, 1, 15))
    alice.time_zone = "Pacific/Auckland"  # where it is the 16th
    key = make.calendar_key(alice)
    assert titles(client, key, due="overdue") == ["Today"]
    assert titles(client, key, due="today") == []


def test_made_anew_or_withdrawn_it_leads_nowhere(clock, alice, alice_client, client):
    first = address_on(alice_client.post(PAGE, data={"nonce": "one"}))
    again = alice_client.post(PAGE, data={"nonce": "one"})  # the same form, sent twice
    assert again.status_code == 302
    assert client.get(f"{PAGE}/{first}.ics").status_code == 200
    second = address_on(alice_client.post(PAGE, data={"nonce": "two"}))
    assert client.get(f"{PAGE}/{first}.ics").status_code == 404
    assert first not in alice_client.get(PAGE).text
    assert client.get(f"{PAGE}/{second}.ics").status_code == 200
    answer = alice_client.post(f"{PAGE}/withdraw")
    assert "The address leads nowhere from now on." in messages_on(alice_client.get(answer.location))
    assert client.get(f"{PAGE}/{second}.ics").status_code == 404
    assert alice_client.post(f"{PAGE}/withdraw").status_code == 302  # it stays withdrawn


def test_of_whoever_has_left_nothing_is_found(clock, alice, client):
    key = make.calendar_key(alice)
    assert client.get(f"{PAGE}/{key}.ics").status_code == 200
    alice.deactivated_at = now()
    db.session.commit()
    assert client.get(f"{PAGE}/{key}.ics").status_code == 404
    db.session.delete(alice)
    db.session.commit()
    assert db.session.scalars(select(CalendarLink.user_id)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_key_is_kept_nowhere_and_the_answer_by_nobody(clock, app, alice, client):
    key = make.calendar_key(alice)
    assert key not in db.session.scalars(select(CalendarLink.key_hash)).one()
    answer = client.get(f"{PAGE}/{key}.ics")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    assert key not in hidden(f'"GET {PAGE}/{key}.ics?q=x HTTP/1.1" 200')
    wrong = client.get(f"{PAGE}/{key[:-1]}.ics")
    assert (wrong.status_code, wrong.headers["Cache-Control"]) == (404, "private, no-store")


def test_it_asks_the_same_however_much_there_is(clock, alice, client):
    key = make.calendar_key(alice)
    make.task(alice, due_date=FRIDAY)
    client.get(f"{PAGE}/{key}.ics")
    with count_queries() as few:
        client.get(f"{PAGE}/{key}.ics")
    for _ in range(4):
        make.task(alice, due_date=FRIDAY)
        make.post(alice)
    client.get(f"{PAGE}/{key}.ics")
    with count_queries() as many:
        client.get(f"{PAGE}/{key}.ics")
    assert len(many) == len(few)
    assert len([one for one in few if "site_version" not in one]) == 3
