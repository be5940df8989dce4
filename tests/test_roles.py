"""Who may do what: the table of access.py against every route, walked as everybody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask_login import current_user

from blog import access
from blog.access import Role, may, permitted, public
from blog.accounts.tokens import Scope
from blog.db import db
from blog.errors import Forbidden, NotFound
from blog.limits import LIMITS, MINUTE, Limit, Rate
from blog.posts.models import Post
from tests.walk import Walk, Whose, steps

EVERYBODY = (None, *Role)


@pytest.fixture
def site(clock: time_machine.Traveller, app_with: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Nobody walks into a limit, and no time passes that would be noted as a last use."""
    return app_with(LIMITS=dict.fromkeys(LIMITS, Limit(Rate(10**6, MINUTE))), MEDIA_ROOT=str(tmp_path))


# What a role or a token stops at is asked of no database: SQLite is walked as everybody.
PAGES = [("sqlite", role) for role in EVERYBODY]
SCOPES = [("sqlite", role, Scope.ADMIN) for role in EVERYBODY]
SCOPES += [
    ("sqlite", role, scope) for role in (Role.AUTHOR, Role.OWNER) for scope in (Scope.READ, Scope.WRITE)
]


@pytest.mark.parametrize(("engine_name", "role"), PAGES)
def test_every_page_lets_in_whom_the_table_names(site: Flask, role: Role | None) -> None:
    assert Walk(site, role).differences(api=False) == []


@pytest.mark.parametrize(
    ("engine_name", "role", "scope"), [*SCOPES, ("postgresql", Role.AUTHOR, Scope.ADMIN)]
)
def test_every_route_of_the_api_lets_in_whom_the_table_and_the_token_name(
    site: Flask, role: Role | None, scope: Scope
) -> None:
    assert Walk(site, role, scope).differences(api=True) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_browser_is_nobody_to_the_api(site: Flask) -> None:
    assert Walk(site, Role.OWNER).differences(api=True) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_program_is_nobody_to_the_pages(site: Flask) -> None:
    assert Walk(site, Role.OWNER, Scope.ADMIN).differences(api=False) == []


def test_every_permission_is_walked(site: Flask) -> None:
    """Those that no route states are asked where a page or an answer is made; they are looked for in the code."""
    walked = {step.access for step in steps(site)} | {step.hidden for step in steps(site)}
    assert set(access.PERMISSIONS) - walked == {"use admin tokens"}
    assert {step.whose for step in steps(site)} == {None, *Whose}


# The walk finds what is wrong


def planted(site: Flask, rule: str, view: Callable[..., Any], stated: str, *methods: str) -> None:
    vars(view)["access"] = stated
    site.add_url_rule(rule, "planted", view, methods=methods or ["GET"])


def found(site: Flask, role: Role | None) -> list[str]:
    return [line.partition(",")[0] for line in lines(site, role)]


def lines(site: Flask, role: Role | None) -> list[str]:
    return Walk(site, role).along(step for step in steps(site) if step.endpoint == "planted")


def test_it_finds_a_route_that_is_wider_than_it_says(site: Flask) -> None:
    planted(site, "/planted", lambda: "for all", "manage site")
    assert found(site, None) == found(site, Role.EDITOR) == ["GET /planted"]
    assert found(site, Role.ADMIN) == []


def test_it_finds_a_route_that_is_narrower_than_it_says(site: Flask) -> None:
    planted(site, "/planted", permitted("manage site")(lambda: "for admins"), "write posts")
    assert found(site, Role.AUTHOR) == ["GET /planted"]
    assert found(site, Role.OWNER) == found(site, Role.READER) == []


def test_it_finds_what_is_done_to_what_is_somebody_elses(site: Flask) -> None:
    planted(site, "/planted/<int:post_id>", permitted("write posts")(lambda post_id: "ok"), "edit post")
    assert found(site, Role.AUTHOR) == ["GET /planted/<int:post_id> (somebody else's)"]
    assert found(site, Role.EDITOR) == []


def test_it_finds_that_editors_are_kept_from_what_others_wrote(site: Flask) -> None:
    @permitted("edit post")
    def own(post_id: int) -> str:
        if db.session.get_one(Post, post_id).author_id != current_user.id:
            raise NotFound
        return "ok"

    planted(site, "/planted/<int:post_id>", own, "edit post")
    assert found(site, Role.EDITOR) == ["GET /planted/<int:post_id> (somebody else's)"]
    assert found(site, Role.AUTHOR) == []


def test_it_finds_that_a_draft_is_shown(site: Flask) -> None:
    show = access.hiding("edit post")(public(lambda post_id: "the text"))
    planted(site, "/planted/<int:post_id>", show, "public")
    assert found(site, None) == [
        "GET /planted/<int:post_id> (their own",
        "GET /planted/<int:post_id> (somebody else's",
    ]


def test_it_finds_a_refusal_that_comes_too_late(site: Flask) -> None:
    def refuse(post_id: int) -> None:
        if not may(current_user, "edit post"):
            db.session.get_one(Post, post_id).title = "Changed"
            db.session.commit()
            raise NotFound

    planted(site, "/planted/<int:post_id>", permitted("edit post")(refuse), "edit post", "POST")
    (line,) = [line for line in lines(site, Role.AUTHOR) if "somebody else's" in line]
    assert "changes something all the same" in line


def test_it_finds_an_answer_that_tells_of_what_is_hidden(site: Flask) -> None:
    def tell(post_id: int) -> str:
        if db.session.get_one(Post, post_id).author_id != current_user.id:
            raise Forbidden
        return "ok"

    planted(site, "/planted/<int:post_id>", permitted("edit post")(tell), "edit post")
    (line,) = lines(site, Role.AUTHOR)
    assert "tells author too much by 403" in line
