"""Several people at one post, in browsers of their own: two who edit it, and those who comment on it."""

from collections.abc import Callable

from playwright.sync_api import expect
from sqlalchemy import select

from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.browser.person import Person


def test_whoever_saves_second_is_shown_both_texts(
    alice: User, editor: User, arrive: Callable[..., Person]
) -> None:
    post = make.post(alice, title="A quiet morning", content="Nobody stirs.")
    address = f"/posts/{post.id}/edit"
    first, second = arrive(editor), arrive(alice)
    first.goes_to(address)
    second.goes_to(address)
    first.types({"Title": "A loud morning", "Text": "Everybody stirs."})
    first.presses("Save changes")
    first.is_told("Saved")
    second.types({"Text": "Nobody stirs, not even the cat.", "Tags": "Cats"})
    second.presses("Save changes")
    second.is_told("Somebody else saved this post while you were working on it.")
    second.reads("What somebody else saved on")
    theirs = {"Their title": "A loud morning", "Their text": "Everybody stirs."}
    mine = {"Title": "A quiet morning", "Text": "Nobody stirs, not even the cat.", "Tags": "Cats"}
    second.finds_typed({**theirs, **mine})
    second.types({"Title": "A loud morning", "Text": "Everybody stirs, even the cat."})
    second.presses("Save changes")
    second.is_told("Saved")
    db.session.commit()  # so that what is read is what is stored now
    assert db.session.execute(select(Post.title, Post.content)).all() == [
        ("A loud morning", "Everybody stirs, even the cat.")
    ]


def test_people_comment_and_take_their_comment_back(
    alice: User, charlie: User, arrive: Callable[..., Person]
) -> None:
    make.post(alice, slug="quiet")
    reader = arrive()
    reader.goes_to("/posts/quiet")
    reader.page.locator("main").get_by_role("link", name="Sign in").click()
    reader.types({"Username or e-mail": "charlie", "Password": make.PASSWORD})
    reader.presses("Sign in")
    reader.is_at("/posts/quiet")
    reader.presses("Send comment")
    reader.is_told_beside("Your comment", "Write something first.")
    reader.types({"Your comment": "Well *said* <script>alert(1)</script>"})
    reader.presses("Send comment")
    comment = reader.page.get_by_role("listitem").filter(has_text="Well said")
    expect(comment).to_contain_text("<script>alert(1)</script>")
    expect(comment.locator("em")).to_have_text("said")
    expect(comment).to_contain_text("Charlie")
    expect(reader.page.get_by_role("heading", name="One comment")).to_be_visible()
    comment.get_by_role("link", name="Delete").click()
    reader.is_headed("Delete this comment?")
    reader.follows("Keep it")
    comment.get_by_role("link", name="Delete").click()
    reader.presses("Delete the comment")
    reader.is_told("The comment is deleted.")
    reader.does_not_read("Well said")


def test_authors_delete_comments_on_their_posts_and_others_do_not(
    alice: User, bob: User, arrive: Callable[..., Person]
) -> None:
    post = make.post(alice, slug="quiet")
    comment = make.comment(post, content="Buy owls.")
    address = f"/comments/{comment.id}/delete"
    neighbour, author = arrive(bob), arrive(alice)
    neighbour.goes_to("/posts/quiet")
    neighbour.reads("Buy owls.")
    expect(neighbour.page.get_by_role("link", name="Delete")).to_have_count(0)
    neighbour.goes_to(address)
    neighbour.is_headed("There is nothing at this address")
    author.goes_to("/posts/quiet")
    author.follows("Delete")
    author.presses("Delete the comment")
    author.is_told("The comment is deleted.")
    author.is_at("/posts/quiet")
    db.session.commit()
    assert db.session.scalar(select(Comment.id)) is None
