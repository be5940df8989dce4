"""A team at its browsers: founded, joined, a draft shared and worked on, and nobody else let in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from blog.accounts.models import User
from blog.db import db
from blog.posts.models import Post
from tests import make
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize(
    "engine_name", ["sqlite"]
)  # its questions are tested on both without a browser


def test_a_team_shares_a_draft(
    alice: User, bob: User, charlie: User, admin: User, arrive: Callable[..., Person]
) -> None:
    found_a_team(arrive(admin))
    her, him, somebody = arrive(alice), arrive(bob), arrive(charlie)
    share_a_draft(her)
    work_on_it(him)
    somebody.goes_to("/teams/harbour-desk")
    somebody.does_not_read("Tides")
    somebody.goes_to("/posts/tides")
    somebody.is_headed("There is nothing at this address")
    publish_it(her)
    somebody.goes_to("/posts/tides")
    somebody.follows("Harbour desk")
    somebody.is_at("/teams/harbour-desk")
    somebody.reads("Tides")


def found_a_team(founder: Person) -> None:
    founder.goes_to("/teams/")
    founder.follows("Found the first team")
    founder.presses("Found the team")
    founder.is_told_beside("Name", "Give it a name.")
    founder.types({"Name": "Harbour desk", "Description": "Ships and *councils*."})
    founder.presses("Found the team")
    founder.is_told("“Harbour desk” is founded")
    founder.types({"Username": "nobody"})
    founder.presses("Add")
    founder.is_told_beside("Username", "Nobody here has this username.")
    founder.types({"Username": "alice"})
    founder.field("As").select_option("Lead")
    founder.presses("Add")
    founder.is_told("Alice is in the team.")


def share_a_draft(her: Person) -> None:
    her.goes_to("/account/")
    her.follows("Harbour desk")
    her.follows("Members")
    her.types({"Username": "bob"})
    her.presses("Add")
    her.is_told("Bob is in the team.")
    her.follows("Harbour desk")
    her.follows("New draft")
    her.types({"Title": "Tides", "Text": "Ebb."})
    expect(her.field("Team").locator("option:checked")).to_have_text("Harbour desk")
    her.presses("Save draft")
    her.is_told("Saved: it is a draft.")


def work_on_it(him: Person) -> None:
    him.goes_to("/teams/harbour-desk")
    him.reads("Ships and councils.", "Drafts", "Tides")
    him.follows("Tides")
    him.is_at(f"/posts/{post_called('Tides').id}/edit")
    expect(him.page.get_by_role("button", name="Publish", exact=True)).to_have_count(0)
    him.types({"Text": "Ebb and flow."})
    him.presses("Save draft")
    him.is_told("Saved: it is a draft.")
    assert post_called("Tides").content == "Ebb and flow."


def publish_it(her: Person) -> None:
    her.goes_to("/posts/")
    her.field("Team").select_option("Harbour desk")
    her.presses("Show")
    her.follows("Tides")
    her.finds_typed({"Text": "Ebb and flow."})
    her.presses("Publish")
    her.is_told("Saved: readers see it now.")


def test_whoever_leaves_sees_the_drafts_no_more(
    alice: User, bob: User, arrive: Callable[..., Person]
) -> None:
    team = make.team(alice, bob, name="Harbour desk")
    make.post(alice, title="Tides", slug="tides", status="draft", team=team)
    him = arrive(bob)
    him.goes_to("/posts/tides")
    him.reads("This is a draft.", "Harbour desk")
    him.goes_to("/teams/harbour-desk")
    him.presses("Leave the team")
    him.is_told("You are no longer in “Harbour desk”.")
    him.does_not_read("Tides")
    him.goes_to("/posts/tides")
    him.is_headed("There is nothing at this address")


def test_a_lead_removes_somebody_and_an_admin_deletes_the_team(
    alice: User, bob: User, admin: User, arrive: Callable[..., Person]
) -> None:
    make.team(alice, bob, name="Harbour desk")
    her = arrive(alice)
    her.goes_to("/teams/harbour-desk/members")
    row = her.page.get_by_role("row").filter(has_text="Bob")
    row.get_by_role("button", name="Make lead").click()
    her.is_told("Bob is a lead of the team.")
    row.get_by_role("button", name="Remove").click()
    her.is_told("Bob is no longer in the team.")
    her.follows("Harbour desk")
    her.follows("Edit")
    her.types({"Description": "Boats."})
    her.presses("Save the team")
    her.is_told("The team is saved.")
    her.reads("Boats.")
    founder = arrive(admin)
    founder.goes_to("/teams/harbour-desk")
    founder.follows("Delete…")
    founder.is_headed("Delete “Harbour desk”?")
    founder.presses("Delete the team")
    founder.is_told("“Harbour desk” is no more.")


def post_called(title: str) -> Post:
    db.session.rollback()
    return db.session.scalars(select(Post).where(Post.title == title)).one()
