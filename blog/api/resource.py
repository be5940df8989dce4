"""Declaring JSON routes: who may ask, what is taken and told, pages by links, one effect for each key."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Response, current_app, g, request, url_for
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from blog.access import acting_role, hiding, may_at_all, stated
from blog.api.bodies import MULTIPART, read_json, read_parts
from blog.api.etags import refuse_stale, tagged
from blog.api.fields import Given, GivenFiles, Nothing, Optionally, Query, Shown, by_field
from blog.api.idempotency import once
from blog.api.listing import Place, Sorts, asked_with, listing
from blog.api.openapi import SIGNED_IN, Route, describe, scope_for
from blog.db import db, retried
from blog.errors import Forbidden, Invalid, Problem, Unauthorized
from blog.limits import limited
from blog.security import takes_files

JSON = "application/json"
CHALLENGE = 'Bearer realm="API"'

Act = Callable[..., Any]
Decorator = Callable[[Act], Act]


class NotAcceptable(Problem):
    status = 406


class NotJson(Problem):
    status = 415


class NoForm(NotJson):
    def __init__(self) -> None:
        super().__init__("Send a form of several parts, and say so: Content-Type: multipart/form-data.")
        self.title = "That is no form"


class Parser(FlaskParser):
    """Reads what came; what no schema names is refused, in addresses and in bodies."""

    DEFAULT_UNKNOWN_BY_LOCATION = {}

    def load_json(self, req: Any, schema: Schema) -> Any:
        if isinstance(schema, Optionally) and not req.get_data():
            return {}
        if req.mimetype != JSON:
            raise NotJson
        return read_json(req.get_data())

    def load_files(self, req: Any, schema: Schema) -> Any:
        if req.mimetype != MULTIPART:
            raise NoForm
        return read_parts(req.form, req.files)

    def load_querystring(self, req: Any, schema: Schema) -> Any:
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise Invalid(kind="invalid", errors={name: ["Give this once."] for name in twice})
        return Query(req.args.items())

    def handle_error(self, error: Any, req: Any, schema: Schema, **options: Any) -> Any:
        errors = by_field(next(iter(error.messages.values())))
        whole = " ".join(errors.pop("", []))
        raise Invalid(whole, kind="invalid", errors=errors)


class Resource(Blueprint):
    """The routes of one kind of thing at one address: each is a function, and what it is declared to be.

    `shows` is what is told of a thing; `find(**ids, to_change=…)` is the one that the person may see, or NotFound, and
    `one` names its id in the address, which is its attribute `key`. What changes anything runs in a transaction, and
    commits with what it answers.
    """

    ARGUMENTS_PARSER = Parser()

    def __init__(
        self,
        path: str,
        title: str,
        description: str,
        *,
        shows: type[Shown],
        find: Act,
        one: str = "id",
        key: str = "id",
    ) -> None:
        name = f"api_{title.lower().replace(' ', '_')}"
        super().__init__(name, __name__, url_prefix=f"/api/{path}", description=description)
        self.title, self.shows, self.find, self.one, self.key = title, shows, find, one, key
        self._prepare_doc_cbks.append(describe)

    def lists(
        self,
        filters: type[Given] = Given,
        *,
        sorts: Sorts,
        by: str,
        key: Any,
        access: str = SIGNED_IN,
        shows: type[Shown] | None = None,
        chooses: type[Shown] | None = None,
    ) -> Decorator:
        """`act(asked, **ids)` gives the select of all that fits; it is sorted, cut into pages and linked. With `shows`,
        less is told of each than of one alone. Whoever asks may say which fields are told (`asked["only"]`): of these,
        or of those that `chooses` has.
        """
        tells = (shows or self.shows)(many=True)
        offered = chooses or shows or self.shows

        def declare(act: Act) -> Act:
            def view(asked: Mapping[str, Any], **ids: Any) -> Response:
                asked = placed(asked, by)
                page = listing(act(asked, **ids), asked, sorts, key)
                some = offered(many=True, only=asked["only"]) if "only" in asked else tells
                return answer(some.dump(page.items), 200, page.headers())

            about = Route(act, "GET", access, [200, 404], tells=offered(many=True, partial=True), listed=True)
            return self.declare("", about, view, query=asked_with(sorts, filters, offered))

        return declare

    def creates(
        self,
        takes: type[Given],
        *,
        access: str = SIGNED_IN,
        shows: type[Shown] | None = None,
        secret: bool = False,
        limit: str | None = None,
        prepares: Act | None = None,
    ) -> Decorator:
        """`act(given, **ids)` makes the thing. With `secret`, what is answered (as `shows`) is not for other eyes.

        `prepares(given)` gives what `act` is given, where that takes a while: before the transaction, and once.
        """

        def declare(act: Act) -> Act:
            def view(asked: Any, given: Mapping[str, Any], **ids: Any) -> Response:
                ready = prepares(given) if prepares else given
                make = lambda: self.created(act(ready, **ids), ids, shows)  # noqa: E731
                return retried(lambda: once(make, secret=secret))

            statuses = [201, 404, 409] if "<" in (self.url_prefix or "") else [201, 409]
            about = Route(
                act, "POST", access, statuses, tells=(shows or self.shows)(), once=True, limit=limit
            )
            return self.declare("", about, view, body=takes())

        return declare

    def created(self, thing: Any, ids: Mapping[str, Any], shows: type[Shown] | None) -> Response:
        db.session.flush()
        where = url_for(f"{self.name}.read", **ids, **{self.one: getattr(thing, self.key)})
        told = (shows or self.shows)().dump(thing)
        location = {"Location": current_app.config["SITE_URL"] + where}
        return tagged(answer(told, 201, location), self.shows().dump(thing))

    def reads(self, *, access: str = SIGNED_IN, hides: str | None = None) -> Decorator:
        """`act(thing)` gives what is told. For `hides` see blog.access.hiding."""

        def declare(act: Act) -> Act:
            def view(asked: Any, **ids: Any) -> Response:
                told = self.shows().dump(act(self.find(**ids)))
                return tagged(answer(told, 200), told)

            view = hiding(hides)(view) if hides else view
            about = Route(act, "GET", access, [200, 304, 404], tells=self.shows(), endpoint="read")
            return self.declare(self.place, about, view)

        return declare

    def replaces(self, takes: type[Given], *, access: str = SIGNED_IN) -> Decorator:
        """`act(thing, given)` takes over all that is given; fields that are not, have their defaults."""
        return self.changing("PUT", takes(), access)

    def changes(self, takes: type[Given], *, access: str = SIGNED_IN) -> Decorator:
        """`act(thing, given)` takes over what is given, and leaves the rest."""
        return self.changing("PATCH", takes(partial=True), access)

    def changing(self, method: str, takes: Given, access: str) -> Decorator:
        def declare(act: Act) -> Act:
            def view(asked: Any, given: Mapping[str, Any], **ids: Any) -> Response:
                return retried(lambda: self.done(act, ids, (given,)))

            about = Route(act, method, access, [200, 404, 409, 412], tells=self.shows())
            return self.declare(self.place, about, view, body=takes)

        return declare

    def deletes(self, asks: type[Given] | None = None, *, access: str = SIGNED_IN) -> Decorator:
        """`act(thing[, asked])` makes an end of it, in the way that the address `asks` for."""

        def declare(act: Act) -> Act:
            def end(asked: Any, ids: Mapping[str, Any]) -> Response:
                thing = self.find(**ids, to_change=True)
                refuse_stale(self.shows().dump(thing))
                act(thing, asked) if asks else act(thing)
                return nothing()

            def view(asked: Any, **ids: Any) -> Response:
                return retried(lambda: end(asked, ids))

            about = Route(act, "DELETE", access, [204, 404, 409, 412])
            return self.declare(self.place, about, view, query=asks or Given)

        return declare

    def acts(
        self,
        name: str,
        takes: type[Given] | None = None,
        *,
        access: str = SIGNED_IN,
        find: Act | None = None,
    ) -> Decorator:
        """`act(thing[, given])` does to it what `name`, the last word of the address, says. `find` finds what only this
        can be done to.
        """

        def declare(act: Act) -> Act:
            def view(asked: Any, *given: Any, **ids: Any) -> Response:
                if takes is None:
                    self.ARGUMENTS_PARSER.parse(Nothing(), request)
                return retried(lambda: once(lambda: self.done(act, ids, given, find)))

            about = Route(act, "POST", access, [200, 404, 409, 412], tells=self.shows(), once=True)
            return self.declare(f"{self.place}/{name}", about, view, body=takes() if takes else None)

        return declare

    def handles(
        self, rest: str, tells: type[Shown], takes: type[Given] | None = None, *, access: str = SIGNED_IN
    ) -> Decorator:
        """`act([given,] **ids)` does to many what `rest`, the rest of the address, says, and gives what is told."""

        def declare(act: Act) -> Act:
            def view(asked: Any, *given: Any, **ids: Any) -> Response:
                if takes is None:
                    self.ARGUMENTS_PARSER.parse(Nothing(), request)
                return retried(lambda: once(lambda: answer(tells().dump(act(*given, **ids)), 200)))

            about = Route(act, "POST", access, [200, 404, 409], tells=tells(), once=True, tagged=False)
            return self.declare(f"/{rest}", about, view, body=takes() if takes else None)

        return declare

    def done(
        self, act: Act, ids: Mapping[str, Any], given: tuple[Any, ...], find: Act | None = None
    ) -> Response:
        thing = (find or self.find)(**ids, to_change=True)
        refuse_stale(self.shows().dump(thing))
        act(thing, *given)
        db.session.flush()
        told = self.shows().dump(thing)
        return tagged(answer(told, 200), told)

    @property
    def place(self) -> str:
        """The rest of the address of one thing."""
        return f"/<int:{self.one}>"

    def declare(
        self, rule: str, about: Route, view: Act, *, query: type[Given] = Given, body: Given | None = None
    ) -> Act:
        """Put it all together: first who asks, then what for, then what with."""
        view = wraps(about.act)(view)
        vars(view)["_apidoc"] = {"route": replace(about, takes=body is not None)}
        if body is not None:
            kind = {"location": "files"} if isinstance(body, GivenFiles) else {}
            view = self.arguments(body, required=not isinstance(body, Optionally), **kind)(view)
        if isinstance(body, GivenFiles):
            view = takes_files(body.most)(view)
        view = self.arguments(query, location="query")(view)
        view = guarded(limited(about.limit)(view) if about.limit else view, about.access)
        self.add_url_rule(rule, about.endpoint, view, methods=[about.method], tags=[self.title])
        return about.act


def guarded(view: Act, access: str) -> Act:
    """For the people that `access` names, with a token that reaches so far; says so, as pages do."""

    @wraps(view)
    def guard(*args: Any, **values: Any) -> Any:
        if not current_user.is_authenticated:
            raise Unauthorized(headers={"WWW-Authenticate": CHALLENGE})
        if request.accept_mimetypes and not request.accept_mimetypes.quality(JSON):
            raise NotAcceptable
        scope = scope_for(access, request.method)
        if g.scope == "read" and scope != "read":
            raise out_of_scope(scope)
        if access != SIGNED_IN and not may_at_all(current_user, access):
            raise out_of_scope(scope) if acting_role(current_user) != current_user.role else Forbidden()
        return view(*args, **values)

    return stated(guard, access)


def out_of_scope(needed: str) -> Forbidden:
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{needed}"'
    message = f"This token is for “{g.scope}”; that needs one for “{needed}”."
    return Forbidden(message, kind="scope", headers={"WWW-Authenticate": challenge})


def placed(asked: Mapping[str, Any], by: str) -> dict[str, Any]:
    """With the order, which a cursor brings along, and its place in it."""
    if "cursor" not in asked:
        return {"sort": by.split(","), **asked}
    place = Place.read(asked["cursor"])
    wrong = "page" in asked or asked.get("sort", place.sort) != place.sort
    if wrong:
        message = "Give it without page, and with the sort that it was made for, or none."
        raise Invalid(kind="invalid", errors={"cursor": [message]})
    return {**asked, "sort": place.sort, "place": place}


def answer(told: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status, headers, mimetype=JSON)
    response.vary.add("Authorization")
    if request.method in {"GET", "HEAD"}:
        response.headers["Cache-Control"] = "private, no-cache"  # whoever has it asks whether it still holds
    return response


def nothing() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
