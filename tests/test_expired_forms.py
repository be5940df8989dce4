"""Forms that were open while their session ended: what was typed is neither taken nor lost."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from blog import settings
from blog.accounts.invitations import Invitation
from blog.accounts.models import User
from blog.accounts.setup import setup_key
from blog.comments.views import OWN
from blog.db import db, now, transaction
from blog.keys import key_of
from blog.posts.models import Post
from tests import make
from tests.conftest import visitor
from tests.reading import fields_on, messages_on
from tests.visitor import Visitor, sign_in

POST = {"title": "A quiet morning", "content": "Hours of <work>", "tags": "a, b", "slug": "quiet"}
TEAM = {"name": "The <desk>", "slug": "desk", "description": "Works"}
PROJECT = {"name": "The <issue>", "description": "Due soon", "members": "zoe"}
TASK = {"title": "Check <facts>", "description": "All", "tags": "one, two", "checklist": "Names\n[x] Dates"}
PERSON = {"display_name": "Ann Ott"}
PASSWORD = "a sentence that nobody guesses"
TOO_LONG = "This form was open for too long."

# What would be taken, if only the token were there.
FORMS = {
    "posts.new": ("/posts/new", POST),
    "posts.edit": ("/posts/{post}/edit", POST),
    "projects.new": ("/projects/new", PROJECT),
    "projects.edit": ("/projects/{project}/edit", PROJECT),
    "tasks.new": ("/tasks/new", TASK),
    "tasks.paste": ("/tasks/paste", {"lines": "Check <facts>"}),
    "tasks.edit": ("/tasks/{task}/edit", {**TASK, "why": "It <waits>"}),
    "tasks.calendar_link": ("/tasks/calendar", {}),
    "tasks.new_template": ("/tasks/templates/new", {"name": "An <issue>", "tasks": "Facts, -3, high"}),
    "tasks.edit_template": ("/tasks/templates/{template}", {"name": "An <issue>", "tasks": "Facts"}),
    "tasks.write_about": ("/tasks/{task}/comments", {"content": "Half <done>"}),
    "tasks.edit_comment": ("/tasks/{task}/comments/{said}/edit", {"content": "All <done>"}),
    "notices.choices": (
        "/notices/choices",
        {"assigned": "never", "mentioned": "daily", "commented": "at_once", "due_tomorrow": "never"}
        | {"overdue": "daily", "free": "never"},
    ),
    "teams.new": ("/teams/new", TEAM),
    "teams.edit": ("/teams/{team}/edit", TEAM),
    "teams.members": ("/teams/{team}/members", {"username": "zoe", "part": "lead"}),
    "comments.create": ("/posts/{post}/comments", {"content": "Well <said>"}),
    "comments.edit": ("/comments/{comment}/edit", {"content": "Better <said>"}),
    "posts.links": ("/posts/{draft}/links", {"name": "Gwen <Ott>", "days": "7"}),
    "posts.answer_note": ("/posts/{noted}/notes/{note}/answer", {"content": "So it <is>"}),
    "credits.account": ("/credits/", {"receiver": "zoe", "amount": "3", "reason": "For <tea>"}),
    "credits.grant": ("/credits/grant", {"receiver": "zoe", "amount": "3", "reason": "For <tea>"}),
    "credits.many": ("/credits/many", {"receivers": "zoe 3", "reason": "For <tea>"}),
    "thanks.give": ("/posts/{zoes}/thanks", {"amount": "3", "reason": "For <tea>"}),
    "accounts.account": (
        "/account/",
        {**PERSON, "biography": "Fell down a hole.", "language": "de", "time_zone": "UTC"},
    ),
    "accounts.password": (
        "/account/password",
        {"current_password": make.PASSWORD, "password": PASSWORD, "password_again": PASSWORD},
    ),
    "accounts.change_person": (
        "/admin/people/{person}",
        {
            "username": "ann",
            "display_name": "Ann",
            "email": "ann@example.com",
            "role": "editor",
            "version": "1",
        },
    ),
    "accounts.email": ("/account/email", {"email": "ann@example.com"}),
    "admin.invite": ("/admin/invitations/new", {"role": "editor", "team": "0", "email": "ann@example.com"}),
    "admin.settings": (
        "/admin/settings",
        {"title": "Owl", "tagline": "Hoots", "language": "de", "time_zone": "UTC", "posts_per_page": "7"}
        | {"theme_colour": "#123456", "trash_days": "30"},
    ),
}
STRANGERS_FORMS = {
    "comments.own": ("/comments/own/{own}", {"content": "Better <said>"}),
    "accounts.login": ("/login", {"username": "owner", "password": make.PASSWORD}),
    "accounts.forgot": ("/password/forgot", {"email": "owner"}),
    "accounts.join_openly": ("/join", {"email": "ann@example.com"}),
    "accounts.join": (
        "/join/{invitation}",
        {**PERSON, "username": "ann", "password": PASSWORD, "password_again": PASSWORD},
    ),
    "accounts.setup": (
        "/setup",
        {**PERSON, "site_title": "The Ann", "username": "ann", "email": "ann@example.com"}
        | {"key": "{key}", "password": PASSWORD, "password_again": PASSWORD},
    ),
}


@pytest.fixture
def guarded_owner(owner: User, guarded_client: Visitor) -> Visitor:
    sign_in(guarded_client, owner)
    return guarded_client


def everything() -> dict[str, list[object]]:
    """All that is stored, except how often something was tried."""
    db.session.commit()
    tables = [table for table in db.metadata.sorted_tables if table.name != "counts"]
    cursor = db.session.connection().connection.cursor()
    return {table.name: rows(cursor, table.name) for table in tables}


def rows(cursor: Any, table: str) -> list[object]:
    """As the driver gives them, which is ten times as fast."""
    cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own models
    return list(cursor.fetchall())


def shows_again(client: Visitor, address: str, typed: dict[str, str]) -> None:
    """Nothing is taken; the form comes back, filled, and is taken as it came back."""
    before = everything()
    refused = client.post(address, data={**typed, "csrf_token": "from a session that has ended"})
    assert refused.status_code == 400
    assert everything() == before
    assert TOO_LONG in messages_on(refused)
    again = {name: shown.value for name, shown in fields_on(refused).items()}
    secrets = {name: value for name, value in typed.items() if "password" in name}
    assert {name: again[name] for name in typed} == {**typed, **dict.fromkeys(secrets, "")}
    assert client.post(address, data={**again, **secrets}).status_code in {200, 302}
    assert everything() != before


def open_invitation() -> str:
    """The key of one, on a site where readers may join."""
    with transaction():
        settings.save(joining_open=True)
        return Invitation.invite_openly("ann@example.com", now())


def address_of(form: str, owner: User) -> str:
    """With what is theirs in it; and there is a zoe."""
    zoe = make.user("zoe")
    draft, said = make.post(owner, status="draft"), make.comment(author=owner)
    note = make.note(draft)
    ids = {"draft": draft.id, "noted": draft.id, "note": note.id, "comment": said.id, "person": zoe.id}
    ids["zoes"] = make.post(zoe).id
    task = make.task(owner)
    ids |= {"project": make.project(owner).id, "task": task.id, "said": make.said(task, owner).id}
    ids["template"] = make.template().id
    make.transfer(None, owner)
    return form.format(post=make.post(owner).id, team=make.team(owner).slug, **ids)


def strangers_address(endpoint: str, address: str) -> str | None:
    if endpoint.startswith("accounts.join"):
        return address.format(invitation=open_invitation())
    if endpoint == "comments.own":
        return address.format(own=key_of(OWN, make.guests_comment().id))
    return None


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_whose_token_has_expired_comes_back_as_it_was_typed(
    guarded_owner: Visitor, owner: User, endpoint: str
) -> None:
    address, typed = FORMS[endpoint]
    shows_again(guarded_owner, address_of(address, owner), typed)


@pytest.mark.parametrize("endpoint", STRANGERS_FORMS)
def test_so_does_a_form_for_people_who_are_not_signed_in(guarded_client: Visitor, endpoint: str) -> None:
    address, typed = STRANGERS_FORMS[endpoint]
    if endpoint == "accounts.login":
        make.user("owner", role="owner")
    address = strangers_address(endpoint, address) or address
    shows_again(guarded_client, address, {name: text.format(key=setup_key()) for name, text in typed.items()})


def test_every_form_that_comes_back_is_tested_here(app: Flask) -> None:
    marked = {name for name, view in app.view_functions.items() if getattr(view, "keeps_text", False)}
    assert marked == set(FORMS) | set(STRANGERS_FORMS)


def test_a_button_whose_token_has_expired_does_nothing(guarded_owner: Visitor, owner: User) -> None:
    draft = make.post(owner, status="draft")
    for act in ("publish", "archive", "unpublish", "delete"):
        answer = guarded_owner.post(f"/posts/{draft.id}/{act}")
        assert answer.status_code == 400
        assert "This form has expired" in answer.text
    assert draft.status == "draft"


def test_a_form_over_https_that_comes_from_elsewhere_is_not_taken(
    app_with: Callable[..., Flask], owner: User
) -> None:
    client = visitor(app_with(WTF_CSRF_ENABLED=True, SITE_URL="https://localhost"))
    sign_in(client, owner)
    page = client.get("/posts/new", base_url="https://localhost")
    token = fields_on(page)["csrf_token"].value
    elsewhere = {"Referer": "https://elsewhere.example/"}
    answer = client.post(
        "/posts/new", base_url="https://localhost", data={**POST, "csrf_token": token}, headers=elsewhere
    )
    assert answer.status_code == 400
    assert db.session.scalar(select(Post.id)) is None


def test_what_was_typed_stays_on_the_page_where_the_session_has_ended(
    guarded_client: Visitor, owner: User
) -> None:
    answer = guarded_client.post("/posts/new", data={**POST, "csrf_token": "of another time"})
    assert answer.status_code == 403
    assert "You are signed out" in answer.text
    assert "Hours of &lt;work&gt;" in answer.text
    sign_in(guarded_client, owner)
    again = {name: shown.value for name, shown in fields_on(answer).items()}
    shown = guarded_client.post("/posts/new", data=again)
    assert TOO_LONG in messages_on(shown)
    taken = guarded_client.post(
        "/posts/new", data={name: shown.value for name, shown in fields_on(shown).items()}
    )
    assert taken.status_code == 302
    assert db.session.scalars(select(Post.content)).all() == [POST["content"]]


def test_a_page_that_asks_to_sign_in_holds_no_password(guarded_client: Visitor) -> None:
    typed = {"current_password": "hunter2", "password": "hunter3", "password_again": "hunter3"}
    answer = guarded_client.post("/account/password", data={**typed, "csrf_token": "x"})
    assert answer.location == "/login"
    assert "hunter" not in answer.text


def test_whoever_sent_nothing_that_was_typed_is_led_to_the_sign_in_page(client: Visitor) -> None:
    post = make.post()
    assert client.post(f"/posts/{post.id}/publish").location == "/login"
    assert client.get("/posts/?page=2").location == "/login?next=/posts/?page%3D2"
