"""Hostile texts in every field of every form: none breaks the site, none is stored as something else, what is taken is
shown as text, and what is refused names its field.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.test import TestResponse

from blog.accounts.models import User
from blog.accounts.setup import setup_key
from blog.accounts.usernames import normal
from blog.comments.models import LONGEST_COMMENT, Comment
from blog.db import db
from blog.limits import HOUR, LIMITS, Limit, Rate
from blog.posts.models import Post
from blog.settings import Settings, save
from blog.tags.models import Tag
from blog.text import one_line, slug_of, stripped, unix_lines
from tests import make
from tests.conftest import empty, visitor
from tests.hostile import (
    SHORT,
    addresses,
    documents,
    is_clean,
    scripts,
    several,
    statements,
    strings,
    together,
)
from tests.reading import fields_on, links_on, messages_on, texts_on
from tests.visitor import Visitor

Typed = dict[str, str]
PASSWORD = {"password": make.PASSWORD, "password_again": make.PASSWORD}


@pytest.fixture(autouse=True)
def _as_often_as_one_likes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "LIMITS", dict.fromkeys(LIMITS, Limit(Rate(10**6, HOUR))))


Made = Callable[[str], Any]


class Form(NamedTuple):
    """A form: what is always taken, how each field shows again what was typed, and what is then `stored`."""

    address: str
    base: Typed
    fields: dict[str, Made]
    stored: Callable[[], dict[str, Any]]
    otherwise: dict[str, Made] = {}  # fields that store something else than they show

    def sends_all(self, client: Visitor, values: Sequence[str]) -> int:
        """Each value once into each field, into all fields at a time: how often something was taken."""
        columns = [islice(cycle(values), place, place + len(values)) for place in range(len(self.fields))]
        rows = zip(*columns, strict=True)
        return sum(self.sends(client, dict(zip(self.fields, row, strict=True))) for row in rows)

    def sends(self, client: Visitor, typed: Typed) -> bool:
        """What is refused is left out the second time, and the rest must be taken then."""
        answer = client.post(self.address, data={**self.base, **typed})
        if answer.status_code != 302:
            refused = self.refused(answer, typed)
            typed = {name: text for name, text in typed.items() if name not in refused}
            answer = client.post(self.address, data={**self.base, **typed})
        assert answer.status_code == 302, (typed, messages_on(answer))
        stored = self.stored()
        made = {name: {**self.fields, **self.otherwise}[name](text) for name, text in typed.items()}
        assert {name: stored[name] for name in typed} == made
        return bool(typed)

    def refused(self, answer: TestResponse, typed: Typed) -> set[str]:
        """The fields that are blamed, each with a message; all still hold what was typed."""
        assert answer.status_code in {409, 422}
        shown = fields_on(answer)
        refused = {name for name, field in shown.items() if field.error}
        assert refused, messages_on(answer)
        assert refused <= set(typed)
        made = {name: self.fields[name](text) for name, text in typed.items()}
        assert {name: shown[name].value for name in typed} == made
        return refused


# Texts that may be anything


def as_tags(text: str) -> set[str]:
    return {slug_of(name.strip()) for name in one_line(text).split(",")} - {""}


def newest_post() -> dict[str, Any]:
    post = db.session.scalars(
        select(Post).options(selectinload(Post.tags)).order_by(Post.id.desc()).limit(1)
    ).one()
    return {**columns_of(post), "tags": {tag.slug for tag in post.tags}}


def columns_of(row: Any) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}


POST = Form(
    "/posts/new",
    {"title": "A title", "status": "published"},
    {"title": one_line, "excerpt": one_line, "tags": one_line, "content": unix_lines},
    newest_post,
    {"tags": as_tags},
)


def test_posts(alice_client: Visitor, client: Visitor) -> None:
    save(posts_per_page=100)
    assert POST.sends_all(alice_client, several(0)) > 60
    stored = db.session.execute(select(Post.title, Post.teaser).order_by(*Post.newest)).all()
    found = list(pages(client, "/"))
    assert [text for page in found for text in texts_on(page, "entry-title")] == [
        post.title for post in stored
    ]
    shown = [text for page in found for text in texts_on(page, "entry-excerpt")]
    assert shown == [one_line(post.teaser) for post in stored if post.teaser]
    desk = [
        link.text for page in pages(alice_client, "/posts/") for link in links_on(page, "/posts/[0-9]+/edit")
    ]
    assert sorted(desk) == sorted(post.title for post in stored)
    tags = [link.text for page in pages(client, "/tags/") for link in links_on(page, "/tags/.")]
    assert tags == [
        one_line(name) for name in db.session.scalars(select(Tag.name).order_by(Tag.name, Tag.id))
    ]


def test_all_of_it_as_the_texts_of_posts(alice_client: Visitor, client: Visitor) -> None:
    everything = [
        *strings(),
        *scripts(),
        *statements(),
        *addresses(),
        *(text[:SHORT] for text in documents()),
    ]
    for text in together((text for text in everything if is_clean(text)), 50_000):
        POST.sends(alice_client, {"content": text})
        slug = db.session.scalars(select(Post.slug).order_by(Post.id.desc()).limit(1)).one()
        assert client.get(f"/posts/{slug}").status_code == 200


def newest_comment() -> dict[str, Any]:
    return columns_of(db.session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one())


def test_comments(alice: User, charlie_client: Visitor) -> None:
    post = make.post(alice)
    form = Form(
        f"/posts/{post.id}/comments", {"content": "Well said."}, {"content": unix_lines}, newest_comment
    )
    assert form.sends_all(charlie_client, several(1)) > 60
    for text in together(
        [text[:SHORT] for text in [*scripts(), *documents()] if is_clean(text)], LONGEST_COMMENT
    ):
        form.sends(charlie_client, {"content": text})
    assert len(texts_on(charlie_client.get(f"/posts/{post.slug}"), "comment")) > 100


def test_profiles(alice: User, alice_client: Visitor) -> None:
    form = Form(
        "/account/",
        {"display_name": "Alice"},
        {"display_name": one_line, "biography": unix_lines},
        lambda: columns_of(db.session.get(User, alice.id)),
    )
    assert form.sends_all(alice_client, several(2)) > 60
    post = make.post(alice)
    for text in several(3):
        if form.sends(alice_client, {"display_name": text, "biography": text}):
            page = alice_client.get(f"/posts/{post.slug}")
            shown = one_line(f"{alice.display_name} {alice.biography}")
            assert texts_on(page, "biography") == ([shown] if alice.biography else [])


def test_settings(owner_client: Visitor, client: Visitor) -> None:
    chosen = {
        "title": "Owl",
        "language": "en",
        "time_zone": "UTC",
        "posts_per_page": "20",
        "theme_colour": "#123456",
    }
    form = Form(
        "/admin/settings",
        chosen,
        {"title": one_line, "tagline": one_line},
        lambda: columns_of(db.session.get(Settings, 1)),
    )
    for text in several(2):
        if form.sends(owner_client, {"title": text, "tagline": text}):
            settings = form.stored()
            page = client.get("/")
            assert texts_on(page, "masthead-title") == [settings["title"]]
            assert texts_on(page, "masthead-tagline") == [one_line(settings["tagline"])] * bool(
                settings["tagline"]
            )


def test_setting_up(app: Flask) -> None:
    form = Form(
        "/setup",
        {"key": setup_key(), "site_title": "Owl", "username": "ann", "email": "ann@example.com", **PASSWORD},
        {"site_title": one_line, "username": normal, "display_name": one_line, "email": stripped},
        lambda: {**columns_of(db.session.scalars(select(User)).one()), "site_title": title_of_site()},
        {"display_name": lambda text: one_line(text) or db.session.scalars(select(User.username)).one()},
    )
    for row in list(zip(*(several(place) for place in range(4)), strict=False))[::2]:
        form.sends(visitor(app), dict(zip(form.fields, row, strict=True)))
        empty(db.engine)


def title_of_site() -> str:
    return db.session.scalars(select(Settings.title)).one()


def test_passwords(alice: User, alice_client: Visitor) -> None:
    password = make.PASSWORD
    for text in several(4):
        typed = {"current_password": password, "password": text, "password_again": text}
        answer = alice_client.post("/account/password", data=typed)
        if answer.status_code == 302:
            password = text
        else:
            assert fields_on(answer)["password"].error
    assert password != make.PASSWORD
    assert User.signing_in("alice", password) == (alice, True)


# Fields that take little


STRICT = {
    "/account/email": ({}, ["email"]),
    "/posts/new": ({"title": "A title"}, ["slug", "published_at"]),
    "/admin/settings": (
        {
            "title": "Owl",
            "language": "en",
            "time_zone": "UTC",
            "posts_per_page": "9",
            "theme_colour": "#123456",
        },
        ["language", "time_zone", "posts_per_page", "theme_colour"],
    ),
}


@pytest.mark.parametrize("address", STRICT)
def test_a_field_that_takes_little_says_what_it_refused(owner_client: Visitor, address: str) -> None:
    base, names = STRICT[address]
    for text in several(5):
        answer = owner_client.post(address, data={**base, **dict.fromkeys(names, text)})
        if answer.status_code != 302:
            assert answer.status_code in {409, 422}
            refused = {field for field, shown in fields_on(answer).items() if shown.error}
            assert refused
            assert refused <= set(names)


def test_what_no_person_types_is_refused_whole(alice: User, alice_client: Visitor) -> None:
    post = make.post(alice, content="As it was.", status="draft")
    names = cycle(["version", "nonce", "status", "preview", "csrf_token"])
    for name, text in zip(names, [text for text in several(6) for _ in range(3)], strict=False):
        typed = {"title": post.title, "content": "As it was.", "version": str(post.version), name: text}
        assert alice_client.post(f"/posts/{post.id}/edit", data=typed).status_code in {200, 302, 409, 422}
    assert post.content == "As it was."


def pages(client: Visitor, address: str) -> Iterator[TestResponse]:
    number = 1
    while (answer := client.get(f"{address}?page={number}")).status_code == 200:
        yield answer
        number += 1
