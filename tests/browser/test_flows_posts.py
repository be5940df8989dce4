"""The life of a post, in a browser: written, looked at, published, read, changed, moved, found, deleted."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.browser.person import Person

TYPED = {
    "Title": "A quiet morning",
    "Text": "Nobody *stirs* <b>&amp;</b> “yet”.\n\n```\n  two  spaces\n```",
    "Tags": "Morning, Owls & Larks",
    "Address": "quiet",
    "Excerpt": "What it was <like>.",
    "Publication": "2026-01-15T12:30",
}


def number_of_posts() -> int:
    db.session.commit()  # so that what is read is what is stored now
    return db.session.scalar(select(func.count()).select_from(Post)) or 0


def test_a_post_is_written_looked_at_published_and_read(alice: User, arrive: Callable[..., Person]) -> None:
    writer, reader = arrive(alice), arrive()
    writer.follows("New post")
    writer.types(TYPED)
    writer.presses("Preview")
    expect(writer.page.get_by_role("region", name="Preview").locator("em")).to_have_text("stirs")
    writer.finds_typed(TYPED)
    assert number_of_posts() == 0
    writer.presses("Save draft")
    writer.is_told("Saved")
    reader.goes_to("/posts/quiet")
    reader.is_headed("There is nothing at this address")
    writer.finds_typed(TYPED)
    writer.presses("Publish")
    writer.is_told("Saved: readers see it now.")
    writer.is_at("/posts/quiet")
    reader.goes_to("/")
    reader.reads("A quiet morning", "What it was <like>.")
    reader.follows("A quiet morning")
    expect(reader.page.locator(".prose em")).to_have_text("stirs")
    reader.follows("Owls & Larks")
    reader.is_headed("Owls & Larks")
    reader.reads("A quiet morning")
    assert number_of_posts() == 1


def test_a_post_is_changed_and_its_old_address_leads_to_the_new_one(
    alice: User, arrive: Callable[..., Person]
) -> None:
    make.post(alice, title="A quiet morning", slug="quiet")
    writer, reader = arrive(alice), arrive()
    writer.goes_to("/posts/quiet")
    writer.follows("Edit")
    writer.types({"Title": "A loud morning", "Text": "Everybody stirs.", "Address": "loud"})
    writer.presses("Publish changes")
    writer.is_at("/posts/loud")
    writer.reads("Everybody stirs.")
    reader.goes_to("/posts/quiet")
    reader.is_at("/posts/loud")
    reader.is_headed("A loud morning")


def test_what_cannot_be_saved_stays_as_it_was_typed(alice: User, arrive: Callable[..., Person]) -> None:
    make.post(alice, slug="taken")
    writer = arrive(alice)
    writer.goes_to("/posts/new")
    wrong = {**TYPED, "Title": "", "Address": "Not An Address", "Publication": "1815-06-18T11:00"}
    writer.types(wrong)
    writer.presses("Publish")
    writer.is_told("what is marked below")
    writer.is_told_beside("Title", "Give it a title.")
    writer.is_told_beside("Address", "Use small letters, digits and single hyphens")
    writer.is_told_beside("Publication", "Choose a year from 1900 to 2199.")
    writer.finds_typed(wrong)
    better = {**TYPED, "Address": "taken"}
    writer.types(better)
    writer.presses("Publish")
    writer.is_told_beside("Address", "Another post has this address.")
    writer.finds_typed(better)
    writer.types({"Address": "free"})
    writer.presses("Publish")
    writer.is_told("Saved: readers see it now.")
    assert number_of_posts() == 2


def test_a_post_is_archived_made_a_draft_and_published_again(
    alice: User, arrive: Callable[..., Person]
) -> None:
    post = make.post(alice, title="A quiet morning", slug="quiet")
    writer, reader = arrive(alice), arrive()
    writer.goes_to(f"/posts/{post.id}/edit")
    writer.presses("Archive")
    writer.is_headed("Edit an archived post")
    reader.goes_to("/")
    reader.does_not_read("A quiet morning")
    reader.goes_to("/posts/quiet")
    reader.reads("This post is archived.")
    writer.goes_to("/posts/quiet")
    writer.presses("Publish")
    writer.is_headed("Edit a published post")
    writer.presses("Back to draft")
    writer.is_headed("Edit a draft")
    reader.goes_to("/posts/quiet")
    reader.is_headed("There is nothing at this address")


def test_a_post_is_deleted_after_a_question(alice: User, arrive: Callable[..., Person]) -> None:
    post = make.post(alice, title="A quiet morning", slug="quiet")
    make.comment(post)
    writer, reader = arrive(alice), arrive()
    writer.goes_to(f"/posts/{post.id}/edit")
    writer.follows("Delete…")
    writer.is_headed("Delete “A quiet morning”?")
    writer.reads("It goes into the trash with the comment under it")
    writer.follows("Keep it")
    writer.follows("Delete…")
    writer.presses("Delete the post")
    writer.is_told("“A quiet morning” is deleted.")
    reader.goes_to("/posts/quiet")
    reader.is_headed("There is nothing at this address")


def test_a_double_click_publishes_once(alice: User, arrive: Callable[..., Person]) -> None:
    writer = arrive(alice)
    writer.goes_to("/posts/new")
    writer.types({"Title": "A quiet morning", "Text": "Nobody stirs."})
    writer.page.get_by_role("button", name="Publish").dblclick()
    writer.is_at("/posts/a-quiet-morning")
    writer.reads("Nobody stirs.")
    writer.is_told("Saved: readers see it now.")
    assert number_of_posts() == 1


def titles(page: Page) -> list[str]:
    return page.get_by_role("rowheader").all_inner_texts()


def test_posts_are_found_at_the_desk(alice: User, bob: User, arrive: Callable[..., Person]) -> None:
    make.post(alice, title="An owl at noon")
    make.post(alice, title="An owl at night", status="draft")
    make.post(alice, title="A lark", status="archived")
    make.post(bob, title="Bob's owl")
    make.post(bob, title="Bob's draft owl", status="draft")
    writer = arrive(alice)
    writer.follows("Posts")
    writer.is_headed("Posts")
    assert titles(writer.page) == ["Bob's owl", "A lark", "An owl at night", "An owl at noon"]
    writer.types({"Words in the title": "OWL", "Author": "alice"})
    writer.field("Order").select_option("Title")
    writer.presses("Show")
    expect(writer.page.get_by_role("rowheader")).to_have_text(["An owl at night", "An owl at noon"])
    writer.finds_typed({"Words in the title": "OWL", "Author": "alice", "Order": "title"})
    writer.page.get_by_role("link", name="Drafts").click()
    expect(writer.page.get_by_role("rowheader")).to_have_text(["An owl at night"])
    writer.types({"Words in the title": "no such thing"})
    writer.presses("Show")
    writer.reads("No post is like that.")
    writer.follows("Show all posts")
    expect(writer.page.get_by_role("rowheader")).to_have_count(4)


def test_the_desk_is_paged(alice: User, arrive: Callable[..., Person]) -> None:
    for number in range(52):
        make.post(alice, title=f"Owl {number}")
    make.post(alice, title="A lark")
    writer = arrive(alice)
    writer.goes_to("/posts/?q=owl")
    expect(writer.page.get_by_role("rowheader")).to_have_count(50)
    writer.follows("Older")
    expect(writer.page.get_by_role("rowheader")).to_have_text(["Owl 1", "Owl 0"])
    writer.finds_typed({"Words in the title": "owl"})
    expect(writer.page.get_by_role("link", name="Page 2")).to_have_attribute("aria-current", "page")
    writer.follows("Newer")
    expect(writer.page.get_by_role("rowheader")).to_have_count(50)
