"""The queue of comments: who finds what, one or many at once, and taking it back."""

from typing import Any

import pytest
from sqlalchemy import select

from blog.audit import Entry
from blog.comments import words
from blog.comments.models import Comment, Status
from blog.comments.words import SpamWord
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.queries import count_queries
from tests.reading import links_on, messages_on


@pytest.fixture
def post(alice) -> Post:
    return make.post(alice, title="The post", slug="post")


@pytest.fixture
def held(post) -> list[Comment]:
    return [
        make.guests_comment(post, f"Waiting {number}.", status="held", held_because="no proof")
        for number in range(3)
    ]


def statuses() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(select(Comment.status).order_by(Comment.id)))


def ids(comments: list[Comment]) -> list[int]:
    return [comment.id for comment in comments]


def test_it_works(held, alice_client, client):
    page = alice_client.get("/comments/")
    assert all(f"Waiting {number}." in page.text for number in range(3))
    assert "The browser did no work for it" in page.text
    answer = alice_client.post("/comments/bulk", data={"ids": ids(held)[:2], "act": "approve"})
    assert answer.location == "/comments/?status=held"
    assert statuses() == ["approved", "approved", "held"]
    assert "2 comments are shown." in messages_on(alice_client.get(answer.location))
    assert "Waiting 0." in client.get("/posts/post").text


def test_one_by_the_button_beside_it(held, alice_client):
    sent = {"ids": ids(held), "act": "approve", "one": f"spam {held[1].id}", "status": "all"}
    assert alice_client.post("/comments/bulk", data=sent).location == "/comments/?status=all"
    assert statuses() == ["held", "spam", "held"]


@pytest.mark.parametrize("act", ["approve", "spam", "delete"])
def test_what_was_done_to_many_is_taken_back(held, alice_client, act):
    alice_client.post("/comments/bulk", data={"ids": ids(held), "act": act})
    page = alice_client.get("/comments/")
    assert "Waiting" not in page.text.replace("Waiting <span>", "")
    undo = messages_on(page).split('action="')[1].split('"')[0]
    held[0].content = "Changed meanwhile."
    db.session.commit()
    alice_client.post(undo)
    assert statuses()[1:] == ["held", "held"]
    assert [comment.held_because for comment in held[1:]] == ["no proof", "no proof"]
    assert (held[0].status, held[0].deleted_at is None) != ("held", True)
    assert "1 changed since and stay." in messages_on(alice_client.get("/comments/"))
    alice_client.post(undo)
    assert "0 comments are as before." in messages_on(alice_client.get("/comments/"))


def test_whoever_did_not_do_it_does_not_take_it_back(held, alice_client, editor_client):
    alice_client.post("/comments/bulk", data={"ids": ids(held), "act": "spam"})
    undo = messages_on(alice_client.get("/comments/")).split('action="')[1].split('"')[0]
    assert editor_client.post(undo).status_code == 404


@pytest.mark.parametrize(("who", "finds"), [("alice", True), ("bob", False), ("editor", True)])
def test_authors_find_what_stands_under_their_posts_and_editors_all(request, held, who, finds):
    client = request.getfixturevalue(f"{who}_client")
    assert ("Waiting 0." in client.get("/comments/").text) == finds
    client.post("/comments/bulk", data={"ids": ids(held), "act": "approve"})
    assert statuses() == (["approved"] * 3 if finds else ["held"] * 3)


def test_readers_have_no_queue(charlie_client, client):
    assert charlie_client.get("/comments/").status_code == 403
    assert client.get("/comments/").status_code == 302


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"act": "approve"}, "Tick the comments"),
        ({"act": "approve", "ids": ["x"]}, "Tick the comments"),
        ({"act": "burn", "ids": [1]}, "Choose what is to be done"),
        ({"act": "approve", "ids": list(range(1, 1002))}, "at most 1,000"),
    ],
)
def test_what_is_wrong_is_told(held, alice_client, sent, message):
    alice_client.post("/comments/bulk", data=sent)
    assert message in messages_on(alice_client.get("/comments/"))
    assert statuses() == ["held"] * 3


