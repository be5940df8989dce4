"""/api/posts: writing and reading by a program."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.at_once import at_once
from tests.program import Program, program_of
from tests.queries import count_queries


def titles(program: Program, asked: str = "") -> list[str]:
    answer = program.get(f"/api/posts{asked}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Total-Count"] == str(len(answer.get_json()))
    return [post["title"] for post in answer.get_json()]


def test_it_works(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    given = {"title": "A quiet morning", "content": "Two *words*.", "tags": ["Tea", "C++"]}
    made = program.post("/api/posts", json=given)
    assert made.status_code == 201, made.text
    told = made.get_json()
    assert told == {
        **given,
        "id": told["id"],
        "slug": "a-quiet-morning",
        "url": "http://localhost/posts/a-quiet-morning",
        "excerpt": "",
        "tags": ["C++", "Tea"],
        "status": "draft",
        "published_at": None,
        "author": "alice",
        "authors": ["alice"],
        "kind": "post",
        "menu_place": None,
        "series": None,
        "series_place": None,
        "language": None,
        "translation_of": None,
        "team": None,
        "word_count": 2,
        "created_at": told["created_at"],
        "updated_at": told["updated_at"],
    }
    address = made.headers["Location"].removeprefix("http://localhost")
    assert program.get(address).get_json() == told
    changed = program.patch(address, json={"excerpt": "In short", "tags": ["Tea"]}).get_json()
    assert changed == {**told, "excerpt": "In short", "tags": ["Tea"], "updated_at": changed["updated_at"]}
    replaced = program.put(address, json={"title": "Noon"}).get_json()
    assert (replaced["content"], replaced["excerpt"], replaced["tags"]) == ("", "", [])
    assert (replaced["slug"], replaced["status"]) == ("a-quiet-morning", "draft")


def test_a_list_tells_all_but_the_text(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    post = make.post(alice, title="One", tags=["Tea"], team=make.team(alice, slug="desk"))
    one = program.get(f"/api/posts/{post.id}").get_json()
    assert one.pop("content") == post.content
    assert program.get("/api/posts").get_json() == [one]
    assert (one["team"], one["author"], one["tags"]) == ("desk", "alice", ["Tea"])


def test_a_list_takes_as_many_queries_for_many_posts_and_loads_no_text(app: Flask, alice: User) -> None:
    program = program_of(app, alice)

    def asked() -> int:
        with count_queries() as statements:
            titles(program)
        assert not any("posts.content" in one or "posts.html" in one for one in statements)
        return len(statements)

    make.post(alice, tags=["One"])
    asked()  # notes the use of the token
    few = asked()
    for _ in range(5):
        make.post(alice, tags=["One", "Two"])
    assert asked() == few <= 5


# Who reads what


@pytest.fixture
def every(app: Flask, alice: User) -> dict[str, Post]:
    """One post of alice's in each state."""
    later = now() + timedelta(days=1)
    posts = {
        "published": make.post(alice, title="published"),
        "scheduled": make.post(alice, title="scheduled", published_at=later),
        "draft": make.post(alice, title="draft", status="draft"),
        "archived": make.post(alice, title="archived"),
    }
    posts["archived"].archive(now())
    db.session.commit()
    return posts


@pytest.mark.parametrize(
    ("who", "listed", "found"),
    [
        ("charlie", {"published"}, {"published", "archived"}),
        ("bob", {"published"}, {"published", "archived"}),
        ("alice", {"published", "scheduled", "draft", "archived"}, None),
        ("editor", {"published", "scheduled", "draft", "archived"}, None),
    ],
)
def test_everybody_finds_what_they_may_read(app, request, every, who, listed, found):
    program = program_of(app, request.getfixturevalue(who))
    assert set(titles(program)) == listed
    there = {name for name, post in every.items() if program.get(f"/api/posts/{post.id}").status_code == 200}
    assert there == (found or listed)
    for status, post in every.items():
        shown = [status] if status in there else []
        assert titles(program, f"?status={status}") == shown
        assert program.get(f"/api/posts/{post.id}").status_code == (200 if shown else 404)


def test_without_a_token_nothing_is_told(app: Flask, every: dict[str, Post]) -> None:
    assert Program(app).get("/api/posts").status_code == 401
    assert Program(app).get(f"/api/posts/{every['published'].id}").status_code == 401


