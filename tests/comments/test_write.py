"""Saying something under a post."""

import pytest
from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session

from blog import settings
from blog.comments.models import Comment
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.at_once import at_once
from tests.reading import fields_on, links_on


@pytest.fixture
def post(alice) -> Post:
    return make.post(alice, slug="post")


def number_of_comments() -> int:
    return db.session.scalar(select(func.count()).select_from(Comment)) or 0


def test_it_works(post, charlie, charlie_client, client):
    answer = charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Well *said*.\r\n\r\n# So"})
    comment = db.session.scalars(select(Comment)).one()
    assert (answer.status_code, answer.location) == (302, f"/posts/post#comment-{comment.id}")
    assert (comment.content, comment.author_id, comment.post_id) == (
        "Well *said*.\n\n# So",
        charlie.id,
        post.id,
    )
    page = client.get("/posts/post")
    assert "<em>said</em>" in page.text
    assert f'id="comment-{comment.id}"' in page.text
    assert links_on(page, "/authors/charlie")[0].text == "Charlie"


def test_they_are_shown_in_the_order_in_which_they_were_written(post, alice, charlie, client):
    written = [make.comment(post, charlie, f"Number {number}.") for number in range(3)]
    make.comment(make.post(alice), charlie, "Elsewhere.")
    page = client.get("/posts/post")
    addresses = [link.address for link in links_on(page, "#comment-")]
    assert addresses == [f"#comment-{comment.id}" for comment in written]
    assert "Elsewhere" not in page.text


def test_strangers_are_asked_to_sign_in(post, client):
    answer = client.post(f"/posts/{post.id}/comments", data={"content": "Hello."})
    assert answer.status_code == 403
    assert "Hello." in answer.text
    assert "content" not in fields_on(client.get("/posts/post"))
    assert links_on(client.get("/posts/post"), "/login")
    assert number_of_comments() == 0


def test_where_comments_are_closed_nobody_writes_one(post, charlie_client):
    make.comment(post, content="From before.")
    settings.save(comments_open=False)
    db.session.commit()
    assert charlie_client.post(f"/posts/{post.id}/comments", data={"content": "Hello."}).status_code == 403
    page = charlie_client.get("/posts/post")
    assert "content" not in fields_on(page)
    assert "From before." in page.text
    assert number_of_comments() == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "Write something"),
        (" \r\n\t", "Write something"),
        ("x" * 10_001, "10000"),
        ("a\x07", "cannot be seen"),
    ],
    ids=["empty", "blank", "long", "unseen"],
)
def test_what_is_wrong_is_told_at_the_field_and_kept_there(post, charlie_client, content, message):
    answer = charlie_client.post(f"/posts/{post.id}/comments", data={"content": content})
    assert answer.status_code == 422
    assert message in fields_on(answer)["content"].error
    assert fields_on(answer)["content"].value == content.replace("\r\n", "\n")
    assert "Words of post" in answer.text
    assert number_of_comments() == 0


def test_as_much_as_fits_is_taken(post, charlie_client):
    content = "🦉\r\n" * 5_000
    assert charlie_client.post(f"/posts/{post.id}/comments", data={"content": content}).status_code == 302


def test_sent_ten_times_at_once_it_is_written_once(app, as_, post, charlie):
    sent, address = {"content": "Once.", "nonce": "once"}, f"/posts/{post.id}/comments"
    browsers = [as_(charlie) for _ in range(10)]
    answers = at_once(app, *(lambda one=one: one.post(address, data=sent) for one in browsers))
    comment_id = db.session.scalar(select(Comment.id))
    assert {answer.location for answer in answers} == {f"/posts/post#comment-{comment_id}"}
    assert number_of_comments() == 1


def test_two_different_ones_are_both_kept(post, charlie_client):
    address, sent = f"/posts/{post.id}/comments", {"content": "One.", "nonce": "once"}
    charlie_client.post(address, data=sent)
    answer = charlie_client.post(address, data={**sent, "content": "Two."})
    fields = fields_on(answer)
    assert (answer.status_code, fields["content"].value) == (409, "Two.")
    again = {"content": "Two.", "nonce": fields["nonce"].value}
    assert charlie_client.post(address, data=again).status_code == 302
    assert number_of_comments() == 2


def test_under_a_post_that_is_deleted_meanwhile_the_text_is_kept(post, charlie_client):
    def delete_post(session: Session, *rest: object) -> None:
        session.execute(delete(Post))

    address = f"/posts/{post.id}/comments"
    event.listen(db.session, "before_flush", delete_post)
    try:
        answer = charlie_client.post(address, data={"content": "Late."})
    finally:
        event.remove(db.session, "before_flush", delete_post)
    assert answer.status_code == 409
    assert fields_on(answer)["content"].value == "Late."
    assert number_of_comments() == 0
