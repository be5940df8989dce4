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


def test_two_who_change_different_places_are_both_in(
    alice: User, editor: User, arrive: Callable[..., Person]
) -> None:
    post = make.post(alice, title="A quiet morning", content="Nobody stirs.\n\nThe tea is cold.")
    first, second = both_at(post, arrive(editor), arrive(alice))
    first.types({"Title": "A loud morning", "Text": "Everybody stirs.\n\nThe tea is cold."})
    first.presses("Publish changes")
    first.is_told("Saved:")
    second.types({"Text": "Nobody stirs.\n\nThe tea is hot.", "Tags": "Cats"})
    second.presses("Publish changes")
    second.is_told("Editor changed the first paragraph and the title meanwhile; your changes are in as well.")
    assert stored() == [("A loud morning", "Everybody stirs.\n\nThe tea is hot.")]


def both_at(post: Post, *people: Person) -> tuple[Person, ...]:
    for person in people:
        person.goes_to(f"/posts/{post.id}/edit")
    return people


def stored() -> list[tuple[str, str]]:
    db.session.commit()  # so that what is read is what is stored now
    return [(title, content) for title, content in db.session.execute(select(Post.title, Post.content))]


def test_whoever_changes_the_same_second_chooses(
    alice: User, editor: User, arrive: Callable[..., Person], scripted: bool
) -> None:
    post = make.post(alice, title="A quiet morning", content="Nobody stirs.\n\nThe tea is cold.")
    first, second = both_at(post, arrive(editor), arrive(alice))
    first.types({"Title": "A loud morning", "Text": "Everybody stirs.\n\nThe tea is cold."})
    first.presses("Publish changes")
    first.is_told("Saved:")
    second.types({"Title": "A grey morning", "Text": "Somebody stirs, not even the cat.\n\nThe tea is hot."})
    second.presses("Publish changes")
    second.is_told("Nothing is saved yet: choose what is to stand.")
    second.reads("Editor saved this post after you had opened it", "not even the cat", "Everybody")
    second.presses("Save what I chose")
    second.is_told("Choose one for each of these.")
    title = second.page.get_by_role("group", name="Title")
    title.get_by_label("Theirs: Editor").check()
    passage = second.page.get_by_role("group", name="Passage 1")
    if not scripted:  # a script sees that somebody writes
        passage.get_by_label("As I write it here:").check()
    passage.get_by_role("textbox").fill("Everybody stirs, even the cat.")
    second.presses("Save what I chose")
    second.is_told("Saved:")
    assert stored() == [("A loud morning", "Everybody stirs, even the cat.\n\nThe tea is hot.")]


def test_back_from_the_choice_nothing_that_was_typed_is_gone(
    alice: User, editor: User, arrive: Callable[..., Person]
) -> None:
    post = make.post(alice, content="Nobody stirs.")
    first, second = both_at(post, arrive(editor), arrive(alice))
    first.types({"Text": "Everybody stirs."})
    first.presses("Publish changes")
    first.is_told("Saved:")
    second.types({"Text": "Somebody stirs, not even the cat."})
    second.presses("Publish changes")
    second.is_told("Nothing is saved yet")
    second.page.go_back()
    second.finds_typed({"Text": "Somebody stirs, not even the cat."})
    second.presses("Publish changes")
    second.is_told("Nothing is saved yet")
    second.page.get_by_label("Both, yours first").check()
    second.presses("Save what I chose")
    second.is_told("Saved:")
    assert stored() == [(post.title, "Somebody stirs, not even the cat.\n\nEverybody stirs.")]


def test_one_looks_back_and_restores(alice: User, editor: User, arrive: Callable[..., Person]) -> None:
    post = make.post(alice, title="A quiet morning", content="Nobody stirs.", status="draft")
    make.revision(post, editor, content="Everybody stirs.", note="Louder")
    person = arrive(alice)
    person.goes_to(f"/posts/{post.id}/edit")
    person.follows("History")
    person.reads("Louder", "Revision 2", "Revision 1")
    person.presses("Compare")
    person.is_headed("From revision 1 to 2")
    person.reads("Nobody", "Everybody")
    person.follows("Revision 1")
    person.presses("Restore this revision")
    person.is_told("Saved:")
    person.finds_typed({"Text": "Nobody stirs."})
    assert stored() == [("A quiet morning", "Nobody stirs.")]


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
    assert db.session.scalar(select(Comment.id).where(Comment.is_there())) is None
