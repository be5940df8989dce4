"""API tokens in a browser: made, shown once, used by a program, ended; and the API's description read."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from blog.accounts.models import User
from tests.browser.person import Person

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])  # the API is tested on both without a browser


def status(address: str, key: str) -> int:
    request = urllib.request.Request(f"{address}/api/users", headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - our own server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_somebody_makes_a_token_and_ends_it(alice: User, address: str, arrive: Callable[..., Person]) -> None:
    her = arrive(alice)
    her.goes_to("/account/")
    her.follows("API tokens")
    her.is_headed("API tokens")
    her.presses("Make a token")
    her.is_told_beside("What is it for?", "Say what it is for.")
    her.types({"What is it for?": "For backups"})
    her.field("It may").select_option("write")
    her.field("It ends").select_option("never")
    her.presses("Make a token")
    her.is_headed("For backups")
    key = her.page.locator("pre code").inner_text()
    assert re.fullmatch(r"mh_[A-Za-z0-9_-]{43}", key)
    assert status(address, key) == 200

    her.follows("I have kept it")
    her.reads("For backups", "write", "until it is ended", "last ")
    her.does_not_read(key)
    her.presses("End")
    her.is_told("“For backups” is good for nothing from now on.")
    assert status(address, key) == 401


def test_the_description_leads_to_what_it_speaks_of(arrive: Callable[..., Person]) -> None:
    somebody = arrive()
    somebody.goes_to("/api/docs")
    somebody.is_headed("The API")
    somebody.follows("Make an account")
    somebody.is_at("/api/docs")
    expect(somebody.page.get_by_role("heading", name="Make an account")).to_be_in_viewport()
    somebody.page.locator("#create_person ~ details summary").first.click()
    expect(somebody.page.get_by_role("group", name="Answers").locator("visible=true").first).to_be_visible()
