"""Keeping what somebody types: the entries that a browser sends, in order, once, and what comes of them."""

import json
from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest
import time_machine
from flask import Flask
from hypothesis import given, strategies
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from blog.accounts.models import User
from blog.db import db
from blog.limits import MINUTE, Limit, Rate
from blog.posts import journal
from blog.posts.journal import JournalEntry
from blog.posts.models import LONGEST_CONTENT, Post
from blog.posts.typed import Change, OutOfStep, Typed, units_of, whole_characters
from tests import make
from tests.conftest import visitor
from tests.visitor import Visitor, sign_in

TAB, OTHER_TAB = "a" * 24, "b" * 24
OWL = "Nobody 🦉 stirs"


def whole(text: str, number: Any = 0, **changed: Any) -> dict[str, Any]:
    return {**entry(number, 0, 0, text, text), "whole": True, **changed}


def entry(number: Any, position: int, cut: int, put: str, text: str, **changed: Any) -> dict[str, Any]:
    """As a browser sends it: `text` is what comes of it. Positions count units of UTF-16."""
    units = units_of(text)
    sums = {"length": len(units) // 2, "checksum": crc32(units)}
    what = {"position": position, "cut": cut, "put": put, "fields": {}, "base": 1}
    return {"number": number, "whole": False, "typed_at": 1000 + int(number or 0), **what, **sums, **changed}


def send(client: Visitor, post: Post | None, *entries: Any, tab: str = TAB, **query: str) -> TestResponse:
    address = f"/posts/{post.id}/journal" if post else "/posts/journal"
    return client.post(address, json=list(entries), query_string={"tab": tab, **query})


def typed(person: User, post: Post | None) -> list[str]:
    """The texts that were not saved, newest first."""
    return [draft.fields["content"] for draft in journal.drafts(person.id, post.id if post else None)]


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(JournalEntry)) or 0


@pytest.fixture
def post(alice: User) -> Post:
    return make.post(alice, status="draft")


def test_it_works(alice_client: Visitor, alice: User, post: Post) -> None:
    before = (post.content, post.version)
    answer = send(alice_client, post, whole(OWL), entry(1, 0, 6, "Somebody", "Somebody 🦉 stirs"))
    assert answer.json == {"others": []}
    send(alice_client, post, entry(2, 11, 1, "", "Somebody 🦉stirs", fields={"title": "Owls"}))
    (draft,) = journal.drafts(alice.id, post.id)
    assert draft.fields == {"content": "Somebody 🦉stirs", "title": "Owls"}
    assert (draft.tab, draft.base, draft.typed_at) == (TAB, 1, 1002)
    assert (post.content, post.version) == before


def test_a_new_post_has_a_journal_before_it_is_one(alice_client: Visitor, alice: User) -> None:
    assert send(alice_client, None, whole(OWL)).json == {"others": []}
    assert typed(alice, None) == [OWL]


def test_positions_are_those_of_browsers(alice_client: Visitor, alice: User, post: Post) -> None:
    """An owl is two units; a change may begin between them, and end half a character there."""
    half, hawk = "Nobody \ud83e stirs", "Nobody 🦅 stirs"
    assert send(alice_client, post, whole(OWL), entry(1, 8, 1, "", half)).status_code == 200
    assert typed(alice, post) == ["Nobody \ufffd stirs"]
    assert send(alice_client, post, entry(2, 8, 0, "\udd85", hawk)).status_code == 200
    assert typed(alice, post) == [hawk]


