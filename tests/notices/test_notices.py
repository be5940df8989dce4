"""The page of notices, the bell, and what comes by mail as each person chooses."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from blog.db import db, now, transaction
from blog.jobs import Job
from blog.notices.mailing import KEPT_FOR, forget, write
from blog.notices.models import How, Kind, Notice, NoticeChoice
from blog.notices.telling import next_morning
from tests import make
from tests.at_once import at_once
from tests.letters import letters_to
from tests.queries import count_queries
from tests.reading import fields_on
from tests.working import do_jobs

BOB = "bob@example.com"


def subjects(recipient: str = BOB) -> list[str]:
    return [letter.subject for letter in letters_to(recipient)]


def choose(client: Any, **others: str) -> None:
    shown = {name: field.value for name, field in fields_on(client.get("/notices/choices")).items()}
    assert client.post("/notices/choices", data={**shown, **others}).status_code == 302


def test_it_works(clock, alice, bob, bob_client):
    assert "bell-number" not in bob_client.get("/").text
    task = make.task(alice, title="Check the facts", to=[bob])
    assert '<span class="bell-number">1<' in bob_client.get("/").text
    page = bob_client.get("/notices/").text
    assert "Alice gave you" in page
    assert f'href="/tasks/{task.id}"' in page
    notice = db.session.scalars(select(Notice)).one()
    bob_client.post(f"/notices/{notice.id}/read")
    assert "bell-number" not in bob_client.get("/notices/").text
    do_jobs()
    assert subjects() == []  # it was read before the letter was written


def test_a_letter_comes_at_once_and_each_notice_is_in_one(clock, alice, bob):
    make.task(alice, title="Facts", to=[bob])
    make.task(alice, title="Names", to=[bob])
    do_jobs()
    assert subjects() == ["Alice gave you “Facts”, and 1 more"]
    assert "Alice gave you “Names”" in letters_to(BOB)[0].body
    with transaction():
        write(bob.id, How.AT_ONCE)  # as a worker does it that was thought dead
    assert len(subjects()) == 1


def test_the_letter_of_the_day_comes_in_the_morning_of_whoever_gets_it(clock, alice, bob, bob_client):
    choose(bob_client, assigned="daily")
    bob.time_zone = "Asia/Tokyo"  # where it is nine in the evening
    make.task(alice, title="Facts", to=[bob])
    make.task(alice, title="Names", to=[bob])
    for hours, letters in ((9.9, 0), (0.2, 1), (24, 0)):
        clock.shift(timedelta(hours=hours))
        do_jobs()
        assert len(subjects()) == (letters or len(subjects()))
    assert subjects() == ["Alice gave you “Facts”, and 1 more"]
    at = datetime(2026, 1, 15, 6, 59, tzinfo=UTC)
    assert next_morning(at, None) == datetime(2026, 1, 15, 7, tzinfo=UTC)
    assert next_morning(at + timedelta(minutes=1), None) == datetime(2026, 1, 16, 7, tzinfo=UTC)


def test_never_is_never(clock, alice, bob, bob_client):
    choose(bob_client, assigned="never")
    make.task(alice, to=[bob])
    assert db.session.scalars(select(Job).where(Job.name == "notices.mail")).all() == []
    assert NoticeChoice.of(bob.id)[Kind.ASSIGNED] == How.NEVER
    assert "bell-number" in bob_client.get("/").text


def test_who_has_no_address_or_has_left_gets_no_letter(clock, alice, bob):
    bob.email = None
    make.task(alice, to=[bob])
    assert db.session.scalars(select(Job).where(Job.name == "notices.mail")).all() == []
    bob.email = BOB
    make.task(alice, to=[bob])
    bob.deactivate(now())
    do_jobs()
    assert subjects() == []


def test_what_one_may_no_longer_see_is_not_told(clock, alice, bob, bob_client):
    task = make.task(alice, title="A secret", to=[bob])
    task.trash(by=alice, at=now())
    do_jobs()
    assert subjects() == []
    page = bob_client.get("/notices/").text
    assert "Something that you no longer find here" in page
    assert "secret" not in page


def test_all_that_was_shown_is_read_at_once_and_nothing_newer(clock, alice, bob, bob_client):
    for _ in range(2):
        make.task(alice, to=[bob])
    shown = fields_on(bob_client.get("/notices/"))
    newer = make.task(alice, to=[bob])
    bob_client.post("/notices/read", data={"until": shown["until"].value})
    assert db.session.scalars(select(Notice.task_id).where(Notice.read_at.is_(None))).all() == [newer.id]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_nobody_reads_those_of_others(alice, bob, charlie_client):
    task = make.task(alice, to=[bob])
    notice = db.session.scalars(select(Notice)).one()
    assert charlie_client.post(f"/notices/{notice.id}/read").status_code == 404
    charlie_client.post("/notices/read")
    assert task.title not in charlie_client.get("/notices/").text
    db.session.expire_all()
    assert notice.read_at is None


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_another_choice_is_none(bob_client):
    answer = bob_client.post("/notices/choices", data={"assigned": "weekly"})
    assert answer.status_code == 422


def test_the_same_event_is_told_once_also_by_two_at_a_moment(app, alice, bob):
    task = make.task(alice)

    def tell() -> list[int]:
        with transaction():
            people = select(type(bob).id).where(type(bob).id == bob_id)
            about: dict[str, Any] = {"at": now(), "event": "once", "task_id": task_id, "title": "Facts"}
            return Notice.tell(Kind.OVERDUE, people, **about)

    bob_id, task_id = bob.id, task.id
    told = at_once(app, *[tell] * 8)
    assert sorted(told) == [[]] * 7 + [[bob_id]]
    assert len(db.session.scalars(select(Notice)).all()) == 1


def test_the_bell_costs_no_query_and_the_page_as_many_for_many(clock, alice, bob, bob_client):
    def costs(address: str) -> int:
        with count_queries() as statements:
            assert bob_client.get(address).status_code == 200
        return len(statements)

    before = costs("/teams/"), costs("/notices/")
    for _ in range(3):
        make.notice(bob, make.task(alice))
    assert (costs("/teams/"), costs("/notices/")) == before
    with count_queries() as statements:
        bob_client.get("/notices/")
    assert len(statements) == 4  # the session with the bell, how many there are, they, and the version


def test_old_ones_are_forgotten(clock, alice, bob):
    make.task(alice, to=[bob])
    clock.shift(KEPT_FOR + timedelta(seconds=1))
    with transaction():
        forget()
    assert db.session.scalar(select(Notice.id)) is None
