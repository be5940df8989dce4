"""Changing the row of a task in the list, where it stands."""

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import select

from blog.db import db, now
from blog.tasks import desk, inplace
from blog.tasks.history import TaskChange, TaskCompletion
from tests import make
from tests.reading import messages_on

SOON = date(2026, 2, 1)
HIDDEN = re.compile(r'<form method="post"\s+id="row".*?</form>', re.DOTALL)


def row_on(page):
    """The form of the row, as it would be sent: the filter above has fields of the same names."""
    (hidden,) = HIDDEN.findall(page.text)
    cells = re.findall(r'(<(?:select|input)[^>]*form="row".*?</td>)', page.text, re.DOTALL)
    html = "".join([hidden, *cells])
    sent = {name: html_of(field) for field, name in re.findall(r'(<input[^>]*name="(\w+)"[^>]*>)', html)}
    chosen = re.findall(r'<select[^>]*name="(\w+)".*?<option selected value="(\w+)">', html, re.DOTALL)
    return {**sent, **dict(chosen)}


def html_of(field):
    return unescape("".join(re.findall(r'value="([^"]*)"', field)))


def opened(client, task, query=""):
    page = client.get(f"/tasks/?edit={task.id}{query}")
    assert HIDDEN.search(page.text)
    return row_on(page)


def save(client, task, sent, query=""):
    return client.post(f"/tasks/{task.id}/in-place{query}", data=sent)


def test_it_works(clock, alice, alice_client):
    task = make.task(alice, title="Facts")
    assert f'href="/tasks/?edit={task.id}"' in alice_client.get("/tasks/").text
    sent = opened(alice_client, task)
    assert (sent["status"], sent["priority"], sent["due_date"]) == ("pending", "medium", "")
    answer = save(alice_client, task, {**sent, "status": "completed", "due_date": "2026-02-01"})
    assert answer.location == "/tasks/"
    page = alice_client.get("/tasks/")
    assert "“Facts” is saved." in messages_on(page)
    assert not HIDDEN.search(page.text)
    found = make.whole_task(task.id)
    assert (found.status, found.priority, found.due_date) == ("completed", "medium", SOON)
    told = db.session.execute(select(TaskChange.what, TaskChange.after).order_by(TaskChange.id)).all()
    assert [tuple(one) for one in told] == [("due date", "2026-02-01"), ("status", "completed")]
    assert db.session.scalars(select(TaskCompletion.by_id)).all() == [alice.id]


def test_what_another_changed_is_kept_and_where_both_changed_the_same_it_is_shown(
    clock, alice, bob, alice_client
):
    task = make.task(alice, title="Facts", to=[bob])
    sent = opened(alice_client, task)
    task.edit(by=bob, at=now(), priority="high")
    db.session.commit()
    assert save(alice_client, task, {**sent, "due_date": "2026-02-01"}).status_code == 302
    found = make.whole_task(task.id)
    assert (found.priority, found.due_date) == ("high", SOON)
    sent = opened(alice_client, task)
    task.edit(by=bob, at=now(), status="completed")
    db.session.commit()
    page = save(alice_client, task, {**sent, "status": "in_progress"})
    assert page.status_code == 409
    assert "What they have: Status: “Completed”." in messages_on(page)
    assert make.whole_task(task.id).status == "completed"
    sent = row_on(page)
    assert sent["status"] == "in_progress"  # as it was chosen, to be sent again
    assert save(alice_client, task, sent).status_code == 302
    assert make.whole_task(task.id).status == "in_progress"


def test_it_leads_back_to_its_page_of_what_was_asked_for(clock, alice, alice_client, monkeypatch):
    monkeypatch.setattr(desk, "PER_PAGE", 2)
    monkeypatch.setattr(inplace, "PER_PAGE", 2)
    some = [make.task(alice, title=f"T{number}", due_date=SOON) for number in range(3)]
    asked = "&status=pending&page=2"
    sent = opened(alice_client, some[0], asked)
    answer = save(alice_client, some[0], {**sent, "priority": "low"}, f"?{asked}")
    assert answer.location == "/tasks/?status=pending&page=2"
    sent = opened(alice_client, some[0], asked)
    answer = save(alice_client, some[0], {**sent, "status": "completed"}, f"?{asked}")
    assert answer.location == "/tasks/?status=pending&page=1"  # the second is no longer there
    assert alice_client.get(answer.location).status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_wrong_is_told_and_what_is_not_theirs_is_not_found(alice, alice_client, bob_client):
    task = make.task(alice)
    sent = opened(alice_client, task)
    for wrong in ({"status": "gone"}, {"priority": "5"}, {"due_date": "9999-12-31"}, {"version": "x"}):
        answer = save(alice_client, task, {**sent, **wrong})
        assert answer.status_code == 422, wrong
        assert messages_on(answer)
    assert make.whole_task(task.id).version == task.version
    assert save(bob_client, task, sent).status_code == 404
    assert bob_client.get(f"/tasks/?edit={task.id}").status_code == 404
    assert alice_client.get("/tasks/?edit=x").status_code == 200