@given(strategies.lists(strategies.text(strategies.characters(exclude_categories=[]))), strategies.data())
def test_whatever_is_typed_comes_out_again(puts: list[str], data: Any) -> None:
    """Half characters among it."""
    kept, units = Typed(), b""
    for number, put in enumerate(puts):
        start = data.draw(strategies.integers(0, len(units) // 2))
        end = data.draw(strategies.integers(start, len(units) // 2))
        units = units[: 2 * start] + units_of(put) + units[2 * end :]
        change = entry(number, start, end - start, put, units.decode("utf-16-le", "surrogatepass"))
        kept.take(Change.read(change))
    assert kept.units == units
    whole_characters(kept.content).encode()


@pytest.mark.parametrize("text", ["\ud83e", "a\udd85b", "\0", "\u2028\r\n", "﷽" * 1000, ""])
def test_any_text_can_be_kept(alice_client: Visitor, alice: User, post: Post, text: str) -> None:
    assert send(alice_client, post, whole(text)).status_code == 200
    assert typed(alice, post) == [whole_characters(text)]
    assert alice_client.get(f"/posts/{post.id}/edit").status_code == 200


# Once, and in order


def test_what_is_sent_twice_is_kept_once(alice_client: Visitor, alice: User, post: Post) -> None:
    for _ in range(2):
        assert send(alice_client, post, whole("a"), entry(1, 1, 0, "b", "ab")).status_code == 200
    send(alice_client, post, entry(1, 1, 0, "b", "ab"), entry(2, 2, 0, "c", "abc"))
    assert count() == 3
    assert typed(alice, post) == ["abc"]


WRONG = {
    "a gap": entry(2, 1, 0, "c", "abc"),
    "another text": entry(1, 1, 0, "b", "xb"),
    "beyond the end": entry(1, 2, 0, "b", "a b"),
    "more cut than there is": entry(1, 0, 2, "", ""),
    "the same number for another": entry(0, 0, 1, "b", "b"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_follow_is_not_taken(
    alice_client: Visitor, alice: User, post: Post, wrong: str
) -> None:
    send(alice_client, post, whole("a"))
    assert send(alice_client, post, WRONG[wrong]).status_code == 409
    assert typed(alice, post) == ["a"]
    assert send(alice_client, post, whole("abc", number=3)).status_code == 200
    assert typed(alice, post) == ["abc"]


def test_nothing_follows_nothing(alice_client: Visitor, post: Post) -> None:
    assert send(alice_client, post, entry(0, 0, 0, "a", "a")).status_code == 409
    assert count() == 0


def test_a_tab_types_for_one_post(alice_client: Visitor, alice: User, post: Post) -> None:
    send(alice_client, None, whole("a"))
    assert send(alice_client, post, entry(1, 1, 0, "b", "ab")).status_code == 409
    assert typed(alice, post) == []


def test_nothing_of_a_batch_is_kept_if_some_of_it_does_not_fit(alice_client: Visitor, post: Post) -> None:
    assert send(alice_client, post, whole("a"), entry(2, 1, 0, "b", "ab")).status_code == 409
    assert count() == 0


def test_two_tabs_have_a_journal_each(
    alice_client: Visitor, alice: User, post: Post, clock: time_machine.Traveller
) -> None:
    send(alice_client, post, whole("first"))
    clock.shift(1)
    send(alice_client, post, whole("second"), tab=OTHER_TAB)
    assert typed(alice, post) == ["second", "first"]
    clock.shift(1)
    send(alice_client, post, entry(1, 5, 0, "!", "first!"))
    assert typed(alice, post) == ["first!", "second"]


def test_a_journal_that_takes_up_another_puts_it_away(alice_client: Visitor, alice: User, post: Post) -> None:
    send(alice_client, post, whole("first"))
    send(alice_client, post, whole("first, and more"), tab=OTHER_TAB, after=f"{TAB}:1000")
    assert typed(alice, post) == ["first, and more"]
    send(alice_client, post, entry(1, 5, 0, "!", "first!"))  # somebody goes on there all the same
    assert "first!" in typed(alice, post)


# Who may not, and what is no entry


def test_others_neither_keep_nor_see(
    bob_client: Visitor, charlie_client: Visitor, client: Visitor, post: Post, alice: User
) -> None:
    make.journal(alice, post, OWL)
    assert send(bob_client, post, whole("x")).status_code == 404
    assert send(charlie_client, post, whole("x")).status_code == 403
    assert send(client, post, whole("x")).status_code == 403
    assert send(charlie_client, None, whole("x")).status_code == 403
    assert count() == 1
    assert OWL not in bob_client.get("/posts/new").text


def test_the_same_tab_of_another_person_is_another_journal(
    alice_client: Visitor, editor_client: Visitor, alice: User, editor: User, post: Post
) -> None:
    send(alice_client, post, whole("of alice"))
    send(editor_client, post, whole("of an editor"))
    assert typed(alice, post) == ["of alice"]
    assert typed(editor, post) == ["of an editor"]


def test_a_script_whose_session_has_ended_is_told(guarded_client: Visitor, alice: User, post: Post) -> None:
    assert send(guarded_client, post, whole("x")).status_code == 400
    sign_in(guarded_client, alice)
    told: Any = guarded_client.get("/posts/journal").json
    assert told["person"] == alice.id
    about = {"headers": {"X-CSRFToken": told["token"]}, "query_string": {"tab": TAB}}
    assert guarded_client.post(f"/posts/{post.id}/journal", json=[whole("x")], **about).status_code == 200


def test_who_is_signed_out_is_asked_to_sign_in(client: Visitor) -> None:
    assert client.get("/posts/journal").location == "/login?next=/posts/journal"


NO_ENTRIES: dict[str, Any] = {
    "no list": {},
    "too many": [whole("x", number=number) for number in range(21)],
    "a text": ["x"],
    "no number": [whole("x", number=None)],
    "a truth for a number": [whole("x", number=True)],
    "a fraction": [whole("x", number=0.5)],
    "below nothing": [whole("x", number=-1)],
    "more than a database counts": [whole("x", number=2**31)],
    "later than clocks go": [whole("x", typed_at=2**60)],
    "no text": [whole("x", put=None)],
    "an unknown field": [whole("x", fields={"status": "published"})],
    "a field of numbers": [whole("x", fields={"title": 1})],
    "a field that is too long": [whole("x", fields={"title": "x" * 10_001})],
}


@pytest.mark.parametrize("wrong", NO_ENTRIES)
def test_what_is_no_entry_is_refused(alice_client: Visitor, post: Post, wrong: str) -> None:
    about = {"json": NO_ENTRIES[wrong], "query_string": {"tab": TAB}}
    assert alice_client.post(f"/posts/{post.id}/journal", **about).status_code == 422
    assert count() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(alice_client: Visitor, post: Post, body: bytes) -> None:
    address = f"/posts/{post.id}/journal?tab={TAB}"
    assert alice_client.post(address, data=body, content_type="application/json").status_code == 422


@pytest.mark.parametrize("tab", ["", "short", "x" * 33, "a b c d e f g h i j", "ä" * 20])
def test_a_tab_has_a_name(alice_client: Visitor, post: Post, tab: str) -> None:
    assert send(alice_client, post, whole("x"), tab=tab).status_code == 422


# How much


def test_the_longest_post_can_be_kept_and_nothing_much_longer(
    alice_client: Visitor, alice: User, post: Post
) -> None:
    longest = "猫" * LONGEST_CONTENT
    body = json.dumps([whole(longest)], ensure_ascii=False).encode()
    about = {"content_type": "application/json", "query_string": {"tab": TAB}}
    assert alice_client.post(f"/posts/{post.id}/journal", data=body, **about).status_code == 200
    assert typed(alice, post) == [longest]
    assert send(alice_client, post, whole("x" * 1_000_001, number=1)).status_code == 422
    assert send(alice_client, post, whole("x" * 2_100_000, number=1)).status_code == 413


def test_a_journal_that_grows_long_keeps_its_last_wholes(
    alice_client: Visitor, alice: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.posts.journal.WHOLES_KEPT", 3)
    for number in range(0, 20, 2):
        send(alice_client, post, whole("a", number), entry(number + 1, 1, 0, "b", "ab"))
    assert count() == 6
    assert typed(alice, post) == ["ab"]


def test_after_many_changes_a_whole_is_wanted(
    alice_client: Visitor, alice: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.posts.journal.MOST_CHANGES", 2)
    send(alice_client, post, whole("a"), entry(1, 1, 0, "b", "ab"))
    assert send(alice_client, post, entry(2, 2, 0, "c", "abc")).status_code == 200
    assert send(alice_client, post, entry(3, 3, 0, "d", "abcd")).status_code == 409
    assert send(alice_client, post, whole("abcd", 3)).status_code == 200


def test_one_person_does_not_fill_the_disk(
    alice_client: Visitor, alice: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blog.posts.journal.MOST_UNITS", 100)
    send(alice_client, post, whole("x" * 60))
    assert send(alice_client, post, whole("y" * 60), tab=OTHER_TAB).status_code == 422
    assert typed(alice, post) == ["x" * 60]
    alice_client.post(f"/posts/journal/{TAB}/discard")
    assert send(alice_client, post, whole("y" * 60), tab=OTHER_TAB).status_code == 200
    assert typed(alice, post) == ["y" * 60]


def test_too_many_at_once_are_refused(app_with: Callable[..., Flask], alice: User, post: Post) -> None:
    client = visitor(app_with(LIMITS={"journal": Limit(Rate(9, MINUTE), Rate(2, MINUTE))}))
    sign_in(client, alice)
    answers = [send(client, post, whole("x", number)) for number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["Retry-After"]


def test_a_change_to_a_text_that_is_kept_otherwise_raises(alice: User, post: Post) -> None:
    make.journal(alice, post, "a", tab=TAB)
    change = Change.read(entry(1, 0, 0, "b", "b"))
    with pytest.raises(OutOfStep):
        journal.keep([change], person_id=alice.id, post_id=post.id, tab=TAB, at=post.created_at)
