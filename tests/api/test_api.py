"""What every route of the API shares: who asks, what is taken, what is told when it goes wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from blog.accounts.models import User
from blog.api import Resource
from blog.api.openapi import scope_for
from blog.db import db, now, transaction
from tests import make
from tests.corpora import corpus
from tests.program import Program, program_of, token_of
from tests.visitor import Visitor, sign_in

PROBLEM = "application/problem+json"


def assert_problem(answer: Any, status: int, kind: str = "") -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM), answer.text
    told: dict[str, Any] = answer.get_json()
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert told["type"] == (f"http://localhost/api/docs#{kind}" if kind else "about:blank")
    return told


# Who asks


def test_a_token_signs_its_person_in(app: Flask, alice: User) -> None:
    answer = program_of(app, alice).get(f"/api/users/{alice.id}")
    assert answer.status_code == 200
    assert answer.get_json()["email"] == "alice@example.com"  # which only she is told


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer mh_short",
        "Basic YWxpY2U6eA==",
        "Token x",
        "Bearer mh_" + "a" * 43,
        "\u00e9",
    ],
)
def test_nobody_is_signed_in_by_anything_else(app: Flask, alice: User, header: str) -> None:
    answer = Program(app).get("/api/users", headers={"Authorization": header})
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="API", error="invalid_token"'


def test_without_a_token_one_is_asked_for(app: Flask) -> None:
    answer = Program(app).get("/api/users")
    assert_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="API"'


def test_a_token_in_the_address_is_none(app: Flask, alice: User) -> None:
    key = token_of(alice, "read").key
    assert Program(app).get(f"/api/users?token={key}&access_token={key}").status_code == 401


def test_cookies_mean_nothing_to_the_api(app: Flask, admin: User, admin_client: Visitor) -> None:
    assert admin_client.get("/account/").status_code == 200
    assert_problem(admin_client.get("/api/users"), 401)
    assert_problem(admin_client.post("/api/users", json={"username": "x"}), 401)


def test_a_cookie_does_not_change_whose_token_it_is(app: Flask, alice: User, admin: User) -> None:
    browser = app.test_client()
    assert isinstance(browser, Visitor)
    sign_in(browser, admin)
    key = token_of(alice, "read").key
    told = browser.get("/api/users", headers={"Authorization": f"Bearer {key}"}).get_json()
    assert [person["username"] for person in told if "email" in person] == ["alice"]


def test_a_token_opens_no_page(app: Flask, alice: User) -> None:
    answer = program_of(app, alice).get("/account/")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


def test_no_form_token_is_needed_and_none_would_help(app_with: Callable[..., Flask], admin: User) -> None:
    guarded = app_with(WTF_CSRF_ENABLED=True)
    made = program_of(guarded, admin).post("/api/users", json={"username": "zoe"})
    assert made.status_code == 201
    assert_problem(Program(guarded).post("/api/users", json={"username": "yan"}), 401)


def test_exactly_the_api_does_without_form_tokens(app: Flask) -> None:
    """Every route of theirs asks for a token instead, which no other site can borrow. Beside it, whoever has the secret
    in an address needs no other, and a beacon counts, whoever sends it, and changes nothing else.
    """
    exempt = app.extensions["csrf"]._exempt_blueprints.intersection(app.blueprints.values())
    assert exempt == {one for one in app.blueprints.values() if isinstance(one, Resource)}
    by_key = {"blog.posts.guests.shared", "blog.one_click.stop_mail_at_once"}
    beacons = {"blog.stats.views.count_view", "blog.stats.views.count_end"}
    assert app.extensions["csrf"]._exempt_views == by_key | beacons


# How far a token reaches


def test_a_token_for_reading_changes_nothing(app: Flask, alice: User) -> None:
    program = program_of(app, alice, "read")
    assert program.get("/api/tokens").status_code == 200
    for method, address in [("POST", "tokens"), ("DELETE", "tokens/1"), ("PATCH", f"users/{alice.id}")]:
        answer = program.send(method, f"/api/{address}", json={})
        assert_problem(answer, 403, "scope")
        assert 'error="insufficient_scope", scope="write"' in answer.headers["WWW-Authenticate"]


def test_below_admin_a_token_stops_at_the_editor(app: Flask, admin: User) -> None:
    program = program_of(app, admin, "write")
    answer = program.post("/api/users", json={"username": "zoe"})
    assert_problem(answer, 403, "scope")
    assert 'scope="admin"' in answer.headers["WWW-Authenticate"]
    assert program.get("/api/users?role=reader").status_code == 403


def test_a_token_never_does_more_than_its_person(app: Flask, admin: User) -> None:
    program = program_of(app, admin, "admin")
    assert program.post("/api/users", json={"username": "zoe"}).status_code == 201
    with transaction():
        db.session.merge(admin).role = "author"
    answer = program.post("/api/users", json={"username": "yan"})
    assert_problem(answer, 403)
    assert "WWW-Authenticate" not in answer.headers  # no other token would help


def test_the_least_scope_follows_from_what_is_asked() -> None:
    assert scope_for("signed in", "GET") == "read"
    assert scope_for("write posts", "POST") == "write"
    assert scope_for("manage people", "GET") == "admin"


# What is taken

BODIES = sorted(path.name for path in corpus("generated/json_api").iterdir())


@pytest.mark.parametrize("name", BODIES)
def test_hostile_bodies_are_refused(app: Flask, admin: User, name: str) -> None:
    """Whatever they hold: no such body makes anything, and none breaks anything."""
    program, body = program_of(app, admin), (corpus("generated/json_api") / name).read_bytes()
    people = len(program.get("/api/users").get_json())
    for method, address in [("POST", "users"), ("POST", "tokens"), ("PATCH", f"users/{admin.id}")]:
        answer = program.send(method, f"/api/{address}", data=body, content_type="application/json")
        assert_problem(answer, answer.status_code, "invalid" if answer.status_code == 422 else "")
        assert answer.status_code in {400, 422}
    assert len(program.get("/api/users").get_json()) == people


@pytest.mark.parametrize(
    "body",
    [
        b'{"username": "zoe", "username": "yan"}',
        b'{"biography": Infinity}',
        b'{"biography": 1e999}',
        b'{"username": "zo\xff"}',
        '{"username": "zoe"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b'{"\\ud800": 1}',
        b"9" * 5000,
        b"",
        b'{"username": "zoe"} {}',
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_two_programs_would_read_differently_is_refused(app: Flask, admin: User, body: bytes) -> None:
    answer = program_of(app, admin).post("/api/users", data=body, content_type="application/json")
    assert_problem(answer, 400)


def test_every_wrong_field_is_told_at_once(app: Flask, admin: User) -> None:
    given = {"username": "a b", "email": "nobody", "biography": "x\0y", "role": "king", "is_admin": True}
    told = assert_problem(program_of(app, admin).post("/api/users", json=given), 422, "invalid")
    assert set(told["errors"]) == set(given)
    assert all(isinstance(sentence, str) for errors in told["errors"].values() for sentence in errors)


def test_a_body_that_is_no_object_is_told_so(app: Flask, admin: User) -> None:
    told = assert_problem(program_of(app, admin).post("/api/users", json=["zoe"]), 422, "invalid")
    assert "errors" not in told


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_a_body_must_say_that_it_is_json(app: Flask, admin: User, kind: str) -> None:
    answer = program_of(app, admin).post("/api/users", data='{"username": "zoe"}', content_type=kind)
    assert_problem(answer, 415)


def test_a_body_may_not_be_too_large(app: Flask, admin: User) -> None:
    body = json.dumps({"username": "zoe", "biography": "x" * 3_000_000})
    assert_problem(program_of(app, admin).post("/api/users", data=body, content_type="application/json"), 413)


def test_whoever_takes_no_json_gets_none(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    assert_problem(program.get("/api/users", headers={"Accept": "text/html"}), 406)
    for accepted in ("application/json", "*/*", "text/html, */*;q=0.1"):
        assert program.get("/api/users", headers={"Accept": accepted}).status_code == 200


@pytest.mark.parametrize("address", ["users", "users/{}", "tokens"])
def test_an_unknown_parameter_is_refused(app: Flask, alice: User, address: str) -> None:
    answer = program_of(app, alice).get(f"/api/{address.format(alice.id)}?colour=red")
    assert assert_problem(answer, 422, "invalid")["errors"] == {"colour": ["Unknown field."]}


def test_a_parameter_given_twice_is_refused(app: Flask, alice: User) -> None:
    answer = program_of(app, alice).get("/api/users?limit=1&limit=2")
    assert set(assert_problem(answer, 422, "invalid")["errors"]) == {"limit"}


def test_a_parameter_may_hold_no_unseen_character(app: Flask, alice: User) -> None:
    answer = program_of(app, alice).get("/api/users?q=a%00b")
    assert set(assert_problem(answer, 422, "invalid")["errors"]) == {"q"}


@pytest.mark.parametrize("number", ["0", "2147483648", "99999999999999999999999999"])
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_number_that_nothing_has_is_not_found(app: Flask, admin: User, number: str, method: str) -> None:
    assert_problem(program_of(app, admin).send(method, f"/api/users/{number}", json={}), 404)


def test_what_an_address_does_not_take_is_told_with_what_it_does(app: Flask, alice: User) -> None:
    answer = program_of(app, alice).delete("/api/users")
    assert_problem(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_an_address_that_leads_nowhere_is_told_as_json(app: Flask) -> None:
    assert_problem(Program(app).get("/api/nothing"), 404)


def test_a_failure_tells_nothing_of_the_inside(app_with: Callable[..., Flask], alice: User) -> None:
    broken = app_with(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    program = program_of(broken, alice)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("blog.api.resource.listing", lambda *arguments: 1 / 0)
        answer = program.get("/api/users")
    assert_problem(answer, 500)
    assert "Zero" not in answer.text


# ETags


def test_what_is_known_is_not_sent_again(app: Flask, alice: User) -> None:
    program, address = program_of(app, alice), f"/api/users/{alice.id}"
    tag = program.get(address).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = program.get(address, headers={"If-None-Match": known})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
    assert program.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_etag_changes_with_what_is_told(app: Flask, alice: User) -> None:
    program, address = program_of(app, alice), f"/api/users/{alice.id}"
    before = program.get(address).headers["ETag"]
    after = program.patch(address, json={"biography": "New."}).headers["ETag"]
    assert before != after == program.get(address).headers["ETag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("tag", ['"other"', "nonsense", '""', "", 'W/"{}"'])
def test_what_has_changed_meanwhile_is_left_alone(app: Flask, admin: User, method: str, tag: str) -> None:
    person = make.user("zoe")
    program, address = program_of(app, admin), f"/api/users/{person.id}"
    stale = {"If-Match": tag.format(program.get(address).headers["ETag"].strip('"'))}
    given = {"username": "zoe", "display_name": "Changed"}
    options = {} if method == "DELETE" else {"json": given}
    assert_problem(program.send(method, address, headers=stale, **options), 412, "stale")
    assert program.get(address).get_json()["display_name"] == "Zoe"


def test_what_is_as_it_was_is_changed(app: Flask, admin: User) -> None:
    person = make.user("zoe")
    program, address = program_of(app, admin), f"/api/users/{person.id}"
    for tag in (program.get(address).headers["ETag"], "*"):
        answer = program.patch(address, json={"biography": tag}, headers={"If-Match": tag})
        assert answer.status_code == 200
    tag = answer.headers["ETag"]
    assert program.delete(address, headers={"If-Match": tag}).status_code == 204


def test_a_tag_of_what_was_packed_fits_as_well(app: Flask, admin: User) -> None:
    person = make.user("zoe", biography="Long enough to be packed. " * 40)
    program, address = program_of(app, admin), f"/api/users/{person.id}"
    packed = program.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    tag = packed.headers["ETag"]
    assert program.get(address, headers={"If-None-Match": tag}).status_code == 304
    assert program.patch(address, json={"biography": ""}, headers={"If-Match": tag}).status_code == 200


# What is kept, and by whom


def test_no_other_keeps_what_one_was_told(app: Flask, alice: User) -> None:
    program = program_of(app, alice)
    assert program.get("/api/users").headers["Cache-Control"] == "private, no-cache"
    made = program.post("/api/tokens", json={"name": "x"})
    assert made.headers["Cache-Control"] == "private, no-store"


def test_reading_writes_nothing(app: Flask, alice: User) -> None:
    token = token_of(alice, "read", at=now())
    program = Program(app, token.key)
    program.get("/api/users")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "blog.accounts.bearer.afterwards", lambda *arguments: pytest.fail("the use was noted just now")
        )
        for address in ("/api/users", f"/api/users/{alice.id}", "/api/tokens"):
            assert program.get(address).status_code == 200
