"""People and their accounts, in a browser: setting up, signing in and out, profile, password, settings."""

import re
from collections.abc import Callable

import pytest

from blog.accounts.models import User
from blog.db import db
from blog.settings import Settings
from tests import make
from tests.browser.conftest import serving
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize(
    "engine_name", ["sqlite"]
)  # signing in is tested on both without a browser

NEW_PASSWORD = "a sentence that nobody guesses"
SIGN_IN = {"Username or e-mail": "alice", "Password": make.PASSWORD}


def test_whoever_has_the_printed_key_sets_the_site_up(
    arrive: Callable[..., Person], empty_database: str
) -> None:
    with serving(empty_database) as server:
        printed = re.search(r"http://\S+/setup\?key=\S+", server.log.read_text())
        assert printed
        ann = arrive()
        ann.goes_to(printed[0])
        person = {"Name": "Ann Ott", "Username": "ann", "E-mail": "ann@example.com"}
        ann.types({"Title of the site": "The Ann", **person})
        ann.types({"Password": NEW_PASSWORD, "The same again": "something else"})
        ann.presses("Begin")
        ann.is_told_beside("The same again", "The two are not the same.")
        ann.finds_typed({"Title of the site": "The Ann", **person})
        ann.types({"Password": NEW_PASSWORD, "The same again": NEW_PASSWORD})
        ann.presses("Begin")
        ann.is_told("Welcome. This is your site")
        ann.is_headed("New post")
        ann.goes_to(printed[0])
        ann.is_headed("There is nothing at this address")


def test_somebody_signs_in_at_the_second_try_and_out_again(
    alice: User, arrive: Callable[..., Person]
) -> None:
    somebody = arrive()
    somebody.goes_to("/")
    somebody.follows("Sign in")
    somebody.types({**SIGN_IN, "Password": "not my password"})
    somebody.presses("Sign in")
    somebody.is_told("This name and this password do not belong together.")
    somebody.finds_typed({"Username or e-mail": "alice", "Password": ""})
    somebody.types({**SIGN_IN, "Username or e-mail": "alice@example.com"})
    somebody.presses("Sign in")
    somebody.follows("Alice")
    somebody.is_headed("Your account")
    somebody.presses("Sign out")
    somebody.is_told("You are signed out.")
    somebody.goes_to("/account/")
    somebody.is_headed("Sign in")


def test_whoever_has_to_sign_in_goes_on_where_they_wanted(alice: User, arrive: Callable[..., Person]) -> None:
    somebody = arrive()
    somebody.goes_to("/posts/?status=draft")
    somebody.types(SIGN_IN)
    somebody.presses("Sign in")
    somebody.is_headed("Posts")
    assert somebody.page.url.endswith("/posts/?status=draft")


def test_a_profile_is_changed_and_readers_see_it(alice: User, arrive: Callable[..., Person]) -> None:
    make.post(alice, title="A quiet morning", slug="quiet")
    person, reader = arrive(alice), arrive()
    person.follows("Alice")
    person.types({"Name": " ", "About you": "Fell down\na hole."})
    person.presses("Save profile")
    person.is_told_beside("Name", "Give a name.")
    person.finds_typed({"About you": "Fell down\na hole."})
    person.types({"Name": "Alice Liddell"})
    person.presses("Save profile")
    person.is_told("Your profile is saved.")
    reader.goes_to("/posts/quiet")
    reader.reads("Alice Liddell", "Fell down a hole.")
    reader.follows("Alice Liddell")
    reader.is_headed("Alice Liddell")


def test_an_address_of_somebody_else_cannot_be_taken(
    alice: User, bob: User, arrive: Callable[..., Person]
) -> None:
    person = arrive(alice)
    person.follows("Alice")
    person.follows("E-mail")
    person.types({"E-mail": "bob@example.com"})
    person.presses("Save address")
    person.is_told_beside("E-mail", "That e-mail address is taken.")
    person.finds_typed({"E-mail": "bob@example.com"})


def test_a_new_password_signs_other_devices_out(alice: User, arrive: Callable[..., Person]) -> None:
    desk, telephone = arrive(alice), arrive(alice)
    desk.goes_to("/account/")
    desk.follows("Password")
    new = {"New password": NEW_PASSWORD, "The same again": NEW_PASSWORD}
    desk.types({"Present password": "a wrong one", **new})
    desk.presses("Change password")
    desk.is_told_beside("Present password", "This is not your present password.")
    desk.types({"Present password": make.PASSWORD, **new})
    desk.presses("Change password")
    desk.is_told("Your password is changed; other devices are signed out.")
    telephone.goes_to("/account/")
    telephone.is_headed("Sign in")
    telephone.types({**SIGN_IN, "Password": NEW_PASSWORD})
    telephone.presses("Sign in")
    telephone.is_headed("Your account")


def test_settings_are_changed_and_readers_see_them(owner: User, arrive: Callable[..., Person]) -> None:
    make.post(owner, title="The first")
    make.post(owner, title="The second")
    person, reader = arrive(owner), arrive()
    person.follows("Settings")
    person.types({"Title": "The Daily Owl", "Tagline": "All that hoots", "Posts per page": "0"})
    person.presses("Save settings")
    person.is_told_beside("Posts per page", "From 1 to 100.")
    person.finds_typed({"Title": "The Daily Owl", "Tagline": "All that hoots"})
    person.types({"Posts per page": "1", "Language": "de"})
    person.field("Time zone").select_option("Pacific/Auckland")
    person.field("Readers may comment").uncheck()
    person.presses("Save settings")
    person.is_told("The settings are saved.")
    reader.goes_to("/")
    reader.is_headed("The Daily Owl")
    reader.follows("Page 2")
    reader.follows("The first")
    reader.reads("Comments are closed.")
    db.session.commit()  # so that what is read is what is stored now
    settings = db.session.get(Settings, 1)
    assert settings
    assert (settings.language, settings.time_zone) == ("de", "Pacific/Auckland")
