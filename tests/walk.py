"""A walk over every route, as one kind of person: what each answers, against what the table of access.py says."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import Any, NamedTuple

from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from blog import settings
from blog.access import NOT_UPWARDS, PERMISSIONS, RANKS, Role
from blog.accounts.models import User
from blog.accounts.tokens import ApiToken, Scope
from blog.api import Resource
from blog.api.docs import sample
from blog.api.openapi import SIGNED_IN, scope_for
from blog.db import db, now
from blog.posts.models import Post
from blog.teams.models import Team
from tests import make
from tests.conftest import visitor
from tests.pictures import painted
from tests.program import Program
from tests.routes import QUERIES, arguments_for, samples
from tests.test_expired_forms import everything
from tests.visitor import Visitor, sign_in

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class Whose(StrEnum):
    """Whose the thing is that a route is about."""

    OWN = "their own"
    OTHERS = "somebody else's"
    ABOVE = "of somebody above them"


class Says(StrEnum):
    """What an answer comes to."""

    IN = "lets in"
    ASKS = "asks to sign in"
    REFUSES = "refuses"


# What must stay in a body, where only admins change it.
CHANGED: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "api_people": (User, "user_id", ("username", "email", "role")),
    "api_teams": (Team, "team_id", ("name", "slug")),
}
OWNED = {
    "comment_id",
    "filter_id",
    "medium_id",
    "notice_id",
    "passkey_id",
    "post_id",
    "project_id",
    "said_id",
    "sign_in_id",
    "slug",
    "tab",
    "task_id",
    "team_id",
    "token_id",
    "transfer_id",
    "undo_key",
    "user_id",
}

TAKE_FILES = {"api_media.send_medium"}

# What is there for everybody, but not at any time.
ELSE = {
    "accounts.join_openly": Says.REFUSES,  # only where the settings allow it
    "accounts.picture": Says.REFUSES,  # only what somebody has
    "media.file": Says.REFUSES,  # only where its file is there
    "accounts.second_step": Says.ASKS,  # only between the password and the code
    "accounts.setup": Says.REFUSES,  # only while there is nobody
}


class Step(NamedTuple):
    """A route, and on whose thing it is tried; `hidden` from readers, where that makes a difference."""

    endpoint: str
    method: str
    rule: Any
    access: str
    whose: Whose | None
    hidden: str = ""

    def __str__(self) -> str:
        thing = f" ({self.whose}{', hidden' if self.hidden else ''})" if self.whose else ""
        return f"{self.method} {self.rule.rule}{thing}, stated as {self.access!r}"


def steps(app: Flask) -> Iterator[Step]:
    for rule in app.url_map.iter_rules():
        about = vars(app.view_functions[rule.endpoint])
        access, hides = about["access"], about.get("hides")
        for method in sorted(METHODS & (rule.methods or set())):
            for whose in things(rule, access, method):
                yield Step(rule.endpoint, method, rule, access, whose)
                if hides:
                    yield Step(rule.endpoint, method, rule, access, whose, hides)


def things(rule: Any, access: str, method: str) -> list[Whose | None]:
    if not rule.arguments & OWNED:
        return [None]
    upwards = access in NOT_UPWARDS and method != "GET" and "user_id" in rule.arguments
    return [Whose.OWN, Whose.OTHERS, *([Whose.ABOVE] if upwards else [])]


# What the table says


def allows(access: str, role: Role, whose: Whose | None) -> bool:
    if access == SIGNED_IN:  # with what is one's own
        return whose in {None, Whose.OWN}
    rule = PERMISSIONS[access]
    if whose is None:
        return role.reaches(rule.least)
    if whose is Whose.ABOVE:
        return False
    own = rule.own or rule.lead  # of a team of their own they are a lead
    everywhere = rule.everywhere and role.reaches(rule.everywhere)
    return bool(everywhere or (whose is Whose.OWN and own and role.reaches(own)))


def expected(step: Step, role: Role | None) -> Says:
    if step.endpoint in ELSE:
        return ELSE[step.endpoint]
    if step.access != "public" and role is None:
        return Says.ASKS
    seen = not step.hidden or (role is not None and allows(step.hidden, role, step.whose))
    let_in = step.access == "public" or (role is not None and allows(step.access, role, step.whose))
    return Says.IN if seen and let_in else Says.REFUSES


def expected_of_program(step: Step, role: Role | None, scope: Scope) -> Says:
    if role is None:
        return Says.ASKS
    needed = Scope(scope_for(step.access, step.method))
    acting = min(role, scope.at_most or role, key=RANKS.__getitem__)
    return expected(step, acting) if scope.reaches(needed) or scope is Scope.WRITE else Says.REFUSES


# What the site says


def said(answer: TestResponse) -> Says:
    assert answer.status_code < 500, answer.text
    asked = answer.status_code == 302 and answer.location.startswith("/login")
    if asked or answer.status_code == 401:
        return Says.ASKS
    return Says.REFUSES if answer.status_code in {403, 404} else Says.IN


@dataclass
class Ground:
    """Somebody with a browser or a program, and things that are `whose`."""

    client: Any
    values: dict[str, Any]
    newcomer: str  # somebody whom everybody may know, and who is in no team
    cookies: dict[Any, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.cookies = dict(
            getattr(self.client, "_cookies", {})
        )  # Werkzeug has no other way to put them back

    def put_back(self) -> None:
        if isinstance(self.client, Visitor):
            self.client._cookies = dict(self.cookies)


@dataclass
class Walk:
    """Goes as nobody, or as somebody with `role`; with a token for `scope`, else with a browser.

    Making things is what takes the time. After something may have been changed, SQLite gets back the file as it was, and
    on PostgreSQL they are made anew.
    """

    app: Flask
    role: Role | None
    scope: Scope | None = None
    grounds: dict[tuple[Whose | None, str], Ground] = field(default_factory=dict)
    copy: sqlite3.Connection | None = None

    def differences(self, *, api: bool) -> list[str]:
        """Where the site and the table disagree, for the routes of the API or for all others."""
        return self.along(step for step in steps(self.app) if is_api(self.app, step) == api)

    def along(self, way: Iterable[Step]) -> list[str]:
        return [found for step in way if self.can_go(step) for found in self.take(step)]

    def can_go(self, step: Step) -> bool:
        return not (step.whose is Whose.ABOVE and self.role is Role.OWNER)  # nobody is

    def take(self, step: Step) -> Iterator[str]:
        ground = self.ground(step)
        wanted = self.wanted(step)
        before = everything() if wanted is not Says.IN else None
        answer = self.ask(ground, step)
        found = said(answer)
        if found is not wanted:
            yield f"{step}: {found} {self}, the table {wanted} ({answer.status_code})"
        elif before is not None and everything() != before:
            yield f"{step}: {found} {self}, and changes something all the same"
        elif wanted is Says.REFUSES and answer.status_code not in self.refusals(step):
            yield f"{step}: tells {self} too much by {answer.status_code}"
        if step.method != "GET" and found is Says.IN:
            self.begin_again()

    def __str__(self) -> str:
        return f"{self.role or 'nobody'}{f' with a token for {self.scope}' if self.scope else ''}"

    def wanted(self, step: Step) -> Says:
        if is_api(self.app, step):
            return expected_of_program(step, self.role, self.scope) if self.scope else Says.ASKS
        return expected(step, None if self.scope else self.role)

    def refusals(self, step: Step) -> set[int]:
        """Whoever does such things is not told whether there is one that is not theirs; people are known anyway."""
        if "user_id" in step.rule.arguments:
            return {403, 404}
        comes_in = self.scope is None and step.access != "public" and self.role
        at_all = comes_in and (step.access == SIGNED_IN or allows(step.access, Role(comes_in), None))
        return {404} if at_all or step.access == "public" else {403, 404}

    def ground(self, step: Step) -> Ground:
        kind = (step.whose, step.hidden)
        if kind not in self.grounds:
            self.grounds[kind] = self.made(step)
            self.copy = copied(db.engine) if db.engine.dialect.name == "sqlite" else None
        return self.grounds[kind]

    def begin_again(self) -> None:
        if self.copy is None:
            self.grounds.clear()
            return
        db.session.remove()
        put_back(self.copy, db.engine)
        for ground in self.grounds.values():
            ground.put_back()

    def made(self, step: Step) -> Ground:
        settings.save(guests_comment=True)  # for that is public
        person = make.user(role="owner" if self.scope else self.role or "reader")
        owner = person if step.whose is Whose.OWN and self.role else make.user()
        values = samples(owner)
        if step.whose is not Whose.OWN:
            above = list(Role)[min(RANKS[Role.OWNER], 1 + RANKS[self.role or Role.READER])]
            somebody = make.user(role=above if step.whose is Whose.ABOVE else "reader")
            values["user_id"] = somebody.id
            db.session.get_one(Team, values["team_id"]).join(somebody)
            db.session.commit()
        if step.hidden:
            db.session.get_one(Post, values["post_id"]).unpublish(now())
            db.session.commit()
        newcomer = make.user()
        make.post(newcomer)
        return Ground(self.client_of(person), values, newcomer.username)

    def client_of(self, person: User) -> Any:
        if self.scope:
            token = ApiToken.issue(to=person, name="Walks", scope=self.scope, at=now())
            person.role = self.role or Role.READER  # also whoever was more when the token was made
            token.last_used_at = now()
            db.session.commit()
            return Program(self.app, token.key if self.role else None)
        client = visitor(self.app)
        if self.role:
            sign_in(client, person)
        return client

    def address(self, ground: Ground, step: Step) -> str:
        arguments = arguments_for(step.rule, ground.values)
        address = self.app.url_map.bind("localhost").build(step.endpoint, arguments, append_unknown=False)
        return address + QUERIES.get(step.endpoint, str)()

    def ask(self, ground: Ground, step: Step) -> TestResponse:
        address = self.address(ground, step)
        body = body_for(self.app, step, ground) if is_api(self.app, step) else None
        options = {} if body is None else as_sent(step, body)
        client = ground.client
        if isinstance(client, Program):
            return client.send(step.method, address, **options)
        answer: TestResponse = client.open(address, method=step.method, **options)
        return answer


def copied(engine: Engine) -> sqlite3.Connection:
    """The whole of a SQLite database, in memory."""
    copy = sqlite3.connect(":memory:")
    with closing(engine.raw_connection()) as connection:
        connection.driver_connection.backup(copy)  # type: ignore[union-attr]
    return copy


def put_back(copy: sqlite3.Connection, engine: Engine) -> None:
    with closing(engine.raw_connection()) as connection:
        copy.backup(connection.driver_connection)  # type: ignore[arg-type]


def is_api(app: Flask, step: Step) -> bool:
    return isinstance(app.blueprints.get(step.endpoint.partition(".")[0]), Resource)


def body_for(app: Flask, step: Step, ground: Ground) -> Any:
    """What would be taken, so that nothing else than who asks is in the way."""
    spec = app.extensions["api"].document
    path = "".join(f"{{{name}}}" if is_name else name for is_name, name in step.rule._trace if name != "|")
    about = spec["paths"][path][step.method.lower()].get("requestBody")
    if about is None:
        return None
    body = sample(spec, next(iter(about["content"].values()))["schema"])
    known = as_it_is(step, arguments_for(step.rule, ground.values))
    names = {
        "username": ground.newcomer if step.endpoint.startswith("api_members") else "somebody-new",
        "name": "New",
        "slug": "new-one",
        **known,
    }
    return body | {name: value for name, value in names.items() if name in body or name in known}


def as_sent(step: Step, body: dict[str, Any]) -> dict[str, Any]:
    """As JSON, or where a file is taken, as a form with one."""
    if step.endpoint not in TAKE_FILES:
        return {"json": body}
    texts = {name: str(value) for name, value in body.items()}
    return {"data": {**texts, "file": (BytesIO(painted((4, 4))), "harbour.png")}}


def as_it_is(step: Step, arguments: dict[str, Any]) -> dict[str, Any]:
    """What only admins change of a person or a team, for a PUT would take away what it leaves out."""
    model, id_name, names = CHANGED.get(step.endpoint.partition(".")[0], (User, "", ()))
    thing = db.session.get(model, arguments.get(id_name, 0))
    return {name: getattr(thing, name) for name in names} if thing else {}
