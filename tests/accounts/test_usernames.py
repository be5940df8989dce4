"""Usernames: in any script, but in one; and none that looks like another."""

import json
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import update

from blog.accounts import usernames
from blog.accounts.models import User, key_of
from blog.accounts.usernames import check, fits, look_of, normal, prototypes, skeleton
from blog.db import db, transaction
from blog.errors import Conflict, Invalid
from config import ROOT
from tests import make
from tests.at_once import at_once
from tests.corpora import corpus
from tests.program import program_of

GOOD = [
    "alice",
    "a",
    "Bob.B_2-x",
    "_x",
    "42",
    "Łukasz",
    "e\u0301milie",
    "Иван",
    "Αθηνά",
    "हिन्दी",
    "สวัสดี",
    "မြန်မာ",
    "עִברִית",
    "مريم",
    "田中さん",
    "김철수",
    "ー田",
    "१२",
]


@pytest.mark.parametrize("name", GOOD)
def test_every_script_is_good(name: str) -> None:
    check(normal(name))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pаypal", "this mixes Cyrillic and Latin"),
        ("ελ-en", "this mixes Greek and Latin"),
        ("山田taro", "this mixes Han and Latin"),
        ("김たろう", "this mixes Hangul and Hiragana"),
        ("١२", "mixes"),
        ("x१", "this mixes Devanagari and Latin"),
    ],
)
def test_what_mixes_scripts_is_refused_and_told_why(name: str, told: str) -> None:
    with pytest.raises(Invalid) as problem:
        check(normal(name))
    assert told in problem.value.detail
    assert problem.value.field == "username"


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        ".a",
        "a.",
        "a..b",
        "a@b",
        "a/b",
        "<b>",
        "ad\u200bmin",
        "ad\u202emin",
        "a\u0336lice",
        "\u0301a",
        "\u3164",
        "\u1160",
        "a\ufe0f",
        "क" + "ि" * 5,
        "\U0001f600",
        "a\nb",
        "a\0b",
        "\ud800",
    ],
    ids=ascii,
)
def test_what_is_no_name_is_refused(name: str) -> None:
    assert not fits(normal(name))


ALIKE = [
    ("bob", "b0b"),
    ("bob", "BOB"),
    ("Alice", "AIice"),
    ("alice", "аӏісе"),
    ("mike", "mıke"),
    ("modern", "modem"),
    ("paypal", "раураӏ"),
    ("coco", "сосо"),
    ("OXO", "ΟΧΟ"),
    ("ss", "ß"),
    ("i", "\u0130"),
]


@pytest.mark.parametrize(("name", "other"), ALIKE)
def test_two_that_look_alike_are_one(app: Flask, name: str, other: str) -> None:
    make.user(name, email=None)
    with pytest.raises(Conflict) as conflict, transaction():
        db.session.add(User(username=normal(other), display_name="Other"))
    assert (conflict.value.field, conflict.value.kind) == ("username", "taken")


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("anna", "anne"),
        ("zak", "żak"),
        ("ivan", "иван"),
        ("writer1", "writer2"),
        ("hall", "hail"),
        ("o.k", "ok"),
    ],
)
def test_two_that_do_not_are_two(app: Flask, name: str, other: str) -> None:
    make.user(name, email=None)
    make.user(other, email=None)


@pytest.mark.parametrize(
    "pair", json.loads((corpus("generated") / "lists/confusable_pairs.json").read_text()), ids=ascii
)
def test_no_pair_of_the_collection_makes_two_people(pair: tuple[str, str]) -> None:
    one, other = map(normal, pair)
    same = key_of(one) == key_of(other) or look_of(one) == look_of(other)
    assert same or not (fits(one) and fits(other))


def test_the_simplest_is_as_simple_as_can_be() -> None:
    """A prototype has no prototype, so that it does not matter how often one looks."""
    assert len(prototypes()) > 6000
    assert [letter for letter in prototypes() if skeleton(skeleton(letter)) != skeleton(letter)] == []


def test_the_longest_look_fits_its_column() -> None:
    assert max(len(look_of(letter * usernames.LONGEST)) for letter in "mｍ㎜Ꜳﬃæ김ऊ") < usernames.LONGEST_LOOK


def test_the_data_is_read_when_it_is_needed() -> None:
    """Most processes name nobody."""
    look = (
        "import wsgi; from blog.accounts import usernames; print(usernames.prototypes.cache_info().currsize)"
    )
    told = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["0"]


# Told where the name is given


def test_the_api_tells_that_it_is_taken(app: Flask, admin: User, alice: User) -> None:
    answer = program_of(app, admin).post("/api/users", json={"username": "аӏісе"})
    assert answer.status_code == 409
    assert answer.get_json()["errors"] == {
        "username": ["That username is taken, or looks just like one that is."]
    }
    assert answer.get_json()["type"].endswith("#taken")
    renamed = program_of(app, admin).patch(f"/api/users/{admin.id}", json={"username": "аӏісе"})
    assert renamed.status_code == 409


def test_the_api_tells_that_scripts_are_mixed(app: Flask, admin: User) -> None:
    answer = program_of(app, admin).post("/api/users", json={"username": "аlice"})
    assert answer.status_code == 422
    assert "Cyrillic and Latin" in answer.get_json()["errors"]["username"][0]


def test_a_command_tells_both(app: Flask, alice: User) -> None:
    create = ["users", "create", "--email", "x@example.com", "--password-stdin"]
    for name, told in (("аӏісе", "looks just like"), ("аlice", "one script"), ("a b", "letters and digits")):
        ended = app.test_cli_runner().invoke(args=[*create, name], input="a rather long passphrase\n")
        assert ended.exit_code == 1
        assert told in ended.output


def test_of_two_at_once_that_look_alike_one_gets_in(app: Flask, admin: User) -> None:
    program = program_of(app, admin)
    names = ["coco", "сосо", "c0c0", "ⲥⲟⲥⲟ"]
    ended = at_once(
        app,
        *[
            lambda name=name: program.post("/api/users", json={"username": name}).status_code
            for name in names
        ],
    )
    assert sorted(ended) == [201, 409, 409, 409]


def test_the_database_holds_the_rule(app: Flask, alice: User, bob: User) -> None:
    with pytest.raises(Conflict), transaction():
        db.session.execute(update(User).where(User.id == bob.id).values(username_look=alice.username_look))
