"""Guests comment, with script and without, and somebody moderates."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from blog import settings
from blog.accounts.models import User
from blog.comments.models import Comment
from blog.db import db
from tests import make
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # a page is the same on both


def comments() -> list[tuple[str, str]]:
    db.session.commit()
    found = db.session.execute(select(Comment.status, Comment.held_because))
    return [(row.status, row.held_because) for row in found]


def test_a_guest_comments(alice: User, arrive: Callable[..., Person], scripted: bool) -> None:
    settings.save(guests_comment=True)
    make.post(alice, title="Owls", slug="owls")
    guest = arrive(None)
    guest.goes_to("/posts/owls")
    assert guest.page.context.cookies() == []
    guest.follows("Write a comment")
    guest.types({"Your name": "Zoë", "Your comment": "Well *said*."})
    if scripted:
        guest.is_at("/posts/owls")  # the form came to the page
        expect(guest.page.locator("[name=proof]")).to_have_value(re.compile(r"\d+"))
        guest.page.wait_for_timeout(3000)
    guest.presses("Send comment")
    guest.is_headed("Thank you, Zoë")
    assert comments() == ([("approved", "")] if scripted else [("held", "no proof")])
    guest.types({"Your comment": "Better *said*."})
    guest.presses("Save comment")
    guest.goes_to("/posts/owls")
    if scripted:
        guest.reads("Better said.")
    else:
        guest.does_not_read("Better said.")


def test_somebody_moderates_by_keys(alice: User, arrive: Callable[..., Person], scripted: bool) -> None:
    post = make.post(alice, title="Owls", slug="owls")
    for number in range(3):
        make.guests_comment(post, f"Waiting {number}.", status="held", held_because="no proof")
    writer = arrive(alice)
    writer.goes_to("/comments/")
    if scripted:
        expect(writer.page.get_by_text("Keys: j and k")).to_be_visible()
        for key in ("j", "j", "a"):
            writer.page.keyboard.press(key)
    else:
        writer.page.get_by_role("button", name="Approve", exact=True).nth(1).click()
    writer.is_told("1 comment is shown.")
    assert [status for status, _ in comments()] == ["held", "approved", "held"]
    writer.presses("Undo")
    writer.is_told("1 comment is as before.")
    assert [status for status, _ in comments()] == ["held"] * 3
