"""At the desk and by a program: something is done to many posts at once, and taken back."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db
from blog.interchange.demo import generate
from blog.posts.models import Post
from blog.posts.telling import ranges
from blog.tags.models import Tag
from tests import make
from tests.at_once import at_once
from tests.conftest import visitor
from tests.lost_and_found import Drill
from tests.program import Program, program_of
from tests.reading import fields_on, messages_on, posts_on
from tests.visitor import Visitor, sign_in


def statuses() -> dict[str, str]:
    return {row.title: row.status for row in db.session.execute(select(Post.title, Post.status))}


def undo_on(page: str) -> str:
    found = re.search('action="(/posts/bulk/undo/[^"]+)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def drafts(alice: User, bob: User) -> list[Post]:
    made = [make.post(alice, title=title, status="draft") for title in ("One", "Two", "Three")]
    make.post(bob, title="His")
    return made


def test_it_works(alice_client: Visitor, drafts: list[Post]) -> None:
    ids = [str(post.id) for post in drafts[:2]]
    answer = alice_client.post("/posts/bulk", data={"act": "publish", "ids": ids, "status": "draft"})
    assert answer.location == "/posts/?status=draft"
    assert statuses() == {"One": "published", "Two": "published", "Three": "draft", "His": "published"}
    message = messages_on(alice_client.get(answer.location))
    assert "2 posts are published." in message
    alice_client.post(undo_on(message))
    assert "2 posts are as before." in messages_on(alice_client.get("/posts/"))
    assert statuses()["One"] == "draft"
    entries = db.session.scalars(select(Entry).where(Entry.thing == "posts").order_by(Entry.id)).all()
    assert [(entry.action, entry.after["number"]) for entry in entries] == [("published", 2), ("undone", 2)]
    assert entries[0].after["ids"] == [f"{ids[0]}-{ids[1]}"]


def test_all_that_are_found_on_every_page(alice, alice_client):
    for number in range(55):
        make.post(alice, title=f"Paper {number}", status="draft")
    make.post(alice, title="Ink", status="draft")
    page = alice_client.get("/posts/?q=paper")
    assert "To all 55 that are found" in page.text
    shown = {name: field.value for name, field in fields_on(page).items() if name in {"q", "every"}}
    alice_client.post("/posts/bulk", data={**shown, "act": "archive"})
    assert statuses()["Ink"] == "draft"
    assert list(statuses().values()).count("archived") == 55


def test_what_is_left_out_is_told(alice_client, drafts):
    drafts[0].publish(drafts[0].created_at)
    db.session.commit()
    answer = alice_client.post("/posts/bulk", data={"act": "publish", "every": "1"})
    message = messages_on(alice_client.get(answer.location))
    assert "2 posts are published. 1 was published before. 1 is not yours to change so." in message


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({}, "Choose what is to be done."),
        ({"act": "burn", "every": "1"}, "Choose what is to be done."),
        ({"act": "publish"}, "Tick the posts that you mean."),
        ({"act": "publish", "ids": "one"}, "Tick the posts that you mean."),
        ({"act": "publish", "ids": [str(number) for number in range(1, 1002)]}, "Tick at most 1,000"),
        ({"act": "tag", "every": "1"}, "Write the name of a tag."),
        ({"act": "tag", "every": "1", "tag": "!"}, "Write the name of a tag."),
        ({"act": "tag", "every": "1", "tag": "x" * 51}, "Write the name of a tag."),
        ({"act": "tag", "every": "1", "tag": "a\x00"}, "characters that cannot be seen"),
        ({"act": "untag", "every": "1", "tag": "Unknown"}, "No post has the tag “Unknown”."),
        ({"act": "author", "every": "1", "new_author": "nobody"}, "“nobody” is nobody here"),
        ({"act": "author", "every": "1", "new_author": "charlie"}, "“charlie” is nobody here"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(alice_client, charlie, drafts, data, told):
    before = statuses()
    answer = alice_client.post("/posts/bulk", data=data)
    assert told in messages_on(alice_client.get(answer.location))
    assert statuses() == before
    assert db.session.scalar(select(Tag.id)) is None


def test_a_tag_is_made_and_given(alice_client, client, drafts):
    alice_client.post("/posts/bulk", data={"act": "publish", "every": "1"})
    alice_client.post("/posts/bulk", data={"act": "tag", "every": "1", "tag": " Quiet  days "})
    assert sorted(posts_on(client.get("/tags/quiet-days"))) == ["one", "three", "two"]
    alice_client.post("/posts/bulk", data={"act": "untag", "every": "1", "tag": "quiet days"})
    assert posts_on(client.get("/tags/quiet-days")) == []


def test_only_editors_are_offered_to_give_posts_away(alice_client, editor_client, bob, drafts):
    assert "Give to another author" not in alice_client.get("/posts/").text
    assert "Give to another author" in editor_client.get("/posts/").text
    editor_client.post("/posts/bulk", data={"act": "author", "every": "1", "new_author": "BOB"})
    assert set(db.session.scalars(select(Post.author_id))) == {bob.id}


def test_readers_may_not(charlie_client, client, drafts):
    assert charlie_client.post("/posts/bulk", data={"act": "delete", "every": "1"}).status_code == 403
    assert client.post("/posts/bulk", data={"act": "delete", "every": "1"}).location == "/login"


def test_only_whoever_did_it_takes_it_back(alice_client, editor_client, drafts):
    answer = alice_client.post("/posts/bulk", data={"act": "delete", "every": "1"})
    address = undo_on(messages_on(alice_client.get(answer.location)))
    assert editor_client.post(address).status_code == 404
    assert alice_client.post(address).status_code == 302
    alice_client.get("/posts/")
    alice_client.post(address)
    assert "That is undone already." in messages_on(alice_client.get("/posts/"))


def test_undone_twice_at_once_it_is_undone_once(app, alice, alice_client, drafts):
    answer = alice_client.post("/posts/bulk", data={"act": "delete", "every": "1"})
    address = undo_on(messages_on(alice_client.get(answer.location)))
    clients = [visitor(app) for _ in range(2)]
    for one in clients:
        sign_in(one, alice)
    answers = at_once(app, *(lambda one=one: one.post(address) for one in clients))
    assert [answer.status_code for answer in answers] == [302, 302]
    told = sorted(messages_on(one.get("/posts/")) for one in clients)
    assert "3 posts are as before." in told[0]
    assert "That is undone already." in told[1]
    db.session.expire_all()
    assert [post.version for post in drafts] == [3, 3, 3]


def test_done_twice_at_once_each_post_is_changed_once(app, alice, editor, drafts):
    programs = [program_of(app, alice), program_of(app, editor)]
    body = {"act": "publish", "match": {}}
    answers = at_once(app, *(lambda one=one: one.post("/api/posts/bulk", json=body) for one in programs))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert sum(answer.get_json()["changed"] for answer in answers) == 3
    db.session.expire_all()
    assert [post.version for post in drafts] == [2, 2, 2]


def test_after_each_step_every_list_and_count_is_right(app: Flask, clock) -> None:
    """As `bin/bench trash` has it, with few posts."""
    generate(45)
    steps = Drill(app).run()
    assert {step.posts for step in steps} == {45}


@pytest.mark.parametrize(
    ("ids", "told"),
    [([], []), ([7], ["7"]), ([1, 2, 3, 7], ["1-3, 7"]), ([1, 3, 4], ["1, 3-4"])],
)
def test_the_log_shortens_ids_to_ranges(ids, told):
    assert ranges(ids) == told


def test_many_ranges_are_told_in_lines_that_the_log_can_hold():
    ids = list(range(1, 4000, 2))
    lines = ranges(ids)
    assert max(map(len, lines)) <= 480
    assert [int(part) for line in lines for part in line.split(", ")] == ids


# By a program


def asked(program: Program, expected: int = 200, **body: object) -> dict[str, object]:
    answer = program.post("/api/posts/bulk", json=body)
    assert answer.status_code == expected, answer.text
    told: dict[str, object] = answer.get_json()
    return told


def test_a_program_does_it_and_takes_it_back(app, alice, drafts):
    program = program_of(app, alice)
    told = asked(program, act="publish", ids=[post.id for post in drafts] + [10**6])
    assert told == {"act": "publish", "changed": 3, "already": 0, "refused": 0, "undo": told["undo"]}
    assert asked(program, act="publish", match={}) == {
        **told,
        "changed": 0,
        "already": 3,
        "refused": 1,
        "undo": None,
    }
    undone = program.post(f"/api/posts/bulk/undo/{told['undo']}")
    assert undone.get_json() == {"act": "publish", "changed": 3, "left": 0}
    assert program.post(f"/api/posts/bulk/undo/{told['undo']}").get_json()["changed"] == 0
    assert program.post("/api/posts/bulk/undo/unknown").status_code == 404


def test_it_is_narrowed_as_a_list_is(app, alice, drafts):
    program = program_of(app, alice)
    assert asked(program, act="tag", tag="Tea", match={"q": "o"})["changed"] == 2
    assert asked(program, act="delete", match={"tag": "tea"}, ids=[drafts[0].id])["changed"] == 1
    assert statuses()["One"] == "deleted"
    assert asked(program, act="delete")["changed"] == 0
    assert asked(program, act="restore", match={})["changed"] == 1


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "act"),
        ({"act": "burn"}, 422, "act"),
        ({"act": "delete", "ids": [0]}, 422, "ids.0"),
        ({"act": "delete", "ids": list(range(1, 1002))}, 422, "ids"),
        ({"act": "delete", "match": {"colour": "red"}}, 422, "match.colour"),
        ({"act": "delete", "status": "draft"}, 422, "status"),
        ({"act": "tag", "match": {}}, 409, "tag"),
        ({"act": "untag", "match": {}, "tag": "Unknown"}, 409, "tag"),
        ({"act": "author", "match": {}, "author": "nobody"}, 409, "author"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field(app, alice, drafts, body, status, field):
    before = statuses()
    told = asked(program_of(app, alice), status, **body)
    assert list(told["errors"]) == [field]  # type: ignore[call-overload]
    assert statuses() == before


def test_sent_again_with_its_key_it_is_done_once(app, alice, drafts):
    program = program_of(app, alice)
    body, key = {"act": "publish", "match": {}}, {"Idempotency-Key": "k"}
    answers = [program.post("/api/posts/bulk", json=body, headers=key) for _ in range(2)]
    assert answers[0].get_json() == answers[1].get_json()
    assert [post.version for post in drafts] == [2, 2, 2]
