"""Where there are two texts, the newest is on the screen, and the other can be had: two tabs, a save, a new post."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db, now
from blog.posts.models import Post
from tests.browser.interrupted import (
    MORE,
    TEXT,
    draft_of,
    edit,
    is_kept,
    opens,
    shows,
    stored,
    text,
    types,
)
from tests.browser.person import Person

ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"])  # what only the browser does


@pytest.fixture
def scripted() -> bool:
    return True


@pytest.fixture
def writer(alice: User, arrive: Callable[..., Person]) -> Person:
    person = arrive(alice)
    person.page.on("dialog", lambda question: question.accept())
    return person


@pytest.fixture
def draft(alice: User) -> Post:
    return draft_of(alice)


# Two texts


@ON_SQLITE
def test_two_tabs_have_a_journal_each(writer: Person, draft: Post) -> None:
    first = writer.page
    opens(first, edit(draft))
    types(first, TEXT)
    is_kept(first)
    second = Person(first.context.new_page())
    opens(second.page, edit(draft))
    second.reads("You have this post open in another tab")
    shows(second.page, "Nobody." + TEXT)
    types(second.page, " In the second.")
    types(first, " In the first.")
    is_kept(first)
    is_kept(second.page)
    third = Person(first.context.new_page())
    opens(third.page, edit(draft))
    shows(third.page, "Nobody." + TEXT + " In the first.")
    summary = third.page.locator("summary", has_text="What you")
    summary.filter(has_not_text="saved").first.click()
    expect(third.page.locator("details[open] [data-content]")).to_have_value(
        "Nobody." + TEXT + " In the second."
    )
    second.page.reload()
    shows(second.page, "Nobody." + TEXT + " In the second.")


@ON_SQLITE
def test_a_newer_save_stays_on_the_screen(writer: Person, draft: Post, alice: User) -> None:
    page = writer.page
    opens(page, edit(draft))
    types(page, TEXT)
    is_kept(page)
    post = db.session.scalars(Post.whole(select(Post))).one()
    post.edit(
        by=alice, at=now(), version=post.version, slug="", tags=[], title="Another", content="By another."
    )
    db.session.commit()
    elsewhere = Person(page.context.new_page())
    page.close(run_before_unload=False)
    opens(elsewhere.page, edit(draft))
    shows(elsewhere.page, "By another.")
    elsewhere.page.locator("summary", has_text="What you typed").click()
    expect(elsewhere.page.locator("details[open] [data-content]")).to_have_value("Nobody." + TEXT)


# A new post


def test_a_new_post_that_was_never_saved(writer: Person) -> None:
    page = writer.page
    opens(page, "/posts/new")
    types(page, TEXT)
    is_kept(page)
    again = Person(page.context.new_page())
    page.close(run_before_unload=False)
    opens(again.page, "/posts/new")
    shows(again.page, TEXT)
    again.types({"Title": "A quiet morning"})
    again.presses("Save draft")
    again.is_told("Saved")
    opens(again.page, "/posts/new")
    shows(again.page, "")
    again.does_not_read("did not save")


@ON_SQLITE
def test_a_second_new_post_begins_empty_while_the_first_is_open(writer: Person) -> None:
    first = writer.page
    opens(first, "/posts/new")
    types(first, TEXT)
    is_kept(first)
    second = first.context.new_page()
    opens(second, "/posts/new")
    shows(second, "")
    types(second, MORE)
    is_kept(second)
    first.reload()
    shows(first, TEXT)
    second.reload()
    shows(second, MORE)


def test_without_script_what_the_server_has_is_shown(
    writer: Person,
    draft: Post,
    alice: User,
    new_page: Callable[..., Page],
    sign_in_on: Callable[[Page, User], None],
) -> None:
    opens(writer.page, edit(draft))
    types(writer.page, TEXT)
    is_kept(writer.page)
    page = new_page(java_script_enabled=False)
    sign_in_on(page, alice)
    plain = Person(page)
    plain.goes_to(edit(draft))
    plain.is_told("did not save it")
    assert text(page) == "Nobody." + TEXT
    plain.presses("Discard it")
    plain.is_told("What you typed is discarded.")
    assert text(page) == "Nobody."
    plain.presses("Undo")
    assert text(page) == "Nobody." + TEXT
    plain.presses("Save draft")
    plain.is_told("Saved")
    assert stored(draft) == "Nobody." + TEXT


# Who else is there


def test_others_are_seen_and_seen_to_leave(
    writer: Person, draft: Post, editor: User, arrive: Callable[..., Person]
) -> None:
    opens(writer.page, edit(draft))
    other = arrive(editor)
    other.page.on("dialog", lambda question: question.accept())
    opens(other.page, edit(draft))
    other.reads("Also editing this post: Alice.")
    writer.page.evaluate("dispatchEvent(new Event('online'))")
    writer.reads("Also editing this post: Editor.")
    other.goes_to("/")
    expect(writer.page.locator("[data-others]")).to_have_text("Also editing this post: Editor.")
    writer.page.evaluate("dispatchEvent(new Event('online'))")
    writer.does_not_read("Also editing")
