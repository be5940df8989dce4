"""Limits, tried by many at the same moment: exactly as many pass as may."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask

from blog.limits import HOUR, MINUTE, Limit, Rate
from tests import tries
from tests.at_once import at_once
from tests.conftest import DEFAULTS, visitor
from tests.limited import Site, counts, sites, try_often


@pytest.fixture
def site(app_with: Callable[..., Flask]) -> Site:
    return sites(app_with)


def test_of_many_at_once_exactly_as_many_pass_as_may(site: Site) -> None:
    made = site(Limit(Rate(20, HOUR)))
    answers = at_once(made, *[lambda: visitor(made).post("/tried").status_code] * 50)
    assert sorted(answers) == [200] * 20 + [429] * 30


def test_of_tries_that_begin_anew_at_once_exactly_as_many_pass_as_may(
    clock: time_machine.Traveller, site: Site
) -> None:
    made = site(Limit(Rate(5, MINUTE)))
    try_often(visitor(made), 6)
    clock.shift(60)
    answers = at_once(made, *[lambda: visitor(made).post("/tried").status_code] * 20)
    assert sorted(answers) == [200] * 5 + [429] * 15


@pytest.fixture(scope="module")
def two_processes() -> Iterator[list[tries.Process]]:
    with tries.started() as one, tries.started() as another:
        yield [one, another]


def test_two_processes_count_together(app: Flask, two_processes: list[tries.Process]) -> None:
    """160 tries against a limit of 50: exactly 50 pass."""
    settings = {**DEFAULTS, "LOG_LEVEL": "ERROR"}
    settings |= {name: app.config[name] for name in ("DATABASE_URL", "SECRET_KEY", "SITE_URL")}
    for process in two_processes:
        process.tell(limit=50, tries=80, threads=8, settings=settings)
    assert [process.hear() for process in two_processes] == ["ready", "ready"]
    for process in two_processes:
        process.tell(go=True)
    told = [process.hear() for process in two_processes]
    assert sum(answers.get("200", 0) for answers in told) == 50
    assert sum(answers.get("429", 0) for answers in told) == 110
    assert counts() == {"comment: 127.0.0.1": 50}


def test_what_was_taken_back_by_many_at_once_is_taken_back_once_each(site: Site) -> None:
    made = site(Limit(Rate(100, HOUR), failures=True))
    assert at_once(made, *[lambda: visitor(made).post("/tried").status_code] * 20) == [200] * 20
    assert counts() == {"comment: 127.0.0.1": 0}