def test_they_are_narrowed_and_sorted(app: Flask, alice: User, bob: User, charlie: User) -> None:
    start = now() - timedelta(days=9)
    team = make.team(alice, slug="desk")
    make.post(alice, title="Apples", tags=["Fruit"], published_at=start, team=team)
    make.post(bob, title="Pears", tags=["Fruit", "C++"], published_at=start + timedelta(days=1))
    make.post(bob, title="Nails", content="a b c d e", published_at=start + timedelta(days=2))
    program = program_of(app, charlie)
    assert titles(program) == ["Nails", "Pears", "Apples"]
    assert titles(program, "?sort=title") == ["Apples", "Nails", "Pears"]
    assert titles(program, "?sort=-word_count,title")[0] == "Nails"
    assert titles(program, "?tag=fruit&sort=title") == ["Apples", "Pears"]
    assert titles(program, "?tag=C%2B%2B") == ["Pears"]
    assert titles(program, "?author=BOB&sort=published_at") == ["Pears", "Nails"]
    assert titles(program, "?team=desk") == ["Apples"]
    assert titles(program, "?q=PEA") == ["Pears"]
    middle = (start + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert titles(program, f"?published_after={middle}&sort=title") == ["Nails", "Pears"]
    assert titles(program, f"?published_before={middle}") == ["Apples"]
    assert titles(program, f"?created_before={middle}") == []
    assert len(titles(program, f"?updated_after={middle}")) == 3


# Who changes what


@pytest.mark.parametrize(("who", "status"), [("charlie", 403), ("bob", 404), ("editor", 200), ("alice", 200)])
def test_only_its_author_and_editors_change_a_draft(app, request, alice, who, status):
    post = make.post(alice, status="draft")
    program, address = program_of(app, request.getfixturevalue(who)), f"/api/posts/{post.id}"
    assert program.patch(address, json={"title": "Mine"}).status_code == status
    for act in ("publish", "unpublish", "archive"):
        assert program.post(f"{address}/{act}").status_code == status
    assert (post.title == "Mine") == (status == 200)
    assert program.delete(address).status_code == (204 if status == 200 else status)


def test_what_one_may_only_read_is_not_changed(app, alice, bob):
    post = make.post(alice, title="Hers")
    program, address = program_of(app, bob), f"/api/posts/{post.id}"
    answers = [program.patch(address, json={"title": "Mine"}), program.delete(address)]
    answers += [program.post(f"{address}/{act}") for act in ("publish", "unpublish", "archive")]
    assert {answer.status_code for answer in answers} == {403}
    assert (post.title, post.status) == ("Hers", "published")


def test_a_member_of_the_team_changes_only_the_words_of_a_draft(app, alice, bob):
    post = make.post(alice, status="draft", team=make.team(alice, bob, slug="desk"))
    program, address = program_of(app, bob), f"/api/posts/{post.id}"
    words = {"title": "Ours", "content": "Words.", "excerpt": "W.", "tags": ["Tea"]}
    assert program.patch(address, json=words).status_code == 200
    kept = {"status": "draft", "team": "desk", "slug": post.slug, "published_at": None}
    assert program.patch(address, json=kept).status_code == 200
    later = "2030-01-01T00:00:00Z"
    for more in ({"status": "published"}, {"team": None}, {"slug": "ours"}, {"published_at": later}):
        assert program.patch(address, json=more).status_code == 403, more
    for act in ("publish", "archive"):
        assert program.post(f"{address}/{act}").status_code == 403
    assert (post.status, post.title) == ("draft", "Ours")


@pytest.mark.parametrize(
    "more",
    [
        {"author": "bob"},
        {"author_id": 1},
        {"id": 1},
        {"version": 9},
        {"word_count": 9},
        {"html": "<b>"},
        {"created_at": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_is_not_to_be_given_is_refused(app, alice, more):
    post = make.post(alice)
    program = program_of(app, alice)
    for answer in (
        program.post("/api/posts", json={"title": "One", **more}),
        program.patch(f"/api/posts/{post.id}", json=more),
        program.put(f"/api/posts/{post.id}", json={"title": "One", **more}),
    ):
        assert answer.status_code == 422
        assert list(answer.get_json()["errors"]) == list(more)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"slug": "Not A Slug"}, "slug"),
        ({"slug": "new"}, "slug"),
        ({"status": "deleted"}, "status"),
        ({"status": "scheduled"}, "status"),
        ({"tags": ["!"]}, "tags.0"),
        ({"tags": ["a"] * 31}, "tags"),
        ({"tags": "a, b"}, "tags"),
        ({"published_at": "tomorrow"}, "published_at"),
        ({"published_at": "1492-01-01T00:00:00Z"}, "published_at"),
        ({"content": "\x00"}, "content"),
    ],
)
def test_what_cannot_be_taken_is_told_by_field(app, alice, given, field):
    post = make.post(alice, title="As it was")
    answer = program_of(app, alice).patch(f"/api/posts/{post.id}", json=given)
    assert (answer.status_code, list(answer.get_json()["errors"])) == (422, [field])
    assert post.title == "As it was"


