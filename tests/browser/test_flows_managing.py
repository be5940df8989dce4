"""People in a browser: found, changed many at once, and one by one, until they are gone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from blog.accounts.models import User
from tests import make
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize(
    "engine_name", ["sqlite"]
)  # its questions are tested on both without a browser


def test_an_admin_finds_people_and_keeps_two_of_them_out(
    admin: User, alice: User, bob: User, charlie: User, arrive: Callable[..., Person]
) -> None:
    his = arrive(admin)
    his.goes_to("/admin/settings")
    his.follows("People")
    his.reads("4 people.")
    his.types({"Name or e-mail": "EXAMPLE.COM"})
    his.page.locator("#role-filter").select_option("author")
    his.field("Sorted by").select_option("-username")
    his.presses("Show")
    his.reads("2 people are like that.")
    his.does_not_read("charlie@example.com")
    his.field("Choose alice").check()
    his.field("Choose bob").check()
    his.presses("Deactivate")
    his.is_told("Deactivated: alice, bob.")
    his.is_at("/admin/people")
    his.reads("2 people are like that.", "Author, deactivated")
    his.presses("Activate")
    his.is_told("Choose from 1 to 500 people.")


def test_an_admin_mends_an_account_and_deletes_another(
    admin: User, alice: User, bob: User, arrive: Callable[..., Person]
) -> None:
    make.post(bob, title="A quiet morning", slug="quiet")
    his = arrive(admin)
    his.goes_to("/admin/people")
    his.follows("Bob")
    his.is_headed("Bob")
    his.types({"Username": "аlice", "Name": "Robert"})
    his.presses("Save")
    his.is_told_beside("Username", "mixes Cyrillic and Latin")
    his.types({"Username": "a1ice"})
    his.presses("Save")
    his.is_told_beside("Username", "looks just like one")
    his.finds_typed({"Name": "Robert"})
    his.types({"Username": "robert"})
    his.presses("Save")
    his.is_told("It is saved.")
    his.is_headed("Robert")
    his.presses("Deactivate")
    his.is_told("robert can no longer sign in")
    his.presses("Activate")
    his.is_told("robert may sign in again.")

    his.follows("Delete the account")
    his.reads("1 post")
    his.presses("Delete the account")
    his.is_told_beside("Give their posts to", "robert wrote 1 post.")
    his.types({"Give their posts to": "alice"})
    his.presses("Delete the account")
    his.is_told("robert is deleted.")
    his.goes_to("/posts/quiet")
    expect(his.page.locator("main .byline")).to_contain_text("Alice")
