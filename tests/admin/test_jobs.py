"""The page of jobs: for admins, and with what they can do about those that failed."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.db import db, now, transaction
from blog.jobs import Job, enqueue
from blog.mail import Letter
from tests.chores import notes, the_job
from tests.queries import count_queries
from tests.reading import messages_on
from tests.visitor import Visitor
from tests.working import do_jobs

Clock = time_machine.Traveller


def make_job(**state: object) -> Job:
    made = Job(**{"name": "note", "arguments": {"text": "x"}, "due_at": now(), **state})
    db.session.add(made)
    db.session.commit()
    return made


def one_of_each() -> dict[str, Job]:
    return {
        "waiting": make_job(),
        "running": make_job(leased_until=now() + timedelta(minutes=1)),
        "failed": make_job(given_up_at=now(), error="OSError: <no> room", attempts=10),
        "finished": make_job(finished_at=now(), attempts=1),
    }


def shown(page: TestResponse) -> list[int]:
    """The ids of the jobs that have buttons, in the page's order."""
    return [int(found) for found in re.findall(r"/admin/jobs/(\d+)/remove", page.text)]


def test_it_works(app: Flask, admin_client: Visitor) -> None:
    jobs = one_of_each()
    page = admin_client.get("/admin/jobs")
    assert page.status_code == 200
    assert shown(page) == [jobs[state].id for state in ("failed", "running", "waiting")]
    assert "OSError: &lt;no&gt; room" in page.text
    for state in jobs:
        assert re.search(rf"{state.capitalize()} <span>1</span>", page.text)
    assert re.search(r"All <span>4</span>", page.text)


@pytest.mark.parametrize("state", ["waiting", "running", "failed", "finished"])
def test_a_state_can_be_looked_at_alone(app: Flask, admin_client: Visitor, state: str) -> None:
    jobs = one_of_each()
    page = admin_client.get(f"/admin/jobs?state={state}")
    assert shown(page) == [jobs[state].id for _ in range(state != "finished")]
    assert page.text.count("<tr>") == 2


def test_a_worker_that_died_leaves_its_job_waiting(clock: Clock, app: Flask, admin_client: Visitor) -> None:
    job = make_job(leased_until=now() + timedelta(minutes=1))
    assert shown(admin_client.get("/admin/jobs?state=running")) == [job.id]
    clock.shift(timedelta(minutes=2))
    assert shown(admin_client.get("/admin/jobs?state=running")) == []
    assert shown(admin_client.get("/admin/jobs?state=waiting")) == [job.id]


@pytest.mark.parametrize("address", ["/admin/jobs?state=asleep", "/admin/jobs?page=2", "/admin/jobs?page=x"])
def test_there_is_nothing_at_other_addresses(app: Flask, admin_client: Visitor, address: str) -> None:
    assert admin_client.get(address).status_code == 404


def test_many_jobs_are_paged_at_the_same_cost(app: Flask, admin_client: Visitor) -> None:
    make_job()
    with count_queries() as few:
        admin_client.get("/admin/jobs")
    with transaction():
        for _ in range(120):
            enqueue("note", text="x")
    with count_queries() as many:
        first = admin_client.get("/admin/jobs?state=waiting")
    assert len(many) == len(few)
    pages = [shown(admin_client.get(f"/admin/jobs?state=waiting&page={page}")) for page in (1, 2, 3)]
    assert shown(first) == pages[0]
    assert [len(page) for page in pages] == [50, 50, 21]
    assert [job for page in pages for job in page] == sorted(job for page in pages for job in page)
    assert 'href="/admin/jobs?page=2&amp;state=waiting"' in first.text


@pytest.mark.parametrize("person", ["client", "charlie_client", "alice_client", "editor_client"])
def test_others_see_and_do_nothing(app: Flask, person: str, request: pytest.FixtureRequest) -> None:
    job = make_job(given_up_at=now())
    visitor = request.getfixturevalue(person)
    answers = [
        visitor.get("/admin/jobs"),
        *(visitor.post(f"/admin/jobs/{job.id}/{act}") for act in ("retry", "remove")),
    ]
    assert {answer.status_code for answer in answers} == {302 if person == "client" else 403}
    assert the_job().given_up_at


def test_what_failed_can_be_tried_again(app: Flask, admin_client: Visitor) -> None:
    job = make_job(given_up_at=now(), error="no room", attempts=10)
    answer = admin_client.post(f"/admin/jobs/{job.id}/retry?state=failed")
    assert (answer.status_code, answer.location) == (302, "/admin/jobs?state=failed")
    assert do_jobs() == ["done"]
    assert notes() == ["x"]


def test_what_waits_can_be_done_at_once(app: Flask, admin_client: Visitor) -> None:
    job = make_job(due_at=now() + timedelta(days=1))
    assert do_jobs() == []
    assert "Do it now" in admin_client.get("/admin/jobs").text
    admin_client.post(f"/admin/jobs/{job.id}/retry")
    assert do_jobs() == ["done"]


def test_what_waits_twice_is_told(app: Flask, admin_client: Visitor) -> None:
    failed = make_job(given_up_at=now(), key="same")
    make_job(key="same")
    answer = admin_client.post(f"/admin/jobs/{failed.id}/retry", follow_redirects=True)
    assert "The same work is waiting already." in messages_on(answer)
    assert db.session.scalar(select(func.count(Job.id)).where(Job.given_up_at.is_not(None))) == 1


@pytest.mark.parametrize("state", [{}, {"given_up_at": now()}, {"leased_until": now() + timedelta(days=1)}])
def test_a_job_can_be_removed(app: Flask, admin_client: Visitor, state: dict[str, object]) -> None:
    job = make_job(**state)
    answer = admin_client.post(f"/admin/jobs/{job.id}/remove")
    assert (answer.status_code, answer.location) == (302, "/admin/jobs")
    assert db.session.scalar(select(func.count(Job.id))) == 0


def test_what_is_finished_stays_as_it_is(app: Flask, admin_client: Visitor) -> None:
    job = make_job(finished_at=now())
    for act in ("retry", "remove"):
        assert admin_client.post(f"/admin/jobs/{job.id}/{act}").status_code == 404
    assert the_job().finished_at
    assert admin_client.post("/admin/jobs/999999/retry").status_code == 404


def test_a_letter_whose_job_is_removed_is_not_waiting_any_more(app: Flask, admin_client: Visitor) -> None:
    letter = Letter(recipient="a@example.com", subject="x", body="x")
    db.session.add(letter)
    db.session.flush()
    job = make_job(name="mail.send", arguments={"letter_id": letter.id})
    admin_client.post(f"/admin/jobs/{job.id}/remove")
    assert letter.given_up_at
    assert letter.error == "It was removed before it was done."


def test_what_is_done_to_jobs_is_logged(app: Flask, admin_client: Visitor) -> None:
    from blog.audit import Entry

    job = make_job(given_up_at=now())
    admin_client.post(f"/admin/jobs/{job.id}/retry")
    admin_client.post(f"/admin/jobs/{job.id}/remove")
    columns = (Entry.action, Entry.thing, Entry.label, Entry.actor_name)
    found = db.session.execute(select(*columns).order_by(Entry.id))
    told = [tuple(row) for row in found if row.thing == "job"]
    assert told == [("tried again", "job", "note", "admin"), ("removed", "job", "note", "admin")]


def test_an_empty_queue_says_so(app: Flask, admin_client: Visitor) -> None:
    assert "There is nothing here." in admin_client.get("/admin/jobs").text
    assert "Nothing has failed." in admin_client.get("/admin/jobs?state=failed").text