def test_an_address_that_is_or_was_anothers_is_a_conflict(app, alice):
    program = program_of(app, alice)
    make.post(alice, slug="taken")
    moved = make.post(alice, slug="once")
    assert program.patch(f"/api/posts/{moved.id}", json={"slug": "now"}).status_code == 200
    for slug in ("taken", "once"):
        answer = program.post("/api/posts", json={"title": "New", "slug": slug})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (409, ["slug"])


def test_a_team_of_others_is_a_conflict(app, alice, bob):
    make.team(bob, slug="theirs")
    mine = make.team(alice, slug="mine")
    program = program_of(app, alice)
    for slug in ("theirs", "nobodys"):
        answer = program.post("/api/posts", json={"title": "New", "team": slug})
        assert (answer.status_code, list(answer.get_json()["errors"])) == (409, ["team"])
    made = program.post("/api/posts", json={"title": "New", "team": "mine"}).get_json()
    assert made["team"] == "mine"
    mine.leave(alice.id)
    address = f"/api/posts/{made['id']}"
    assert program.patch(address, json={"team": "mine", "title": "Still"}).get_json()["team"] == "mine"
    assert program.put(address, json={"title": "Alone"}).get_json()["team"] is None


# Publishing


def test_it_is_published_now_or_at_a_time(app: Flask, alice: User, client, clock) -> None:
    post = make.post(alice, slug="one", status="draft")
    program, address = program_of(app, alice), f"/api/posts/{post.id}"
    told = program.post(f"{address}/publish", json={"published_at": "2026-01-20T10:00:00+02:00"}).get_json()
    assert (told["status"], told["published_at"]) == ("published", "2026-01-20T08:00:00+00:00")
    assert client.get("/posts/one").status_code == 404
    assert program.post(f"{address}/unpublish").get_json()["status"] == "draft"
    told = program.patch(address, json={"published_at": None}).get_json()
    assert told["published_at"] is None
    assert program.post(f"{address}/publish").get_json()["published_at"] == "2026-01-15T12:00:00+00:00"
    assert client.get("/posts/one").status_code == 200
    assert program.post(f"{address}/archive").get_json()["status"] == "archived"
    actions = db.session.scalars(
        select(Entry.action).where(Entry.thing_id == post.id, Entry.thing == "post").order_by(Entry.id)
    ).all()
    assert actions == ["published", "unpublished", "edited", "published", "archived"]


def test_saved_in_another_state_it_is_logged_as_that(app, alice):
    post = make.post(alice, status="draft")
    program_of(app, alice).patch(f"/api/posts/{post.id}", json={"status": "published"})
    entry = db.session.scalars(select(Entry).where(Entry.thing == "post").order_by(Entry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.after["status"]) == ("published", "published")


# More than one at once


def test_whoever_is_late_is_told(app, alice):
    post = make.post(alice, status="draft")
    program, address = program_of(app, alice), f"/api/posts/{post.id}"
    tag = program.get(address).headers["ETag"]
    assert program.get(address, headers={"If-None-Match": tag}).status_code == 304
    fits = {"If-Match": tag}
    assert program.patch(address, json={"title": "First"}, headers=fits).status_code == 200
    assert program.patch(address, json={"title": "Second"}, headers=fits).status_code == 412
    assert program.post(f"{address}/publish", headers=fits).status_code == 412
    assert program.delete(address, headers=fits).status_code == 412
    assert (post.title, post.status) == ("First", "draft")


def test_of_two_at_once_one_is_late(app, alice):
    post = make.post(alice, status="draft")
    programs, address = [program_of(app, alice) for _ in range(2)], f"/api/posts/{post.id}"
    fits = {"If-Match": programs[0].get(address).headers["ETag"]}
    acts = [
        lambda one=one, title=title: one.patch(address, json={"title": title}, headers=fits)
        for one, title in zip(programs, ("Left", "Right"), strict=True)
    ]
    assert sorted(answer.status_code for answer in at_once(app, *acts)) == [200, 412]


def test_with_a_key_it_is_written_once(app, alice):
    program = program_of(app, alice)
    answers = [
        program.post("/api/posts", json={"title": "One"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert answers[0].get_json() == answers[1].get_json()
    assert len(db.session.scalars(select(Post)).all()) == 1


def test_two_at_once_get_addresses_of_their_own(app, alice):
    programs = [program_of(app, alice) for _ in range(2)]
    answers = at_once(
        app, *(lambda one=one: one.post("/api/posts", json={"title": "One"}) for one in programs)
    )
    assert sorted(answer.get_json()["slug"] for answer in answers) == ["one", "one-2"]
