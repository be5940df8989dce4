"""Lists of the API: every row once, in order, in both directions, however it is cut."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from blog.accounts.models import User
from blog.db import db
from tests import make
from tests.program import Program, links, pages, program_of
from tests.queries import count_queries


def walk(program: Program, address: str | None, direction: str) -> list[list[str]]:
    """The usernames on each page, from this address on."""
    return [[person["username"] for person in page] for page in pages(program, address, direction)]


@pytest.fixture
def crowd(app: Flask, admin: User) -> list[User]:
    """Twelve people, some with one name, at one time, or without an e-mail address."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    people = []
    for number in range(12):
        address = None if number % 3 == 0 else f"{'zyxwvutsrqpo'[number]}@example.com"
        person = make.user(f"person{number:02}", display_name=f"Name {number // 4}", email=address)
        person.created_at = start + timedelta(days=number // 2)
        people.append(person)
    admin.created_at = start + timedelta(days=100)
    db.session.commit()
    return [*people, admin]


SORTS = [
    "",
    "username",
    "-username",
    "display_name,-username",
    "-created_at",
    "email",
    "-email",
    "created_at,-email",
]


def expected(people: list[User], sort: str) -> list[str]:
    """Sorted by Python: what is empty stands last, and the id decides where all else is the same."""
    names = (sort or "username").split(",")
    found = sorted(people, key=lambda person: person.id, reverse=names[-1].startswith("-"))
    for name in reversed(names):
        field = name.lstrip("-")
        here = [person for person in found if getattr(person, field) is not None]
        rest = [person for person in found if getattr(person, field) is None]
        found = [*sorted(here, key=lambda one: getattr(one, field), reverse=name.startswith("-")), *rest]
    return [person.username for person in found]


@pytest.mark.parametrize("sort", SORTS)
def test_every_row_is_told_once_in_order_both_ways(
    app: Flask, admin: User, crowd: list[User], sort: str
) -> None:
    program, wanted = program_of(app, admin), expected(crowd, sort)
    for limit in (1, 5, 13):
        asked = f"/api/users?limit={limit}" + (f"&sort={sort}" if sort else "")
        assert list(itertools.chain(*walk(program, asked, "next"))) == wanted
        assert list(itertools.chain(*walk(program, f"{asked}&page=1", "next"))) == wanted
        last = links(program.get(asked))["last"]
        assert list(itertools.chain(*reversed(walk(program, last, "prev")))) == wanted


def test_pages_by_number_know_all_their_neighbours(app: Flask, admin: User, crowd: list[User]) -> None:
    program = program_of(app, admin)
    answer = program.get("/api/users?limit=5&page=2&sort=username")
    base = "/api/users?limit=5&sort=username&page="
    assert links(answer) == {"first": f"{base}1", "prev": f"{base}1", "next": f"{base}3", "last": f"{base}3"}
    assert answer.headers["X-Total-Count"] == "13"


def test_beyond_the_end_there_is_nothing(app: Flask, admin: User, crowd: list[User]) -> None:
    answer = program_of(app, admin).get("/api/users?limit=5&page=9")
    assert answer.get_json() == []
    assert links(answer)["prev"] == "/api/users?limit=5&page=3"
    assert "next" not in links(answer)


def test_the_neighbours_of_a_page_keep_what_was_asked(app: Flask, admin: User, crowd: list[User]) -> None:
    answer = program_of(app, admin).get("/api/users?q=person0&limit=4&sort=-username")
    assert answer.headers["X-Total-Count"] == "10"
    for address in links(answer).values():
        assert address.startswith("/api/users?q=person0&limit=4&sort=-username")


def test_who_joins_meanwhile_makes_nobody_be_told_twice(app: Flask, admin: User, crowd: list[User]) -> None:
    program = program_of(app, admin)
    first = program.get("/api/users?limit=5")
    make.user("aaron")
    make.user("person02b")
    second = program.get(links(first)["next"])
    told = [person["username"] for answer in (first, second) for person in answer.get_json()]
    assert len(told) == len(set(told)) == 10
    before = program.get(links(second)["prev"]).get_json()
    assert [person["username"] for person in before] == [
        "person00",
        "person01",
        "person02",
        "person02b",  # who is there by now
        "person03",
    ]


def test_who_is_deleted_meanwhile_loses_nobody_else(app: Flask, admin: User, crowd: list[User]) -> None:
    program = program_of(app, admin)
    first = program.get("/api/users?limit=5")
    last_of_page = db.session.scalar(User.named(first.get_json()[-1]["username"]))
    db.session.delete(last_of_page)
    second = program.get(links(first)["next"])
    assert second.get_json()[0]["username"] == expected(crowd, "")[5]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("limit=1.0", "limit"),
        ("limit=", "limit"),
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=1000001", "page"),
        ("sort=password_hash", "sort.0"),
        ("sort=username;drop", "sort.0"),
        ("sort=", "sort"),
        ("sort=%2Busername", "sort.0"),
    ],
)
def test_what_a_list_cannot_be_asked_is_refused(app: Flask, alice: User, asked: str, field: str) -> None:
    answer = program_of(app, alice).get(f"/api/users?{asked}")
    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize("cursor", ["0", "%00", "WyJpZCJd.AAAA", "a" * 2000, "\u00e9"])
