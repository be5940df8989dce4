"""What all forms share: they save in one transaction, once, and keep what was typed."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask, flash, get_flashed_messages
from flask_login import login_user
from sqlalchemy import func, insert, select
from wtforms import HiddenField, StringField

from blog.accounts.models import User
from blog.db import db, now
from blog.errors import Conflict, Forbidden, Invalid, Problem, Unavailable
from blog.forms import KEPT_FOR, Form, FormOnce, Submission
from blog.tags.models import Tag
from tests import make


class Plain(Form):
    name = StringField()
    version = HiddenField()


class Once(FormOnce):
    name = StringField()


@pytest.fixture
def sent(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST", data={"name": "Tea", "nonce": "once"}):
        yield


def save(form: Form, name: str = "Tea", location: str = "/there") -> bool:
    return form.saves(lambda: [make_tag(name), location][1])


def make_tag(name: str) -> str:
    Tag.named([name])
    flash("Saved.")
    return name


def fail(problem: Exception) -> Callable[[], str]:
    def act() -> str:
        make_tag("Tea")
        raise problem

    return act


def number_of_tags() -> int:
    return db.session.scalar(select(func.count()).select_from(Tag)) or 0


def test_it_works(sent):
    form = Plain()
    assert form.validate()
    assert save(form)
    assert (form.location, form.problem, form.status_code) == ("/there", None, 200)
    assert number_of_tags() == 1
    assert get_flashed_messages() == ["Saved."]


@pytest.mark.parametrize(
    ("problem", "at_field", "at_top"),
    [
        (Conflict("Taken.", "name"), "Taken.", None),
        (Invalid("Wrong.", "name"), "Wrong.", None),
        (Conflict("Late.", "version"), None, "Late."),
        (Conflict("Odd.", "no such field"), None, "Odd."),
        (Unavailable("Away."), None, "Away."),
        (Forbidden("No."), None, "No."),
    ],
    ids=lambda case: getattr(case, "detail", str(case)),
)
def test_a_problem_is_told_where_it_belongs_and_nothing_is_saved(sent, problem: Problem, at_field, at_top):
    form = Plain()
    assert form.validate()
    assert not form.saves(fail(problem))
    assert form.name.errors == ([at_field] if at_field else [])
    assert (form.problem, form.status_code) == (at_top, problem.status)
    assert form.name.data == "Tea"
    assert number_of_tags() == 0
    assert get_flashed_messages() == []


def test_what_is_no_problem_of_the_person_is_raised(sent):
    with pytest.raises(ZeroDivisionError):
        Plain().saves(fail(ZeroDivisionError()))
    assert number_of_tags() == 0


def test_what_is_done_afterwards_is_done_only_after_a_commit(sent):
    done: list[int] = []
    form = Plain()
    form.when_saved(lambda: done.append(number_of_tags()))
    assert not form.saves(fail(Conflict("Taken.")))
    assert done == []
    assert save(form)
    assert done == [1]


@pytest.mark.parametrize("text", ["a\x00b", "\x1b"])
@pytest.mark.parametrize("field", ["name", "version"])
def test_no_field_takes_what_no_text_should_hold(app, field, text):
    with app.test_request_context("/", method="POST", data={field: text}):
        form = Plain()
        assert not form.validate()
        assert "cannot be seen" in form.errors[field][0]
        assert form.status_code == 422


# Once


def test_sent_twice_it_is_done_once_and_both_are_led_there(sent):
    for location in ("/first", "/second"):
        form = Once()
        assert form.validate()
        assert save(form, name=location, location=location)
        assert form.location == "/first"
    assert number_of_tags() == 1


def test_without_a_key_it_gets_one(app):
    with app.test_request_context("/", method="POST", data={"name": "Tea"}):
        form = Once()
        assert form.validate()
        assert form.nonce.data
        assert save(form)


@pytest.mark.parametrize(
    "other", [{"name": "Rain"}, {"name": ["Tea", "Rain"]}, {"more": ""}, {"path": "/other"}], ids=str
)
def test_with_something_else_in_it_it_comes_back_with_a_new_key(app, sent, other):
    assert save(Once())
    data = {"name": "Tea", "nonce": "once", **other}
    with app.test_request_context(str(data.pop("path", "/")), method="POST", data=data):
        form = Once()
        assert not save(form)
        assert "saved before" in str(form.problem)
        assert (form.status_code, form.nonce.data == "once") == (409, False)
        assert save(form)


def test_another_csrf_token_is_not_something_else(app, sent):
    assert save(Once())
    data = {"name": "Tea", "nonce": "once", "csrf_token": "another"}
    with app.test_request_context("/", method="POST", data=data):
        assert save(Once())


def test_the_key_is_one_of_each_person(app, sent, alice: User):
    assert save(Once(), location="/nobody")
    with app.test_request_context("/", method="POST", data={"name": "Tea", "nonce": "once"}):
        login_user(alice)
        form = Once()
        assert not save(form, location="/alice")
    assert number_of_tags() == 1


def test_keys_are_forgotten_after_two_days(sent):
    ages = {"old": KEPT_FOR + timedelta(minutes=1), "young": KEPT_FOR - timedelta(minutes=1)}
    rows = [{"nonce": name, "created_at": now() - age} for name, age in ages.items()]
    db.session.execute(insert(Submission).values(person="nobody", digest="", location="/"), rows)
    db.session.commit()
    assert save(Once())
    assert set(db.session.scalars(select(Submission.nonce))) == {"young", "once"}


def test_a_form_that_failed_may_be_sent_again(sent):
    form = Once()
    assert not form.saves(fail(Unavailable()))
    assert save(Once())
    assert make.tag("Tea").name == "Tea"