def test_it_is_filtered_by_status_and_words(post, held, alice_client):
    make.guests_comment(post, "Buy *owls* 100%.", status="spam")
    make.comment(post, content="Shown.")
    assert "owls" in alice_client.get("/comments/?status=spam").text
    assert "owls" not in alice_client.get("/comments/").text
    every = alice_client.get("/comments/?status=all").text
    assert "owls" in every
    assert "Shown." in every
    assert "owls" in alice_client.get("/comments/?status=all&q=100%25").text
    assert "No comment is like that." in alice_client.get("/comments/?status=all&q=1_0").text
    assert "Waiting 1." in alice_client.get("/comments/?q=zoë").text or "Waiting 1." in (
        alice_client.get("/comments/?q=Zo").text
    )


def test_many_cost_as_many_statements_as_few(post, alice_client):
    def statements(number: int) -> int:
        made = [make.guests_comment(post, "The same words.", status="held") for _ in range(number)]
        sent = {"ids": ids(made), "act": "spam"}
        with count_queries() as queries:
            alice_client.post("/comments/bulk", data=sent)
        return len(queries)

    statements(1)
    assert statements(2) == statements(20)


def test_the_log_has_an_entry_for_all(held, alice, alice_client):
    alice_client.post("/comments/bulk", data={"ids": ids(held), "act": "spam"})
    entry = db.session.scalars(select(Entry).where(Entry.action == "called spam")).one()
    assert (entry.thing, entry.actor_id, entry.after["number"]) == ("comments", alice.id, 3)


def test_the_page_of_the_post_leads_nowhere_that_is_not_shown(post, held, client):
    assert not links_on(client.get("/posts/post"), "#comment-")
    feed = client.get(f"/p/{post.id}/feed.atom").text
    assert "Waiting" not in feed


# The filter learns


def learned() -> dict[str, tuple[int, int]]:
    db.session.expire_all()
    return {row.word: (row.spam, row.honest) for row in db.session.scalars(select(SpamWord))}


def test_the_filter_learns_what_is_decided_and_forgets_what_is_taken_back(post, alice_client):
    comments = [make.guests_comment(post, "Cheap owls.", status="held") for _ in range(2)]
    alice_client.post("/comments/bulk", data={"ids": ids(comments), "act": "spam"})
    alice_client.get("/comments/")
    assert learned()["owls"] == learned()[""] == (2, 0)
    alice_client.post("/comments/bulk", data={"ids": ids(comments)[:1], "act": "approve"})
    assert learned()["owls"] == learned()[""] == (1, 1)
    undo = messages_on(alice_client.get("/comments/")).split('action="')[1].split('"')[0]
    alice_client.post(undo)
    assert learned()["cheap owls"] == (2, 0)


def teach(post: Post, alice_client: Any, text: str, act: str, number: int = 10) -> None:
    comments = [make.guests_comment(post, text, status="held") for _ in range(number)]
    alice_client.post("/comments/bulk", data={"ids": ids(comments), "act": act})


def test_what_is_like_spam_is_held_before_anybody_sees_it(post, alice_client, charlie_client):
    assert words.score("Cheap watches, buy now", "Zoë") is None
    teach(post, alice_client, "Cheap watches, buy now at our shop", "spam")
    teach(post, alice_client, "I read this with pleasure, thank you for the chapter on owls", "approve")
    assert (words.score("Buy cheap watches now", "Max") or 0) >= 95
    assert words.score("The chapter on owls was a pleasure", "Max") in range(20)
    assert words.score("Qwerty", "Max") in range(30, 71)
    charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Buy cheap watches now"})
    comment = db.session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one()
    assert (comment.status, comment.held_because) == ("spam", "words")


def test_old_words_make_room(app, monkeypatch):
    monkeypatch.setattr(words, "MOST_WORDS", 3)
    for number in range(6):
        db.session.add(SpamWord(word=f"word {number}" if number else "", spam=1, honest=1, seen_at=now()))
        db.session.commit()
    words.forget_oldest()
    assert sorted(learned()) == ["", "word 4", "word 5"]


def test_a_comment_of_the_longest_words_can_be_learned(post, alice_client):
    content = " ".join(["ß" * 3000, "漢字" * 500, "http://" + "x" * 3000, "a" * 10, "http://[::1"])
    comment = make.guests_comment(post, content, status="held")
    alice_client.post("/comments/bulk", data={"ids": [comment.id], "act": "spam"})
    assert comment.status == Status.SPAM
    assert all(len(word) <= 60 for word in learned())
