"""Who has an account here is not told: neither by an answer nor by how long it takes.

`bin/bench timing` measures the time itself. Here is counted what makes it: what the database is asked, and how often a
password is hashed.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask

from blog.accounts import passwords
from blog.accounts.models import User
from blog.db import now, transaction
from tests import make
from tests.conftest import visitor
from tests.queries import count_queries
from tests.visitor import Visitor

Work = tuple[list[str], list[str]]

# Known and unknown, of the same length.
NAMES = [("alice", "zelda"), ("alice@example.com", "zelda@example.com"), ("ALICE", "ZELDA")]


@contextmanager
def counting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the hasher meanwhile."""
    asked: list[str] = []
    hasher = passwords.hasher()

    class Counting:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            asked.append(name)
            return getattr(hasher, name)  # type: ignore[no-any-return]

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "hasher", Counting)
        yield asked


@pytest.fixture
def work(client: Visitor, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Work]:
    """What a form makes the site do: the statements, without their values, and what the hasher is asked."""
    passwords.nobodys_hash()  # made once in the life of a process

    def look(address: str, **typed: str) -> Work:
        with counting(monkeypatch) as hashed, count_queries() as statements:
            client.post(address, data=typed)
        return [re.sub(r"\s+", " ", statement) for statement in statements], hashed

    return look


@pytest.mark.parametrize(("known", "unknown"), NAMES)
def test_signing_in_is_the_same_work_for_known_and_unknown_names(
    work: Callable[..., Work], alice: User, known: str, unknown: str
) -> None:
    first = work("/login", username=known, password="not the password")
    assert work("/login", username=unknown, password="not the password") == first
    statements, hashed = first
    assert hashed == ["verify"]
    assert len([one for one in statements if one.startswith("INSERT INTO entries")]) == 1


def test_so_is_signing_in_by_whatever_keeps_somebody_out(work: Callable[..., Work], alice: User) -> None:
    unknown = work("/login", username="zelda", password=make.PASSWORD)
    make.user("ghost", password=None)
    assert work("/login", username="ghost", password=make.PASSWORD) == unknown
    with transaction():
        alice.deactivate(now())
    assert work("/login", username="alice", password=make.PASSWORD) == unknown


@pytest.mark.parametrize(("known", "unknown"), NAMES)
def test_asking_for_a_letter_is_the_same_work_for_known_and_unknown_names(
    work: Callable[..., Work], alice: User, known: str, unknown: str
) -> None:
    first = work("/password/forgot", email=known)
    assert work("/password/forgot", email=unknown) == first
    statements, hashed = first
    assert hashed == []
    assert any(one.startswith("INSERT INTO jobs") for one in statements)


def test_a_try_that_hashes_less_would_be_found(
    work: Callable[..., Work], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = work("/login", username="alice", password="not the password")
    monkeypatch.setattr(
        passwords, "fits", lambda kept, password: bool(kept and passwords.verified(kept, password))
    )
    assert work("/login", username="alice", password="not the password") == known
    assert work("/login", username="zelda", password="not the password") != known


def test_the_answers_have_the_same_headers(app: Flask, alice: User) -> None:
    for address, field in (("/login", "username"), ("/password/forgot", "email")):
        known, unknown = (
            visitor(app).post(address, data={field: name, "password": "not the password"})
            for name in ("alice", "zelda")
        )
        assert known.status_code == unknown.status_code
        assert set(known.headers.keys()) == set(unknown.headers.keys())
        assert known.headers.get("Location") == unknown.headers.get("Location")
        assert known.content_length == unknown.content_length
