"""Comments in the trash."""

import pytest
from sqlalchemy import select

from blog.accounts.models import User
from blog.audit import Entry
from blog.comments.models import Comment
from blog.db import db, now
from blog.posts.models import Post
from tests import make
from tests.reading import messages_on
from tests.visitor import Visitor


@pytest.fixture
def comment(alice: User, charlie: User) -> Comment:
    """charlie's, under alice's post."""
    return make.comment(make.post(alice, title="The post", slug="post"), charlie, "I was *here*.")


def test_it_works(comment: Comment, charlie_client: Visitor, client: Visitor) -> None:
    answer = charlie_client.post(f"/comments/{comment.id}/delete")
    page = charlie_client.get(answer.location)
    assert f'action="/comments/{comment.id}/restore"' in messages_on(page)
    assert "I was" not in page.text
    assert '<h2 id="comments-heading">Comments</h2>' in page.text
    assert "I was" not in client.get("/posts/post").text
    back = charlie_client.post(f"/comments/{comment.id}/restore")
    assert back.location == f"/posts/post#comment-{comment.id}"
    assert "One comment" in client.get("/posts/post").text


@pytest.mark.parametrize(
    ("deleted_by", "who", "finds"),
    [
        ("charlie", "charlie", True),
        ("charlie", "alice", False),
        ("charlie", "editor", True),
        ("alice", "alice", True),
        ("alice", "charlie", False),
        ("editor", "alice", False),
    ],
)
def test_whoever_deleted_it_or_moderates_restores_it(request, comment, deleted_by, who, finds):
    comment.trash(by=request.getfixturevalue(deleted_by), at=now())
    db.session.commit()
    client = request.getfixturevalue(f"{who}_client")
    assert ("I was *here*." in client.get("/trash?of=comments").text) == finds
    assert client.get(f"/comments/{comment.id}/purge").status_code == (200 if finds else 404)
    assert client.post(f"/comments/{comment.id}/restore").status_code == (302 if finds else 404)
    assert (comment.deleted_at is None) == finds


def test_it_goes_for_good_after_asking(comment, charlie_client):
    comment_id = comment.id
    charlie_client.post(f"/comments/{comment_id}/delete")
    assert "The post" in charlie_client.get(f"/comments/{comment_id}/purge").text
    assert charlie_client.post(f"/comments/{comment_id}/purge").status_code == 302
    assert db.session.get(Comment, comment_id) is None
    entry = db.session.scalars(select(Entry).where(Entry.action == "deleted for good")).one()
    assert (entry.thing, entry.thing_id, entry.label) == ("comment", comment_id, "The post")
    assert entry.before == {"author": "charlie"}


def test_a_comment_under_a_deleted_post_comes_back_with_the_post(comment, alice, charlie_client, client):
    charlie_client.post(f"/comments/{comment.id}/delete")
    post = db.session.get_one(Post, comment.post_id)
    post.trash(by=alice, at=now())
    db.session.commit()
    assert charlie_client.post(f"/comments/{comment.id}/restore").location == "/trash?of=comments"
    post.restore()
    db.session.commit()
    assert "One comment" in client.get("/posts/post").text


def test_what_whoever_is_gone_deleted_can_be_restored(comment, charlie, editor_client, bob):
    comment.trash(by=bob, at=now())
    db.session.commit()
    db.session.delete(bob)
    db.session.commit()
    assert comment.deleted_by_id is None
    assert editor_client.post(f"/comments/{comment.id}/restore").status_code == 302
