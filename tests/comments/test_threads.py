"""Threads, two deep."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from blog import settings
from blog.comments.models import Comment, Status
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.queries import count_queries
from tests.reading import fields_on, links_on


@pytest.fixture
def post(alice) -> Post:
    return make.post(alice, slug="post")


def answer_to(parent: Comment, by, content: str = "An answer.") -> Comment:
    post = db.session.get_one(Post, parent.post_id)
    made = Comment.write(post=post, by=by, content=content, parent=parent)
    db.session.commit()
    return made


def test_it_works(post, alice, charlie, charlie_client, client):
    first, second = make.comment(post, alice, "One."), make.comment(post, alice, "Two.")
    form = charlie_client.get(f"/posts/{post.id}/comments/new?parent={first.id}")
    assert "One." in form.text
    assert fields_on(form)["parent"].value == str(first.id)
    sent = {"content": "To the first.", "parent": first.id}
    answer = charlie_client.post(f"/posts/{post.id}/comments", data=sent)
    made = db.session.scalars(select(Comment).where(Comment.parent_id == first.id)).one()
    assert answer.location == f"/posts/post#comment-{made.id}"
    page = client.get("/posts/post")
    places = [link.address for link in links_on(page, "#comment-")]
    assert places == [f"#comment-{comment.id}" for comment in (first, made, second)]
    assert '<ol class="answers">' in page.text
    assert "3 comments" in page.text


def test_an_answer_to_an_answer_stands_beside_it(post, alice, charlie, charlie_client):
    first = make.comment(post, alice)
    second = answer_to(first, charlie)
    charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Third.", "parent": second.id})
    third = db.session.scalars(select(Comment).where(Comment.content == "Third.")).one()
    assert third.parent_id == first.id


@pytest.mark.parametrize("parent", ["other", "deleted", "held", "0", "x"])
def test_what_is_not_there_is_not_answered(post, alice, charlie_client, parent):
    there = {
        name: make.comment(make.post(alice) if name == "other" else post, alice) for name in ("other", "held")
    }
    there["deleted"] = make.comment(post, alice)
    there["deleted"].trash(by=alice, at=now())
    there["held"].status = Status.HELD
    db.session.commit()
    number = there[parent].id if parent in there else parent
    answer = charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Lost.", "parent": number})
    if parent in {"0", "x"}:
        assert db.session.scalars(select(Comment.parent_id).where(Comment.content == "Lost.")).one() is None
    else:
        assert (answer.status_code, fields_on(answer)["content"].value) == (422, "Lost.")


def test_a_deleted_one_keeps_its_place_above_its_answers(post, alice, charlie, alice_client, client):
    first = make.comment(post, charlie, "The question.")
    alone = make.comment(post, charlie, "Alone.")
    answer_to(first, alice)
    for comment in (first, alone):
        alice_client.post(f"/comments/{comment.id}/delete")
    page = client.get("/posts/post").text
    assert "Deleted comment." in page
    assert "The question." not in page
    assert page.index(f'id="comment-{first.id}"') < page.index("An answer.")
    assert f'id="comment-{alone.id}"' not in page
    assert "One comment" in page


def test_it_keeps_it_when_it_is_gone_for_good(post, alice, charlie, alice_client, client):
    first = make.comment(post, charlie, "The question.")
    answered = answer_to(first, alice)
    alice_client.post(f"/comments/{first.id}/delete")
    alice_client.post(f"/comments/{first.id}/purge")
    db.session.expire_all()
    assert (first.content, first.html, first.author_id) == ("…", "", None)
    assert "Deleted comment." in client.get("/posts/post").text
    assert "question" not in alice_client.get("/trash?of=comments").text
    alice_client.post(f"/comments/{answered.id}/delete")
    alice_client.post(f"/comments/{answered.id}/purge")
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 0


def test_it_keeps_it_when_its_writer_is_gone(post, alice, charlie, owner_client, client):
    answer_to(make.comment(post, charlie, "The question."), alice)
    make.comment(post, charlie, "Alone.")
    owner_client.post(f"/admin/people/{charlie.id}/delete", data={"password": make.PASSWORD})
    page = client.get("/posts/post").text
    assert "Deleted comment." in page
    assert "An answer." in page
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 2


def test_what_is_held_is_shown_to_whoever_wrote_it(post, charlie, charlie_client, bob_client, client):
    settings.save(comments_held="always")
    db.session.commit()
    answer = charlie_client.post(f"/posts/{post.id}/comments", data={"content": "My first."})
    assert "once somebody has looked at it" in charlie_client.get(answer.location).text
    assert "waits for review" in charlie_client.get("/posts/post").text
    for other in (bob_client, client):
        assert "My first." not in other.get("/posts/post").text


def test_nothing_of_whoever_moderates_there_is_held(post, alice_client, bob_client, editor_client):
    settings.save(comments_held="always")
    db.session.commit()
    for browser in (alice_client, bob_client, editor_client):
        browser.post(f"/posts/{post.id}/comments", data={"content": "Mine."})
    statuses = db.session.scalars(select(Comment.status).order_by(Comment.id)).all()
    assert statuses == ["approved", "held", "approved"]


def test_one_changes_ones_own_for_ten_minutes(clock, post, charlie, charlie_client, editor_client):
    charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Frist."})
    comment = db.session.scalars(select(Comment)).one()
    comment.created_at = now()
    db.session.commit()
    address = f"/comments/{comment.id}/edit"
    assert links_on(charlie_client.get("/posts/post"), address)
    assert editor_client.get(address).status_code == 404
    assert charlie_client.post(address, data={"content": "First."}).status_code == 302
    assert "First." in charlie_client.get("/posts/post").text
    assert charlie_client.post(address, data={"content": ""}).status_code == 422
    clock.shift(timedelta(minutes=10))
    assert charlie_client.post(address, data={"content": "Too late."}).status_code == 409
    assert not links_on(charlie_client.get("/posts/post"), address)


def test_a_thread_costs_as_many_queries_whatever_its_length(post, alice, charlie, charlie_client):
    def queries() -> int:
        charlie_client.get("/")  # the settings are read once, until something changes
        with count_queries() as statements:
            assert charlie_client.get("/posts/post").status_code == 200
        return len(statements)

    first = make.comment(post, alice)
    answer_to(first, charlie)
    queries()
    few = queries()
    for number in range(20):
        answer_to(first, alice if number % 2 else charlie)
        make.comment(post)
    assert queries() == few
