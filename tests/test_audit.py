"""What the log says of what was done: by whom, to what, from where, before and after; and what it never says."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from blog import audit
from blog.access import public
from blog.accounts.models import User
from blog.audit import BEGINNING, Entry
from blog.chain import Walk
from blog.db import db, transaction
from blog.errors import Conflict
from blog.posts.models import Post
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.queries import count_queries
from tests.visitor import Visitor, sign_in


def entries() -> list[Entry]:
    """Without those that the tests make by signing in."""
    found = select(Entry).where(Entry.action != "signed in").order_by(Entry.id)
    return list(db.session.scalars(found))


def told() -> list[tuple[str, str, str]]:
    return [(entry.actor_name, entry.action, entry.label) for entry in entries()]


def test_it_works(clock: time_machine.Traveller, app: Flask, alice: User) -> None:
    with transaction():
        audit.record("tried", alice, by=alice, before={"mood": "calm"}, after={"mood": "glad"})
    (entry,) = entries()
    assert entry.id == 1
    assert entry.at == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert (entry.actor_id, entry.actor_name) == (alice.id, "alice")
    assert (entry.action, entry.thing, entry.thing_id, entry.label) == ("tried", "user", alice.id, "alice")
    assert (entry.before, entry.after) == ({"mood": "calm"}, {"mood": "glad"})
    assert (entry.address, entry.previous_hash) == ("", BEGINNING)
    assert len(entry.hash) == 64


def test_each_entry_carries_the_hash_of_the_one_before(app: Flask) -> None:
    for number in range(3):
        with transaction():
            audit.record("tried", "thing", label=f"{number} a")
            audit.record("tried", "thing", label=f"{number} b")
    found = entries()
    assert [entry.id for entry in found] == [1, 2, 3, 4, 5, 6]
    assert [entry.previous_hash for entry in found] == [BEGINNING, *[entry.hash for entry in found[:-1]]]
    assert len({entry.hash for entry in found}) == 6


# Before and after


def test_what_changed_comes_by_itself_however_often_it_was_flushed(app: Flask, alice: User) -> None:
    with transaction():
        alice.display_name = "Alice the First"
        db.session.flush()
        alice.display_name = "Alice the Second"
        alice.biography = "Writes."
        audit.record("changed profile", alice)
        alice.set_password("a rather long password")
    (entry,) = entries()
    assert entry.before == {"display_name": "Alice", "biography": ""}
    assert entry.after == {"display_name": "Alice the Second", "biography": "Writes."}


def test_what_is_as_it_was_in_the_end_is_not_told(app: Flask, alice: User) -> None:
    with transaction():
        alice.display_name = "Another"
        db.session.flush()
        alice.display_name = "Alice"
        audit.record("changed profile", alice)
    assert [(entry.before, entry.after) for entry in entries()] == [({}, {})]


def test_what_is_new_has_no_before_and_what_is_deleted_no_after(app: Flask, alice: User) -> None:
    with transaction():
        post = Post.write(
            by=alice, at=datetime(2026, 1, 1, tzinfo=UTC), title="A", content="x", status="draft"
        )
        audit.record("created", post)
    with transaction():
        db.session.delete(post)
        audit.record("deleted", post)
    made, gone = entries()
    values = {"title": "A", "slug": "a", "kind": "post", "status": "draft", "author_id": alice.id}
    assert (made.before, made.after) == ({}, values)
    assert (gone.before, gone.after, gone.thing_id) == (values, {}, made.thing_id)


def test_one_transaction_does_not_tell_of_another(app: Flask, alice: User) -> None:
    with transaction():
        alice.display_name = "Alice B."
        audit.record("changed profile", alice)
    with transaction():
        audit.record("looked at", alice)
    assert [entry.after for entry in entries()] == [{"display_name": "Alice B."}, {}]


# What was not done


def test_what_failed_is_not_logged(app: Flask, alice: User) -> None:
    def fail() -> None:
        with transaction():
            alice.display_name = "Nobody"
            audit.record("changed profile", alice)
            raise Conflict

    with pytest.raises(Conflict):
        fail()
    assert entries() == []
    with transaction():
        audit.record("tried", alice)
    assert [(entry.action, entry.before) for entry in entries()] == [("tried", {})]


def test_what_a_savepoint_took_back_is_not_logged(app: Flask) -> None:
    with transaction():
        audit.record("first", "thing")
        savepoint = db.session.begin_nested()
        audit.record("second", "thing")
        with db.session.begin_nested():
            audit.record("third", "thing")
        savepoint.rollback()
        with db.session.begin_nested():
            audit.record("fourth", "thing")
    assert [entry.action for entry in entries()] == ["first", "fourth"]


def test_what_cannot_be_logged_is_not_done(app: Flask, alice: User) -> None:
    def change() -> None:
        with transaction():
            alice.display_name = "Nobody"
            audit.record("changed profile", alice, after={"odd": Unprintable()})

    with pytest.raises(TypeError):
        change()
    db.session.expire_all()
    assert (alice.display_name, entries()) == ("Alice", [])


class Unprintable:
    def __str__(self) -> str:
        raise TypeError


# By whom, from where


def test_outside_of_requests_the_site_itself_acts(app: Flask) -> None:
    with transaction():
        audit.record("tidied", "site")
        audit.record("tidied", "site", by=None)
        audit.record("tidied", "site", by="the worker")
    assert [name for name, _, _ in told()] == ["the site", "", "the worker"]


def test_a_request_tells_who_and_from_where(app: Flask, alice_client: Visitor, alice: User) -> None:
    answer = alice_client.post(
        "/posts/new",
        data={"title": "Mine", "content": "Text.", "status": "draft"},
        environ_base={"REMOTE_ADDR": "2001:db8::17"},
    )
    assert answer.status_code == 302
    (entry,) = entries()
    assert (entry.actor_id, entry.actor_name, entry.address) == (alice.id, "alice", "2001:db8::17")
    assert (entry.action, entry.thing, entry.label) == ("created", "post", "Mine")


def test_an_address_is_what_the_trusted_proxy_says(app_with: Callable[..., Flask], owner: User) -> None:
    site = app_with(TRUSTED_PROXIES="1")
    told_by_proxy = {"X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
    client = visitor(site)
    sign_in(client, owner)
    client.post(
        "/posts/new", data={"title": "Mine", "content": "x", "status": "draft"}, headers=told_by_proxy
    )
    assert [entry.address for entry in entries()] == ["198.51.100.7"]


def test_a_change_that_nobody_mentioned_is_logged_all_the_same(
    app: Flask, app_with: Callable[..., Flask], owner: User
) -> None:
    site = app_with()

    @public
    def careless() -> str:
        with transaction():
            person = db.session.scalars(select(User).where(User.id == owner.id)).one()
            person.role, person.display_name = "admin", person.display_name
        return "done"

    site.add_url_rule("/careless", view_func=careless, methods=["POST"])
    visitor(site).post("/careless")
    (entry,) = entries()
    assert (entry.actor_name, entry.action, entry.thing) == ("", "changed", "user")
    assert (entry.before, entry.after) == ({"role": "owner"}, {"role": "admin"})


# What it never says


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "password_hash", "totp_secret", "key", "api_token", "Code", "codes", "KEY"],
)
def test_secrets_are_hidden(app: Flask, name: str) -> None:
    with transaction():
        audit.record(
            "tried", "thing", before={name: "hunter2"}, after={name: ["hunter2"], "deep": {name: "hunter2"}}
        )
    (entry,) = entries()
    assert "hunter2" not in str((entry.before, entry.after))
    assert entry.before == {name: "(hidden)"}


def test_long_and_strange_texts_are_made_fit(app: Flask) -> None:
    strange = "a\r\nb\0c\ud800d"
    with transaction():
        audit.record(
            "tried", "thing", label=strange + "x" * 300, by="y" * 100, after={"z": strange, "w": "w" * 9000}
        )
    (entry,) = entries()
    assert entry.label.startswith("a��b�c�dx")
    assert (len(entry.label), len(entry.actor_name), len(entry.after["w"])) == (200, 80, 500)
    assert entry.after["z"] == "a��b�c�d"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.datetimes(timezones=st.just(UTC)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.text(), VALUES, max_size=4), text=st.text())
def test_whatever_is_logged_reads_back_as_it_was_hashed(
    app: Flask, values: dict[str, Any], text: str
) -> None:
    with transaction():
        audit.record("tried", text, label=text, by=text, before=values, after={"all": values})
    db.session.expire_all()
    assert [finding for step in Walk().steps() for finding in step] == []


# Append-only, one after another


def test_the_log_is_only_ever_added_to(app: Flask) -> None:
    with transaction():
        audit.record("tried", "thing")
    (entry,) = entries()
    with pytest.raises(RuntimeError), transaction():
        entry.label = "Something else"
    with pytest.raises(RuntimeError), transaction():
        db.session.delete(entry)
    assert len(entries()) == 1


def test_many_who_log_at_once_make_one_chain(app: Flask) -> None:
    def act() -> None:
        with transaction():
            audit.record("tried", "thing")

    assert at_once(app, *[act] * 20) == [None] * 20
    assert [entry.id for entry in entries()] == list(range(1, 21))
    assert [finding for step in Walk().steps() for finding in step] == []


def test_an_entry_costs_few_questions_and_nothing_costs_none(app: Flask, alice: User) -> None:
    db.session.commit()
    with count_queries() as without, transaction():
        pass
    with count_queries() as statements, transaction():
        for _ in range(5):
            audit.record("tried", "thing")
    assert len(without) == 0
    # The lock, on PostgreSQL; the newest entry; the new ones; and what searches, of posts and of former texts, would not
    # find otherwise.
    assert len(statements) <= 5


def test_what_is_imported_is_not_logged_post_by_post(app: Flask) -> None:
    make.post()
    assert entries() == []
