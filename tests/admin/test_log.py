"""The log as a page, and that whatever is done at the desk is in it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from blog import audit
from blog.access import Role
from blog.accounts.invitations import Invitation
from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now, transaction
from blog.jobs import Job
from blog.settings import Settings
from tests import make
from tests.queries import count_queries
from tests.visitor import Visitor


def record(action: str = "tried", thing: Any = "thing", **more: Any) -> None:
    with transaction():
        audit.record(action, thing, **more)


def labels(client: Visitor, **asked: Any) -> list[str]:
    """The labels of the entries on the page, except of that the client signed in."""
    answer = client.get("/admin/log", query_string=asked)
    assert answer.status_code == 200, answer.text
    found = [piece.partition("”</bdi>")[0] for piece in answer.text.split("<bdi>“")[1:]]
    return [label for label in found if label != "admin"]


def test_it_works(admin_client: Visitor, alice: User) -> None:
    record("changed role", alice, by=alice, before={"role": "reader"}, after={"role": "<b>author</b>"})
    answer = admin_client.get("/admin/log")
    assert answer.status_code == 200
    assert "Changed role: user" in answer.text
    assert "<bdi>“alice”</bdi>" in answer.text
    assert '<a href="/admin/log?person=alice">alice</a>' in answer.text
    assert "<del><bdi>reader</bdi></del>" in answer.text
    assert "<ins><bdi>&lt;b&gt;author&lt;/b&gt;</bdi></ins>" in answer.text


def test_where_nothing_is_found_the_way_back_is_shown(admin_client: Visitor) -> None:
    answer = admin_client.get("/admin/log?person=nobody")
    assert "Nothing in the log is like that." in answer.text
    assert '<a href="/admin/log">Show all of it</a>' in answer.text


@pytest.mark.parametrize("role", ["reader", "author", "editor"])
def test_only_whoever_runs_the_site_sees_it(as_: Callable[[User], Visitor], role: str) -> None:
    assert as_(make.user(role=role)).get("/admin/log").status_code == 403


def test_nobody_is_asked_to_sign_in(client: Visitor) -> None:
    assert client.get("/admin/log").location.startswith("/login")


def test_it_is_narrowed_by_person_action_and_thing(admin_client: Visitor, alice: User, bob: User) -> None:
    post = make.post(alice, title="The post")
    record("published", post, by=alice, label="1")
    record("edited", post, by=bob, label="2")
    record("edited", alice, by=alice, label="3")
    record("edited", "settings", label="4")
    assert labels(admin_client) == ["4", "3", "2", "1"]
    assert labels(admin_client, person="ALICE") == ["3", "1"]
    assert labels(admin_client, person="alice@example.com") == ["3", "1"]
    assert labels(admin_client, action="edited") == ["4", "3", "2"]
    assert labels(admin_client, thing="post") == ["2", "1"]
    assert labels(admin_client, person="bob", action="edited", thing="post") == ["2"]
    assert labels(admin_client, person="the site") == ["4"]
    assert labels(admin_client, person="bob", thing="user") == []


def test_a_person_who_was_renamed_or_deleted_is_still_found(
    admin_client: Visitor, alice: User, bob: User
) -> None:
    record(by=alice, label="1")
    record(by=bob, label="2")
    alice.username = "alicia"
    db.session.delete(bob)
    db.session.commit()
    assert labels(admin_client, person="alicia") == ["1"]
    assert labels(admin_client, person="bob") == ["2"]


def test_days_are_those_of_the_sites_clock(clock: time_machine.Traveller, admin_client: Visitor) -> None:
    db.session.add(Settings(time_zone="Pacific/Auckland"))  # 13 hours ahead
    for day, hour in ((9, 12), (10, 10), (10, 11), (11, 10), (11, 11)):
        clock.move_to(datetime(2026, 1, day, hour, tzinfo=UTC))
        record(label=f"{day} {hour}")
    clock.move_to(datetime(2026, 1, 15, 12, tzinfo=UTC))
    assert labels(admin_client, **{"from": "2026-01-11"}) == ["11 11", "11 10", "10 11"]
    assert labels(admin_client, until="2026-01-10") == ["10 10", "9 12"]
    assert labels(admin_client, **{"from": "2026-01-11", "until": "2026-01-11"}) == ["11 10", "10 11"]


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-12-31", "0001-01-01", "20260101T00"])
@pytest.mark.parametrize("field", ["from", "until"])
def test_what_is_no_day_is_said_to_be_none(admin_client: Visitor, field: str, day: str) -> None:
    answer = admin_client.get("/admin/log", query_string={field: day})
    assert answer.status_code in {200, 422}
    assert answer.status_code == 422 or day in {"9999-12-31", "0001-01-01"}


def test_it_is_paged_in_a_constant_number_of_questions(admin_client: Visitor) -> None:
    with transaction():
        for number in range(120):
            audit.record("tried", "thing", label=f"{number}")
    with count_queries() as first:
        assert labels(admin_client)[0] == "119"
    with count_queries() as last:
        assert labels(admin_client, page=3)[-1] == "0"
    assert len(first) == len(last) <= 7
    assert 'href="/admin/log?page=2&amp;action=tried"' in admin_client.get("/admin/log?action=tried").text
    assert admin_client.get("/admin/log?page=4").status_code == 404


def test_the_choices_are_what_the_log_has(admin_client: Visitor) -> None:
    for action, thing in (("edited", "post"), ("archived", "post"), ("edited", "user")):
        record(action, thing)
    page = admin_client.get("/admin/log").text
    assert [f'value="{value}"' in page for value in ("archived", "edited", "post", "user", "team")] == [
        True
    ] * 4 + [False]


# Whatever is done at the desk is in the log


def newest_entry() -> Entry:
    db.session.rollback()  # and look anew
    entry = db.session.scalars(select(Entry).order_by(Entry.id.desc())).first()
    assert entry
    return entry


def newest() -> tuple[str, str, str, str]:
    entry = newest_entry()
    return entry.actor_name, entry.action, entry.thing, entry.label


WRITTEN = {"title": "Mine", "content": "Text.", "slug": "mine"}


def test_writing_is_logged(app: Flask, alice_client: Visitor) -> None:
    alice_client.post("/posts/new", data={**WRITTEN, "status": "draft"})
    assert newest() == ("alice", "created", "post", "Mine")
    number = newest_entry().thing_id
    for data, action in (
        ({"title": "Yours", "status": "draft", "version": "1"}, "edited"),
        ({"title": "Yours", "status": "published", "version": "2"}, "published"),
    ):
        assert alice_client.post(f"/posts/{number}/edit", data={**WRITTEN, **data}).status_code == 302
        assert newest() == ("alice", action, "post", "Yours")
    for act, action in (("archive", "archived"), ("unpublish", "unpublished"), ("publish", "published")):
        alice_client.post(f"/posts/{number}/{act}")
        assert newest() == ("alice", action, "post", "Yours")
    alice_client.post(f"/posts/{number}/delete")
    assert newest() == ("alice", "deleted", "post", "Yours")
    of_post = select(Entry.before, Entry.after).where(Entry.thing == "post").order_by(Entry.id)
    changes = db.session.execute(of_post).all()
    assert tuple(changes[1]) == ({"title": "Mine"}, {"title": "Yours"})
    assert changes[2].before == {"status": "draft"}
    assert changes[2].after["status"] == "published"
    assert (changes[-1].before["status"], changes[-1].after["status"]) == ("published", "deleted")


def test_a_deleted_comment_is_logged_with_its_text(editor_client: Visitor, charlie: User) -> None:
    comment = make.comment(make.post(title="The post"), charlie, "Rude words.")
    editor_client.post(f"/comments/{comment.id}/delete")
    assert newest() == ("editor", "deleted", "comment", "The post")
    assert newest_entry().before == {"author": "charlie", "content": "Rude words."}


SETTINGS = {
    "title": "Ours",
    "language": "en",
    "time_zone": "UTC",
    "posts_per_page": "5",
    "theme_colour": "#123456",
}


def test_settings_are_logged(admin_client: Visitor) -> None:
    admin_client.post("/admin/settings", data=SETTINGS)
    assert newest() == ("admin", "created", "settings", "Ours")
    admin_client.post("/admin/settings", data={**SETTINGS, "title": "Yours"})
    assert newest() == ("admin", "changed", "settings", "Yours")
    entry = newest_entry()
    assert (entry.before, entry.after) == ({"title": "Ours"}, {"title": "Yours"})


def test_a_form_that_fails_is_not_logged(admin_client: Visitor) -> None:
    assert admin_client.post("/admin/settings", data={"title": ""}).status_code == 422
    assert newest() == ("admin", "signed in", "user", "admin")


# Each route under /admin that takes a form, and what it takes; so that none is forgotten.


def failed_job() -> int:
    job = Job(name="mail.send", given_up_at=now())
    db.session.add(job)
    db.session.commit()
    return job.id


def open_invitation() -> int:
    by = db.session.scalars(select(User).where(User.role == "owner")).one()
    invitation, _ = Invitation.invite(by=by, role=Role.READER, at=now())
    db.session.commit()
    return invitation.id


def somebody(*doing: str) -> str:
    """Where something is done to them."""
    return "/".join(("/admin/people", str(make.user(role="reader").id), *doing))


def outsider() -> User:
    person = make.user(role="reader")
    person.deactivate(now())
    db.session.commit()
    return person


FORMS: dict[str, Callable[[], tuple[str, dict[str, str]]]] = {
    "admin.settings": lambda: ("/admin/settings", {**SETTINGS, "title": "Another"}),
    "admin.invite": lambda: (
        "/admin/invitations/new",
        {"role": "author", "team": "0", "email": "z@example.com"},
    ),
    "admin.withdraw_invitation": lambda: (f"/admin/invitations/{open_invitation()}/withdraw", {}),
    "admin.retry_job": lambda: (f"/admin/jobs/{failed_job()}/retry", {}),
    "admin.remove_job": lambda: (f"/admin/jobs/{failed_job()}/remove", {}),
    "admin.try_mail": lambda: ("/admin/mail/try", {}),
    "accounts.change_people": lambda: (
        "/admin/people/bulk",
        {"people": str(make.user().id), "act": "deactivate"},
    ),
    "accounts.change_person": lambda: (
        somebody(),
        {"username": "zoe", "display_name": "Zoe", "email": "", "role": "author", "version": "1"},
    ),
    "accounts.activate_person": lambda: (f"/admin/people/{outsider().id}/activate", {}),
    "accounts.deactivate_person": lambda: (somebody("deactivate"), {}),
    "accounts.forget_second_steps": lambda: (somebody("forget-second-steps"), {}),
    "accounts.send_password_link": lambda: (somebody("send-password-link"), {}),
    "accounts.delete_person": lambda: (somebody("delete"), {"sure": "y"}),
}


def test_every_act_of_whoever_runs_the_site_is_logged(app: Flask, owner_client: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin") and "POST" in (rule.methods or ()):
            assert rule.endpoint in FORMS, "say in FORMS what it takes"
            address, form = FORMS[rule.endpoint]()
            before = newest_entry().id
            answer = owner_client.post(address, data=form)
            assert answer.status_code == 302, answer.text
            assert newest_entry().id > before, rule.endpoint