def test_a_cursor_that_was_not_given_out_leads_nowhere(app: Flask, alice: User, cursor: str) -> None:
    answer = program_of(app, alice).get(f"/api/users?cursor={cursor}")
    assert answer.status_code == 404
    assert list(answer.get_json()["errors"]) == ["cursor"]


def test_a_cursor_goes_with_its_own_order_only(app: Flask, admin: User, crowd: list[User]) -> None:
    program = program_of(app, admin)
    following = links(program.get("/api/users?limit=5&sort=-username"))["next"]
    other = following.replace("sort=-username", "sort=email")
    for wrong in (other, f"{following}&page=2"):
        answer = program.get(wrong)
        assert answer.status_code == 422
        assert list(answer.get_json()["errors"]) == ["cursor"]
    assert program.get(following.replace("sort=-username&", "")).status_code == 200


def test_a_cursor_lends_nobody_an_order_that_is_not_theirs(app: Flask, admin: User, alice: User) -> None:
    following = links(program_of(app, admin).get("/api/users?limit=1&sort=email"))["next"]
    assert program_of(app, alice).get(following.replace("sort=email&", "")).status_code == 403


@pytest.mark.parametrize("asked", ["", "&page=2", "&sort=email"])
def test_a_list_costs_the_same_however_long_it_is(app: Flask, admin: User, asked: str) -> None:
    program = program_of(app, admin)

    def cost() -> Any:
        program.get(f"/api/users?limit=3{asked}")
        with count_queries() as statements:
            assert program.get(f"/api/users?limit=3{asked}").status_code == 200
        return len(statements)

    make.user(), make.user(), make.user()
    before = cost()
    for _ in range(10):
        make.user()
    assert cost() == before <= 4


# Which fields


def test_whoever_asks_says_what_is_told(app: Flask, admin: User, crowd: list[User]) -> None:
    program = program_of(app, admin)
    answer = program.get("/api/users?q=person0&limit=1&fields=username,id")
    assert answer.get_json() == [{"id": crowd[0].id, "username": "person00"}]
    assert all("fields=username" in address for address in links(answer).values())


@pytest.mark.parametrize("name", ["password_hash", "", "id,id,wings"])
def test_what_is_not_told_cannot_be_asked_for(app: Flask, admin: User, name: str) -> None:
    answer = program_of(app, admin).get(f"/api/users?fields={name}")
    assert answer.status_code == 422
    assert all(name.partition(".")[0] == "fields" for name in answer.get_json()["errors"])
