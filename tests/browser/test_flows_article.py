"""The whole life of an article: planned in the calendar, its tasks, written, reviewed by a guest, published, looked at again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from blog.accounts.models import User
from blog.db import now
from tests import make
from tests.browser.person import Person
from tests.working import do_jobs

TEXT = "It is drunk hot.\n\nThe first pot was made in 1610."
USUAL = "Draft, -7\nFacts checked, -3, high\nPictures, -3\nSecond reader, -1\nPublish, published"


@pytest.fixture
def day() -> datetime:
    """In the middle of a month to come."""
    return (now().replace(day=1, hour=9, minute=30) + timedelta(days=45)).replace(day=15)


def planned_for(writer: Person, day: datetime) -> None:
    writer.goes_to(f"/tasks/?view=calendar&month={day:%Y-%m}")
    expect(writer.page.locator(f"[data-drop='{day:%Y-%m-%d}']")).to_contain_text("On tea")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_article_from_plan_to_second_look(
    alice: User, arrive: Callable[..., Person], day: datetime
) -> None:
    make.template(USUAL, "The usual tasks")
    writer, guest = arrive(alice), arrive()
    plan(writer, day)
    write(writer)
    review(writer, guest)
    publish(writer, guest)
    look_again(writer, arrive, alice)


def plan(writer: Person, day: datetime) -> None:
    """A draft with its moment, moved to another day in the calendar, and the tasks of the usual template."""
    writer.follows("New post")
    writer.types({"Title": "On tea", "Address": "tea", "Publication": f"{day:%Y-%m-%dT%H:%M}"})
    writer.presses("Publish")
    writer.is_told("Saved")
    planned_for(writer, day)
    writer.page.get_by_label("Move “On tea”", exact=True).click()
    later = day + timedelta(days=2)
    writer.types({"New day of “On tea”": f"{later:%Y-%m-%d}"})
    writer.presses("Move")
    writer.is_told("“On tea” now appears on")
    planned_for(writer, later)
    edits(writer)
    writer.presses("Add the tasks of “The usual tasks”")
    writer.is_told("5 tasks are added.")
    writer.reads("Draft", "Facts checked", "Pictures", "Second reader")
    writer.goes_to(f"/tasks/?view=calendar&month={day:%Y-%m}")
    writer.reads("Facts checked")


def edits(writer: Person) -> None:
    writer.goes_to("/posts/")
    writer.follows("On tea")


def write(writer: Person) -> None:
    edits(writer)
    writer.presses("Back to draft")
    edits(writer)
    writer.types({"Text": TEXT, "Publication": ""})
    writer.presses("Save draft")
    writer.is_told("Saved")
    writer.goes_to("/tasks/?view=board")
    writer.page.get_by_label("Move “Draft”", exact=True).click()
    writer.field("Where “Draft” goes").select_option("Completed")
    writer.presses("Move")
    writer.is_told("“Draft” is completed.")


def review(writer: Person, guest: Person) -> None:
    """By secret link: a note on a paragraph, which becomes a task."""
    edits(writer)
    writer.follows("Secret links")
    writer.types({"Whom is it for?": "Gwen"})
    writer.presses("Make a link")
    guest.goes_to(writer.page.locator("pre code").inner_text())
    guest.reads("It is drunk hot.")
    guest.page.get_by_role("link", name="Note on paragraph 2").click()
    guest.types({"Your note": "Was it not 1608?", "Your name": "Gwen"})
    guest.presses("Leave the note")
    guest.reads("Was it not 1608?")
    edits(writer)
    writer.reads("Was it not 1608?")
    writer.presses("Make a task of it")
    expect(writer.page.locator(".note").get_by_role("link", name="Was it not 1608?")).to_be_visible()


def publish(writer: Person, reader: Person) -> None:
    """What was to be done by publishing it, is done by that."""
    edits(writer)
    writer.presses("Publish")
    writer.is_told("Saved: readers see it now.")
    reader.goes_to("/posts/tea")
    reader.reads("It is drunk hot.")
    assert "failed" not in do_jobs()
    writer.goes_to("/tasks/?status=completed")
    writer.reads("Draft", "Publish")
    writer.does_not_read("Facts checked")


def look_again(writer: Person, arrive: Callable[..., Person], alice: User) -> None:
    edits(writer)
    writer.presses("Remind me in six months")
    writer.is_told("In 6 months there will be a task for you to look at it again.")
    with time_machine.travel(now() + timedelta(days=190)):
        assert "failed" not in do_jobs()
    later = arrive(alice)  # sessions do not last that long
    later.goes_to("/tasks/?status=pending")
    later.reads("Look at “On tea” again")
