"""Nothing typed is ever lost: whatever ends while somebody writes, the newest text is on the screen afterwards."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import delete

from blog.accounts.models import User
from blog.accounts.sign_ins import SignIn
from blog.db import db
from blog.posts.models import Post
from tests.browser.interrupted import (
    MORE,
    TEXT,
    MortalServer,
    Profile,
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


# The server


def test_the_server_is_killed_while_somebody_types(
    app: Flask,
    draft: Post,
    alice: User,
    new_page: Callable[..., Page],
    sign_in_on: Callable[[Page, User], None],
    complaints: list[str],
) -> None:
    with MortalServer(app.config["DATABASE_URL"]) as server:
        page = new_page(base_url=server.address)
        sign_in_on(page, alice)
        opens(page, edit(draft))
        types(page, TEXT)
        is_kept(page)
        server.kill()
        types(page, MORE)
        is_kept(page, "trouble")
        expect(page.locator("main")).to_contain_text("Kept on this device, not yet on the server")
        server.start()
        types(page, MORE)
        page.evaluate("dispatchEvent(new Event('online'))")
        is_kept(page)
        elsewhere = new_page(base_url=server.address, java_script_enabled=False)
        sign_in_on(elsewhere, alice)
        elsewhere.goto(edit(draft))
        assert text(elsewhere) == "Nobody." + TEXT + MORE + MORE
    complaints.clear()


def test_the_session_ends_while_somebody_types(
    writer: Person, draft: Post, alice: User, sign_in_on: Callable[[Page, User], None], complaints: list[str]
) -> None:
    page = writer.page
    opens(page, edit(draft))
    types(page, TEXT)
    is_kept(page)
    db.session.execute(delete(SignIn))
    db.session.commit()
    types(page, MORE)
    is_kept(page, "signed out")
    elsewhere = page.context.new_page()
    sign_in_on(elsewhere, alice)
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('online'))")
    is_kept(page)
    writer.presses("Save draft")
    writer.is_told("Saved")
    shows(page, "Nobody." + TEXT + MORE)
    assert stored(draft) == "Nobody." + TEXT + MORE
    complaints.clear()


# The page


def test_the_page_is_loaded_again(writer: Person, draft: Post) -> None:
    page = writer.page
    opens(page, edit(draft))
    types(page, TEXT)
    page.reload()
    shows(page, "Nobody." + TEXT)
    writer.is_told("did not save it")
    types(page, MORE)
    page.reload()
    shows(page, "Nobody." + TEXT + MORE)
    assert stored(draft) == "Nobody."
    writer.presses("Save draft")
    writer.is_told("Saved")
    shows(page, "Nobody." + TEXT + MORE)
    writer.does_not_read("did not save it")
    opens(page, edit(draft))
    writer.does_not_read("did not save it", "What you typed on")


@ON_SQLITE
def test_back_from_another_page(writer: Person, draft: Post) -> None:
    page = writer.page
    opens(page, edit(draft))
    types(page, TEXT)
    writer.follows("Archive")
    writer.is_headed("Archive")
    page.go_back()
    shows(page, "Nobody." + TEXT)


@ON_SQLITE
def test_a_tab_is_closed_and_another_opened(writer: Person, draft: Post) -> None:
    opens(writer.page, edit(draft))
    types(writer.page, TEXT)
    page = writer.page.context.new_page()
    writer.page.close(run_before_unload=False)
    opens(page, edit(draft))
    shows(page, "Nobody." + TEXT)


@ON_SQLITE
def test_a_save_that_fails(writer: Person, draft: Post) -> None:
    page = writer.page
    opens(page, edit(draft))
    types(page, TEXT)
    writer.types({"Title": ""})
    writer.presses("Save draft")
    writer.is_told_beside("Title", "Give it a title.")
    shows(page, "Nobody." + TEXT)
    types(page, MORE)
    page.reload()
    opens(page, edit(draft))
    shows(page, "Nobody." + TEXT + MORE)
    writer.finds_typed({"Title": ""})


# The network


@ON_SQLITE
def test_an_hour_without_network(writer: Person, draft: Post, complaints: list[str]) -> None:
    page = writer.page
    opens(page, edit(draft))
    page.context.set_offline(True)
    types(page, TEXT)
    is_kept(page, "trouble")
    page.context.set_offline(False)
    is_kept(page)
    types(page, MORE)
    page.context.set_offline(True)
    page.close(run_before_unload=False)
    again = writer.page.context.new_page()
    page.context.set_offline(False)
    opens(again, edit(draft))
    shows(again, "Nobody." + TEXT + MORE)
    complaints.clear()


# The browser


def test_the_browser_is_killed(
    draft: Post,
    alice: User,
    address: str,
    playwright: Playwright,
    sign_in_on: Callable[[Page, User], None],
) -> None:
    with Profile(playwright, address) as profile:
        page = profile.opened()
        sign_in_on(page, alice)
        opens(page, edit(draft))
        types(page, TEXT)
        is_kept(page)
        types(page, MORE)
        profile.kill()
        page = profile.opened()
        sign_in_on(page, alice)  # browsers write their cookies twice a minute
        opens(page, edit(draft))
        shows(page, "Nobody." + TEXT + MORE)
        is_kept(page)
